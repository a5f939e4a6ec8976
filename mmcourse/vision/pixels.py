"""What a pretrained network wants to see: pixels on the scale on which it was trained.

A network's weights are made for one scale. Lite0 was trained on (pixels - 127) / 128, torchvision's networks on pixels
from 0 to 1, less ImageNet's mean colour, divided by its spread.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Scale(NamedTuple):
    """How a network wants its pixels: (pixel - mean) / std for red, green, blue, where white is `white`."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    white: float


LITE0 = Scale((127.0, 127.0, 127.0), (128.0, 128.0, 128.0), white=255.0)
TORCHVISION = Scale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), white=1.0)


def rescale(images: Tensor, mean: Tensor, std: Tensor, white: float) -> Tensor:
    """Pixels as a pretrained network wants them: (B, 3, H, W) from 0 to 255, uint8 or float -> (B, 3, H, W) float.

    mean, std (3,) for red, green and blue, in units in which white is `white`; the result has their dtype.
    """
    pixels = images.to(mean.dtype) * (white / 255)  # 0 to 255 -> 0 to white
    return (pixels - mean[:, None, None]) / std[:, None, None]  # (B, 3, H, W) with (3, 1, 1)


def scaled(images: Tensor, scale: Scale, like: Tensor) -> Tensor:
    """`rescale` with a network's `Scale`; device and dtype are those of `like`, such as one of its weights."""
    mean, std = (torch.tensor(numbers, dtype=like.dtype, device=like.device) for numbers in scale[:2])
    return rescale(images, mean, std, scale.white)
