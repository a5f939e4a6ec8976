"""From a grid of features to the three things that every encoder gives."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.encoded import Encoded


def regions_of(grid: Tensor, real: Tensor | None = None) -> Encoded:
    """A map's places as a set of region vectors, row by row: (B, d, H, W) -> Encoded with T = H·W.

    real  (B, H, W) bool, True = a place that shows some of the picture; without it every place does
    The vector is the mean over the real places, zeros where there is none.
    """
    tokens = grid.flatten(2).transpose(1, 2)  # (B, d, H·W) -> (B, H·W, d)
    if real is None:
        real = torch.ones(tokens.shape[:2], dtype=torch.bool, device=grid.device)
    mask = real.flatten(1)  # (B, H·W)
    total = tokens.masked_fill(~mask[..., None], 0).sum(1)  # (B, d)
    return Encoded(total / mask.sum(1, keepdim=True).clamp(min=1), tokens, mask)


def real_places(real: Tensor, stride: int) -> Tensor:
    """Which places of a map show some of the picture: (B, H, W) bool -> (B, H // stride, W // stride) bool.

    real    which pixels belong to the picture and not to the bars that a letterbox has put beside it
    stride  pixels from one place of the map to the next
    """
    return F.max_pool2d(real[:, None].float(), stride)[:, 0].bool()  # (B, 1, H, W) -> (B, H', W'): any of its pixels
