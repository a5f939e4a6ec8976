"""From a grid of features to the three things that every encoder gives."""

import torch
from torch import Tensor

from mmcourse.encoded import Encoded


def regions_of(grid: Tensor) -> Encoded:
    """A map's places as a set of region vectors, row by row: (B, d, H, W) -> Encoded with T = H·W.

    The vector is the mean of the regions, and the mask is all True: every place of a picture is real.
    """
    tokens = grid.flatten(2).transpose(1, 2)  # (B, d, H·W) -> (B, H·W, d)
    mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=grid.device)  # (B, H·W)
    return Encoded(tokens.mean(1), tokens, mask)
