"""Means and maxima over real words, and a bag of words, to be trained from nothing."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


def masked_mean(tokens: Tensor, mask: Tensor) -> Tensor:
    """The mean over real positions: (B, T, d), (B, T) bool -> (B, d). The mean of nothing is zero.

    Half precision is added up in float32: 3,000 times 40 is more than a float16 can hold, their mean is not.
    """
    real = mask.unsqueeze(-1)  # (B, T, 1)
    wide = torch.promote_types(tokens.dtype, torch.float32)
    total = tokens.masked_fill(~real, 0).sum(1, dtype=wide)  # (B, d)
    return (total / real.sum(1).clamp(min=1)).to(tokens.dtype)  # (B, d) / (B, 1)


def masked_max(tokens: Tensor, mask: Tensor) -> Tensor:
    """The largest value of each feature over real positions: (B, T, d), (B, T) bool -> (B, d). Of nothing: zero."""
    top = tokens.masked_fill(~mask.unsqueeze(-1), -torch.inf).amax(1)  # (B, T, d) -> (B, d)
    return top.masked_fill(~mask.any(1, keepdim=True), 0)


class BagOfWords(nn.Module):
    """A vector for each word, and their mean for the sentence; the order of words is lost.

    forward(ids (B, T) long, mask (B, T) bool) -> Encoded
    """

    def __init__(self, vocabulary: int, d: int = 64):
        super().__init__()
        self.vectors = nn.Embedding(vocabulary, d, padding_idx=0)

    def forward(self, ids: Tensor, mask: Tensor) -> Encoded:
        tokens = self.vectors(ids)  # (B, T, d)
        return Encoded(masked_mean(tokens, mask), tokens, mask)
