"""Several labels at once: each is a question of its own, answered yes or no, and some were never asked."""

import torch
from torch import Tensor
from torch.nn import functional as F


def several_loss(logits: Tensor, labels: Tensor, known: Tensor, weight: Tensor) -> Tensor:
    """Mean of -w y log σ(s) - (1 - y) log σ(-s) over the labels that are known, a number (as a tensor without axes).

    logits  (B, K), one score s for each label; labels (B, K) bool, True where the label holds
    known   (B, K) bool, True where somebody looked; what stands in `labels` elsewhere makes no difference
    weight  (K,): how many times a label that holds counts, such as negatives / positives of the training set

    Nothing known gives 0, with gradients of 0. Equal to `F.binary_cross_entropy_with_logits(..., pos_weight=weight)`
    where all is known. Scores of any size are safe: log σ is never the logarithm of a rounded 0.
    """
    each = -torch.where(labels, weight * F.logsigmoid(logits), F.logsigmoid(-logits))  # (B, K)
    return each.masked_fill(~known, 0).sum() / known.sum().clamp(min=1)
