"""Scores from a kernel: the closer a region is to a word, the more attention the pair gets."""

import torch
from torch import Tensor

from .attention import joint_softmax


def gaussian_scores(f: Tensor, g: Tensor, width: float) -> Tensor:
    """The logarithm of a Gaussian kernel, S_ij = -|f_i - g_j|² / (2 width²): (B, I, d), (B, J, d) -> (B, I, J).

    width  the distance at which the kernel has fallen to exp(-1/2), in the units of f and g
    """
    return -(f[:, :, None] - g[:, None]).square().sum(-1) / (2 * width**2)  # (B, I, J, d) -> (B, I, J)


def kernel_weights(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float) -> tuple[Tensor, Tensor]:
    """What `gaussian_scores` make of attention, shared out in two ways: (B, I, d), (B, J, d) -> (B, I, J) twice.

    First jointly: all valid pairs of a sample share one unit. Then per word: each real word has one unit for the real
    regions; those are the weights of Nadaraya and Watson, k(f_i, g_j) / Σ_i k(f_i, g_j). Hidden pairs get exactly 0,
    and so does everything where there is no valid pair. Masks are (B, I) and (B, J) bool.

    Source: attention as a kernel smoother, Tsai, Bai, Yamada, Morency, Salakhutdinov 2019, arXiv:1908.11775.
    """
    f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
    scores = gaussian_scores(f, g, width)  # (B, I, J)
    pairs = f_mask[:, :, None] & g_mask[:, None]  # (B, I, J)
    per_word = scores.masked_fill(~pairs, -torch.inf).softmax(1).nan_to_num()  # (B, I, J): over the regions
    return joint_softmax(scores, f_mask, g_mask), per_word
