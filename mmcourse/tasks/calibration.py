"""Does a model that is 80 % sure turn out right in 80 % of cases?"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Bins:
    """Predictions sorted by confidence into bins of equal width; an empty bin has nan for both means.

    count       (n,) predictions in each bin
    confidence  (n,) mean chance that the model gave to its own answer
    accuracy    (n,) share of them that were right
    """

    count: Tensor
    confidence: Tensor
    accuracy: Tensor

    def __iter__(self) -> Iterator[Tensor]:
        """The three in turn. (No named tuple: a tuple's own `count` is a method.)"""
        return iter((self.count, self.confidence, self.accuracy))


def reliability(probabilities: Tensor, labels: Tensor, bins: int = 10) -> Bins:
    """Confidence and accuracy, bin by bin: probabilities (N, K), labels (N,). Bins are (0, 1/n], (1/n, 2/n], ...

    The confidence is the largest chance of the row, that of the answer given, and not that of class 1.
    """
    confidence, answer = probabilities.double().max(-1)  # (N), (N)
    right = (answer == labels).double()
    place = (confidence * bins).ceil().long().clamp(1, bins) - 1  # (N)
    sums = torch.zeros(3, bins, dtype=torch.double, device=probabilities.device)
    for row, values in zip(sums, (torch.ones_like(right), confidence, right), strict=True):
        row.index_add_(0, place, values)
    return Bins(sums[0].long(), sums[1] / sums[0], sums[2] / sums[0])


def calibration_error(probabilities: Tensor, labels: Tensor, bins: int = 10) -> float:
    """Mean distance of confidence and accuracy, each bin weighed by its predictions; an empty bin weighs nothing.

    Depends on the number of bins, and on few predictions it is above 0 by chance even for a model that is calibrated.
    Source: expected calibration error, Naeini, Cooper, Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602.
    """
    found = reliability(probabilities, labels, bins)
    gaps = (found.confidence - found.accuracy).abs().nan_to_num()  # (n)
    return (gaps * found.count).sum().item() / len(labels)


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The one number τ > 0 for which softmax(logits / τ) has the least cross-entropy on held-out pairs: (N, K), (N,).

    No answer changes, only how sure it is. By golden-section search on log τ from 1/50 to 50, where the loss has one
    valley. Source: Guo, Pleiss, Sun, Weinberger 2017, arXiv:1706.04599.
    """
    logits = logits.double()

    def loss(log_tau: float) -> float:
        return torch.nn.functional.cross_entropy(logits / torch.tensor(log_tau).double().exp(), labels).item()

    low, high = -3.912, 3.912
    golden = (5**0.5 - 1) / 2
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return torch.tensor((low + high) / 2).exp().item()
