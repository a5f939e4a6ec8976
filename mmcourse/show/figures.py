"""Figures as HTML with a real alt text (a PNG's metadata alone sets none in JupyterLab or nbconvert)."""

import base64
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib import font_manager, rcsetup
from PIL import Image
from torch import Tensor

from .chinese import marked

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType  # not every matplotlib has it

# Okabe & Ito's palette for colour-blind readers; markers differ too, so nothing depends on colour.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
WIDTH = 7.0  # inches, every figure
# On a narrow page a figure shrinks to this and no further: then one scrolls. Smaller, its words can't be read.
NARROWEST = "36em"
CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "Heiti TC"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "SimHei", "Noto Sans CJK JP", "Droid Sans Fallback"),
)

STYLE: "dict[RcKeyType, Any]" = {
    "axes.prop_cycle": rcsetup.cycler(color=PALETTE) + rcsetup.cycler(marker=MARKERS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    # What DejaVu, matplotlib's own font, lacks is taken from the first of these that is installed.
    "font.family": ["sans-serif", *[name for name in CHINESE if name in font_manager.get_font_names()][:1]],
    "font.size": 11,
    "figure.facecolor": "white",
    "savefig.dpi": 110,
}


@contextmanager
def figure(title: str, alt: str, height: float = 3.2, columns: int = 1, folded: str = "") -> Iterator:
    """`with figure("It rises", "A line that …") as ax:` draw; it is shown at the end of the block.

    title    the finding, in a few words
    alt      what is to be seen, in a sentence or two, for those who don't see it
    columns  more than one: yields a list of axes side by side
    folded   words to click on before it opens, such as for the still figure of a widget

    Raises ValueError where the title or the alt text is empty.
    """
    if not title.strip() or not alt.strip():
        raise ValueError("a figure needs a title that says the finding, and an alt text that says what is to be seen")
    with plt.rc_context(STYLE):
        drawing, axes = plt.subplots(1, columns, figsize=(WIDTH, height), squeeze=False)
        drawing.set_layout_engine("constrained", h_pad=0.08)  # inches: room for what the layout is off by
        drawing.suptitle(title, x=0.01, horizontalalignment="left", fontweight="bold", fontsize=12)
        try:
            yield axes[0, 0] if columns == 1 else list(axes[0])
            png, lacking = _drawn(drawing)
        finally:
            plt.close(drawing)
    html = _img(png, alt, f"min-width:{NARROWEST}")
    if lacking:
        html += f"<p><small>A box stands for a sign that no font here has. In words: {marked(alt)}</small></p>"
    if folded:
        html = f"<details><summary>{escape(folded)}</summary>{html}</details>"
    display({"text/html": html, "text/plain": f"[figure] {alt}"}, raw=True)


def _drawn(drawing: plt.Figure) -> tuple[bytes, bool]:
    """A figure as a PNG, and whether signs of it are in no font."""
    png, lacking = io.BytesIO(), False
    with warnings.catch_warnings(record=True) as heard:
        warnings.filterwarnings("always", message="Glyph .* missing")
        drawing.draw_without_rendering()  # the layout needs a second draw: in the first a long label touches the edge
        drawing.savefig(png, format="png")
    for one in heard:
        if str(one.message).startswith("Glyph"):
            lacking = True
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return png.getvalue(), lacking


def grid(images: Tensor, captions: Sequence[str], source: str, alts: Sequence[str] | None = None) -> None:
    """Pictures in a row with their captions under them, and where they come from.

    images (N, 3, H, W) uint8; captions N strings, a line break in them is kept; alts say what is to be seen, where
    the captions do not; source is required by the pictures' licences and shown below.
    Raises ValueError where the numbers of pictures and captions differ.
    """
    alts = captions if alts is None else alts
    if len(images) != len(captions):
        raise ValueError(f"{len(images)} pictures and {len(captions)} captions: one caption for each picture")
    cells = "".join(
        "<figure style='display:inline-block;margin:.4em;text-align:center;vertical-align:top;max-width:9em'>"
        f"{_img(_png(image), alt)}<figcaption>{'<br>'.join(map(marked, caption.splitlines()))}</figcaption></figure>"
        for image, caption, alt in zip(images, captions, alts, strict=True)
    )
    html = f"<div>{cells}<p style='margin:0'><small>{escape(source)}</small></p></div>"
    display({"text/html": html, "text/plain": f"[pictures] {'; '.join(alts)}. {source}"}, raw=True)


def _png(image: Tensor) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(file, "png")  # (3, H, W) -> (H, W, 3)
    return file.getvalue()


def _img(png: bytes, alt: str, style: str = "") -> str:
    data = base64.b64encode(png).decode()
    style = f"max-width:100%;border-radius:4px;{style}"
    return f"<img alt='{escape(alt)}' src='data:image/png;base64,{data}' style='{style}'>"
