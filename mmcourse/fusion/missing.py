"""Training for the day on which one modality is missing."""

import torch
from torch import Tensor


def modality_dropout(
    image: Tensor, text: Tensor, there: Tensor, u: Tensor, rate: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Takes one modality away from a share of the samples: (B, d_f), (B, d_g), (B, 2) bool -> the same three.

    there  which of picture and text a sample has
    u      (B) drawn evenly from [0, 1): below rate/2 the picture goes, from there to below rate the text
    rate   the share of samples that lose one

    What is missing is zeros, and `there` says so. A sample that has only one of the two keeps it. Unlike dropout of
    features nothing is scaled: who reads the vectors knows from `there` what is missing.
    Source: the idea of ModDrop, Neverova, Wolf, Taylor, Nebout 2016, arXiv:1501.00102.
    """
    may_lose = there.all(1)  # (B)
    no_image = may_lose & (u < rate / 2)
    no_text = may_lose & (u >= rate / 2) & (u < rate)
    there = there & ~torch.stack([no_image, no_text], dim=1)  # (B, 2)
    return image.masked_fill(~there[:, :1], 0), text.masked_fill(~there[:, 1:], 0), there
