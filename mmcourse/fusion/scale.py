"""Bringing vectors to one scale before they are put side by side."""

from torch import Tensor


def standardise(train: Tensor, other: Tensor) -> Tensor:
    """Each feature of `other`, less its mean over `train`, divided by its spread there: (N, d), (M, d) -> (M, d).

    The spread is the population standard deviation (it divides by N), in the feature's own unit. A feature whose
    spread in `train` is below 1e-6 is 0 in every row, since dividing by it would blow rounding noise up.
    """
    mean, spread = train.mean(0), train.std(0, correction=0)  # (d), (d)
    dead = spread < 1e-6  # (d)
    return ((other - mean) / spread.masked_fill(dead, 1)).masked_fill(dead, 0)  # (M, d) with (d) -> (M, d)
