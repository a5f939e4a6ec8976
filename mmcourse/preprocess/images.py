"""Pictures: from bytes to numbers around 0, and to one size without a change of shape."""

import torch
from torch import Tensor
from torch.nn import functional as F


def normalise(images: Tensor, mean: Tensor | None = None, std: Tensor | None = None) -> Tensor:
    """(..., 3, H, W) uint8 in 0..255 -> floats: in -1..1, or (x / 255 - mean) / std.

    mean, std  (3), one number for each channel, of pixels on the scale 0..1, as they are commonly published; the
               result has their dtype. Take them from training pictures (`channel_statistics`), or from whoever
               trained the model.
    """
    if mean is None or std is None:
        return images.float() / 127.5 - 1
    mean, std = mean[:, None, None], std[:, None, None]  # (3) -> (3, 1, 1), to stand under (..., 3, H, W)
    return (images.to(mean.dtype) / 255 - mean) / std  # (..., 3, H, W)


def channel_statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (of the population) of each channel: (N, 3, H, W) uint8 -> (3), (3), on 0..1."""
    pixels = images.transpose(0, 1).flatten(1).double() / 255  # (N, 3, H, W) -> (3, N, H, W) -> (3, N·H·W)
    return pixels.mean(1).float(), pixels.std(1, correction=0).float()


def resize(image: Tensor, height: int, width: int) -> Tensor:
    """(C, H, W) float -> (C, height, width): bilinear; where it shrinks, over all pixels that fall together."""
    return F.interpolate(image[None], size=(height, width), mode="bilinear", antialias=True, align_corners=False)[0]


def letterbox(image: Tensor, size: int, fill: float = 0.0) -> tuple[Tensor, Tensor]:
    """A picture of any shape in the middle of a square, its shape unchanged, and the mask of real pixels.

    (C, H, W) float -> (C, size, size), (size, size) bool, True = picture. The longer side becomes `size`, the shorter
    one is rounded, at least 1; what is left over is `fill`, where it is odd with the odd pixel below or on the right.
    """
    _, high, wide = image.shape
    scale = size / max(high, wide)
    h, w = max(1, round(high * scale)), max(1, round(wide * scale))
    top, left = (size - h) // 2, (size - w) // 2
    beside = (left, size - w - left, top, size - h - top)  # F.pad counts from the last axis: left, right, top, bottom
    boxed = F.pad(resize(image, h, w), beside, value=fill)  # (C, h, w) -> (C, size, size)
    return boxed, F.pad(torch.ones_like(boxed[0, :h, :w], dtype=torch.bool), beside)  # (h, w) -> (size, size)
