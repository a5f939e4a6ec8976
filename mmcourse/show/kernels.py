"""A toy to play with: nine numbers slide over a drawing, and one sees what they look for."""

import io
from functools import cache

import matplotlib
import torch
from PIL import Image
from torch import Tensor

from .controls import play
from .figures import _img, figure

PRESETS: dict[str, tuple[float, ...]] = {
    "as it is": (0, 0, 0, 0, 1, 0, 0, 0, 0),
    "left-right": (-1, 0, 1, -2, 0, 2, -1, 0, 1),
    "top-bottom": (-1, -2, -1, 0, 0, 0, 1, 2, 1),
    "outline": (-1, -1, -1, -1, 8, -1, -1, -1, -1),
    "blur": (1, 1, 1, 1, 1, 1, 1, 1, 1),
}
PLACES = (
    ("top left", "top", "top right"),
    ("left", "middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)
DRAWINGS = ("zebra", "cat face", "house", "chequered flag")


@cache
def ink(name: str, size: int = 48) -> Tensor:
    """An emoji in grey, 0 for white and 1 for black: (size, size). Raises ValueError for an unknown name."""
    from mmcourse.data.emoji import EmojiPairs

    pairs = EmojiPairs(None, size, ("en",))
    return 1 - pairs.images[pairs.text["en"].index(name)].float().mean(0) / 255  # (3, H, W) -> (H, W)


def response(drawing: Tensor, numbers: tuple[float, ...]) -> Tensor:
    """The nine numbers at every place of a drawing: (H, W) -> (H - 2, W - 2)."""
    from mmcourse.vision import conv2d

    kernel = torch.tensor(numbers, dtype=drawing.dtype).view(1, 1, 3, 3)
    return conv2d(drawing[None, None], kernel)[0, 0]  # (1, 1, H, W) -> (H - 2, W - 2)


def kernels() -> None:
    """Nine numbers to set, five ready-made kernels and four drawings; by keyboard too.

    Where widgets do not run, a figure that opens below stands for it.
    """
    import ipywidgets as w

    wide, layout = {"description_width": "6.5em"}, {"width": "11em", "flex": "none"}
    narrow = {"description_width": "initial", "button_width": "auto"}
    ready = w.ToggleButtons(options=list(PRESETS), value="left-right", description="Kernel:", style=narrow)
    which = w.ToggleButtons(options=list(DRAWINGS), value=DRAWINGS[0], description="Drawing:", style=narrow)
    boxes = [
        w.BoundedFloatText(value=number, min=-8, max=8, step=1, description=place, style=wide, layout=layout)
        for number, place in zip(PRESETS["left-right"], sum(PLACES, ()), strict=True)
    ]
    said = w.HTML(_told(DRAWINGS[0], PRESETS["left-right"]))

    def show(_=None):
        said.value = _told(which.value, tuple(box.value for box in boxes))

    def chosen(change):
        for box, number in zip(boxes, PRESETS[change["new"]], strict=True):
            box.unobserve(show, "value")
            box.value = number
            box.observe(show, "value")
        show()

    ready.observe(chosen, "value")
    which.observe(show, "value")
    for box in boxes:
        box.observe(show, "value")
    rows = [w.HBox(boxes[i : i + 3], layout={"overflow": "visible"}) for i in (0, 3, 6)]  # a square on any page
    play(which, ready, *rows, said)
    _still()


def _still() -> None:
    names = ("as it is", "left-right", "top-bottom", "outline")
    title = "Three kernels, three kinds of edge"
    alt = (
        "A zebra in grey, and three responses to it. 'left-right' is strong, in one colour or the other, where ink "
        "begins or ends from left to right; 'top-bottom' where it does from top to bottom; 'outline' at every edge. "
        "Inside flat surfaces all three are 0."
    )
    with figure(title, alt, height=2.4, columns=4, folded="No buttons here? A still figure") as axes:
        for ax, name in zip(axes, names, strict=True):
            seen = response(ink(DRAWINGS[0]), PRESETS[name])
            most = seen.abs().max()
            if name == "as it is":
                ax.imshow(seen, cmap="Greys", vmin=0, vmax=1)
            else:
                ax.imshow(seen, cmap="PuOr", vmin=-most, vmax=most)
            ax.set(title=name, xticks=[], yticks=[])


def _told(name: str, numbers: tuple[float, ...]) -> str:
    """Drawing and response side by side, and a line in words that a screen reader reads when it changes."""
    drawing = ink(name)
    seen = response(drawing, numbers)
    most = seen.abs().max().clamp(min=1e-6).item()
    total = sum(numbers)
    flat = "a flat surface gives 0" if abs(total) < 1e-6 else f"a black surface gives {total:g}, a white one 0"
    strong = (seen.abs() > most / 2).double().mean().item()
    words = f"The nine numbers add up to {total:g}: {flat}. Strongest response {most:.2f}; "
    words += f"more than half of that, of either sign, at {strong:.0%} of the places."
    pictures = (
        (_coloured(drawing, "Greys", 0, 1), f"{name} in grey"),
        (_coloured(seen, "PuOr", -most, most), "the response: orange below 0, white at 0, violet above"),
    )
    cells = "".join(
        f"<figure style='margin:.3em 1em .3em 0'>{_img(png, alt)}<figcaption>{alt}</figcaption></figure>"
        for png, alt in pictures
    )
    return (
        f"<div style='line-height:1.5'><div style='display:flex;flex-wrap:wrap'>{cells}</div>"
        f"<p role='status' aria-live='polite' style='margin:.4em 0;white-space:normal'>{words}</p>"
        "<small>Pictures: Twemoji, CC BY 4.0.</small></div>"
    )


def _coloured(values: Tensor, colours: str, low: float, high: float) -> bytes:
    """A map as a PNG, four screen pixels to a place."""
    shares = ((values - low) / (high - low)).clamp(0, 1).numpy()
    pixels = (matplotlib.colormaps[colours](shares)[..., :3] * 255).round().astype("uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).resize((values.shape[1] * 4, values.shape[0] * 4), Image.Resampling.NEAREST).save(
        file, "png"
    )
    return file.getvalue()
