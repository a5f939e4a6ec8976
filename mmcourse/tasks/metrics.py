"""How well a model did, and how far that number can be trusted."""

import torch
from torch import Tensor


def accuracy(logits: Tensor, labels: Tensor) -> float:
    """Share of rows of (N, classes) whose largest logit is the label's."""
    return (logits.argmax(-1) == labels).double().mean().item()


def interval(values: Tensor, level: float = 0.95, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The bootstrap's interval for a mean: `values` (N,) are one number for each item, such as 1. where it is right.

    Draws N items with replacement, `draws` times, and cuts (1 - level) / 2 off either end of the means (Efron 1979,
    doi:10.1214/aos/1176344552). Raises ValueError where there is nothing to draw from.
    """
    if not len(values):
        raise ValueError("there is no value to draw from")
    draw = torch.Generator().manual_seed(seed)
    values = values.double().cpu()
    means = torch.stack([values[torch.randint(len(values), values.shape, generator=draw)].mean() for _ in range(draws)])
    low, high = means.quantile(torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.double)).tolist()
    return low, high


def auroc(scores: Tensor, labels: Tensor) -> float:
    """How often a positive scores above a negative, over all pairs of one of each; a tie counts one half.

    scores (N,), any numbers that rank: logits or probabilities; labels (N,), 1 or True for a positive.
    One half for scores that know nothing, whatever the share of positives (Hanley & McNeil 1982,
    doi:10.1148/radiology.143.1.7063747). Raises ValueError where one of the two kinds is missing.
    """
    positive, negative = scores[labels.bool()], scores[~labels.bool()]  # (P,), (N - P,)
    if not len(positive) or not len(negative):
        raise ValueError("AUROC compares positives with negatives: one of the two is missing")
    above = (positive[:, None] > negative).double()  # (P, N - P)
    tied = (positive[:, None] == negative).double()  # (P, N - P)
    return (above + tied / 2).mean().item()


def f1_scores(answers: Tensor, labels: Tensor, classes: int) -> Tensor:
    """F1 of each class, 2 TP / (2 TP + FP + FN): answers and labels (N,) -> (classes,) float64.

    nan for a class that nobody answered and nothing is: it has no score, and belongs in no mean.
    """
    table = torch.zeros(classes, classes, dtype=torch.double, device=labels.device)  # what it is, what was answered
    table.index_put_((labels, answers), torch.ones_like(labels, dtype=torch.double), accumulate=True)
    hits = table.diagonal()
    return 2 * hits / (table.sum(0) + table.sum(1))


def macro_f1(answers: Tensor, labels: Tensor, classes: int) -> float:
    """The mean of F1 over the classes that occur, rare and common ones alike."""
    return f1_scores(answers, labels, classes).nanmean().item()
