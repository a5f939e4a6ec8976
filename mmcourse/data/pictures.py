"""A picture file as a tensor of the size that one asks for."""

from pathlib import Path
from typing import IO, Literal

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

Fit = Literal["letterbox", "crop"]


def opened(file: Path | IO[bytes], at_least: int | None = None) -> Image.Image:
    """An RGB picture of a file: turned as its EXIF data say, transparent ground on white. Raises OSError.

    at_least  sides of so many pixels are enough: a JPEG is then decoded at a half, a quarter or an eighth of its size,
              which is several times as fast
    """
    with Image.open(file) as picture:
        if at_least is not None:
            picture.draft(None, (at_least, at_least))
        picture.load()
        turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        drawing = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", drawing.size, "white"), drawing)
    return turned.convert("RGB")


def fitted(picture: Image.Image, size: int, fit: Fit = "letterbox", ground: str = "white") -> Tensor:
    """(3, size, size) uint8.

    fit  'letterbox' shows all of the picture, with bars of the colour `ground`; 'crop' scales its shorter side to
         `size` and cuts the middle out
    """
    if picture.size == (size, size):
        square = picture
    elif fit == "letterbox":
        square = ImageOps.pad(picture, (size, size), Image.Resampling.BICUBIC, color=ground)
    else:
        square = ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).contiguous()  # (H, W, 3) -> (3, H, W)


def check_size(size: int, fit: str = "letterbox") -> None:
    """Raises ValueError for a size below 1 or an unknown fit."""
    if size < 1:
        raise ValueError(f"size={size}: choose 1 pixel or more")
    if fit not in ("letterbox", "crop"):
        raise ValueError(f"fit={fit!r}: there are 'letterbox' and 'crop'")
