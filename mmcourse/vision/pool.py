"""Pooling by hand: one number for each window, channel by channel."""

import torch
from torch import Tensor

from .conv import Pair, windows


def max_pool2d(x: Tensor, kernel: Pair, stride: Pair | None = None, padding: Pair = 0, dilation: Pair = 1) -> Tensor:
    """The largest number of each window: (B, C, H, W) -> (B, C, H', W'); the stride is the kernel unless given.

    Padding never wins: it is minus infinity. Equal to `F.max_pool2d`; where a window's largest number stands twice,
    the gradient goes to the first of the two.
    """
    seen = windows(x, kernel, kernel if stride is None else stride, padding, dilation, fill=-torch.inf)
    return seen.flatten(-2).max(-1).values  # (B, C, H', W', kh·kw) -> (B, C, H', W')


def mean_pool2d(x: Tensor, kernel: Pair, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
    """The mean of each window: (B, C, H, W) -> (B, C, H', W'). Padding counts as zeros, as in `F.avg_pool2d`."""
    return windows(x, kernel, kernel if stride is None else stride, padding).mean((-2, -1))  # (B, C, H', W')


def global_mean(x: Tensor) -> Tensor:
    """The mean over all places: (B, C, H, W) -> (B, C). Equal to `F.adaptive_avg_pool2d(x, 1)` without its two axes."""
    return x.mean((-2, -1))
