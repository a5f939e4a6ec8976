"""Training, validation and test: relatives stay together."""

import random
from collections.abc import Hashable, Sequence

import torch
from torch import Tensor


def split_by(keys: Sequence[Hashable], share: float, seed: int = 0) -> Tensor:
    """Which items are held out: (N,) bool, True = held out; items with the same key go together.

    keys   one for each item, such as its family, its author, its patient, its film; `range(N)` where all are strangers
    share  of the items, 0..1: keys are held out in random order until at least so many items are

    Raises ValueError for a share outside 0..1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share={share}: a number from 0 to 1")
    counts: dict[Hashable, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    order = list(counts)
    random.Random(seed).shuffle(order)
    out, n = set(), 0
    for key in order:
        if n >= share * len(keys):
            break
        out.add(key)
        n += counts[key]
    return torch.tensor([key in out for key in keys], dtype=torch.bool)  # (N,)


def crossing(keys: Sequence[Hashable], held_out: Tensor) -> Tensor:
    """Which held-out items have a relative among the others: (N,) bool, False for all that are not held out."""
    inside = {key for key, out in zip(keys, held_out.tolist(), strict=True) if not out}
    return held_out & torch.tensor([key in inside for key in keys], dtype=torch.bool)  # (N,)
