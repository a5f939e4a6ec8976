"""The questions of `uses`, asked of a table in which every picture has met every text.

table  (N, N, K): the logits for picture i with text j; the N pairs themselves stand on its diagonal

A table costs N² calls of a model and N² · K numbers; `emap`, `perceptual_score` and `uses` never hold it.
"""

from typing import Literal

import torch
from torch import Tensor


def shuffled_accuracy(table: Tensor, labels: Tensor, orders: Tensor) -> float:
    """Accuracy with another pair's text, averaged over R shuffles: (N, N, K), (N,), (R, N) -> a number.

    orders  each row holds the numbers 0 to N - 1 in random order: a ring, in which each pair takes the text of the
            pair that comes next, and the last that of the first; so nobody keeps their own, if N > 1

    A picture's label stays with the picture.
    """
    here, after = orders, orders.roll(-1, dims=1)  # (R, N), (R, N)
    return (table[here, after].argmax(-1) == labels[here]).double().mean().item()


def nearest_sum(table: Tensor) -> Tensor:
    """EMAP: the sum u(picture) + v(text) nearest to the model, for the N pairs: (N, N, K) -> (N, K).

    The mean over texts, plus the mean over pictures, minus the mean over both, class by class. Logits in, logits out.
    Source: Hessel & Lee 2020, arXiv:2010.06572.
    """
    return table.mean(1) + table.mean(0) - table.mean((0, 1))


def perceived(table: Tensor, labels: Tensor, partners: Tensor, side: Literal["image", "text"]) -> float:
    """Perceptual score: accuracy lost when one side comes from another pair: (N, N, K), (N,), (R, N) -> a number.

    partners  whose picture (or text) each pair is given in each of R shuffles; averaged over the shuffles

    Below 0 where the model does better without: not every side that is used is of use.
    Source: Gat, Schwartz, Schwing 2021, arXiv:2110.14375.
    """
    own = torch.arange(len(labels), device=table.device).expand_as(partners)  # (R, N)
    shuffled = table[partners, own] if side == "image" else table[own, partners]  # (R, N, K)

    def right(logits: Tensor) -> Tensor:
        return (logits.argmax(-1) == labels).double().mean()

    return (right(table[own[0], own[0]]) - right(shuffled)).item()
