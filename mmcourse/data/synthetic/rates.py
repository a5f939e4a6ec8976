"""What a certified task states: the best that each class of models can do, and how that is computed.

A task of finitely many pictures x and texts y is a table P(x, y, label). From it every rate follows by counting.
"""

from itertools import permutations
from typing import NamedTuple

import torch
from torch import Tensor

from mmcourse.encoded import Encoded

PICTURE, TEXT, ADDITIVE, POOLED, FULL = "picture alone", "text alone", "additive", "pooled", "full"


class Rate(NamedTuple):
    """The best accuracy of a class of models, over all its members; the least cross-entropy in nats where it is known;
    and why."""

    accuracy: float
    cross_entropy: float | None
    why: str


class Pairs(NamedTuple):
    """N pairs of a task.

    f       (N, d) picture vectors; g (N, d) text vectors
    labels  (N,) long
    """

    f: Tensor
    g: Tensor
    labels: Tensor

    @property
    def image(self) -> Encoded:
        return Encoded.single(self.f)

    @property
    def text(self) -> Encoded:
        return Encoded.single(self.g)


class EncodedPairs(NamedTuple):
    """N pairs of a task whose pictures have regions: image, text Encoded; labels (N,) long."""

    image: Encoded
    text: Encoded
    labels: Tensor


def best_of_all(table: Tensor) -> float:
    """The Bayes rate: for each picture and text the likelier label. table (X, Y, K), sums to 1."""
    return table.amax(-1).sum().item()


def best_alone(table: Tensor, side: str) -> float:
    """The same, for someone who sees one half alone: 'picture' or 'text'."""
    return table.sum(1 if side == "picture" else 0).amax(-1).sum().item()


def best_sum(table: Tensor) -> float:
    """The best accuracy of 'yes where u(x) + v(y) > 0', over all u and v. table (X, Y, 2), Y at most 8.

    With the texts in falling order of v, picture x says yes to the first few, and how many is u's to say. So try every
    order of the texts, and for each picture every place to stop. (Any such choice is a sum: v falls along the order.)
    """
    if table.shape[-1] != 2 or table.shape[1] > 8:
        raise ValueError(f"a table of {tuple(table.shape)}: best_sum counts 2 labels and at most 8 texts")
    gain = table[..., 1] - table[..., 0]  # (X, Y): of saying yes
    orders = torch.tensor(list(permutations(range(gain.shape[1]))))  # (Y!, Y)
    most = torch.zeros(len(orders), dtype=gain.dtype)
    for row in gain:  # one picture at a time, so that little is held
        most += row[orders].cumsum(-1).amax(-1).clamp(min=0)  # (Y!)
    return (table[..., 0].sum() + most.max()).item()


def flipped(table: Tensor, noise: float) -> Tensor:
    """The table when each label is turned into one of the others with chance `noise`: (X, Y, K)."""
    others = (table.sum(-1, keepdim=True) - table) / (table.shape[-1] - 1)
    return (1 - noise) * table + noise * others


def codes(n: int, d: int, seed: int) -> Tensor:
    """n vectors at right angles, with features of about 1: (n, d). Raises ValueError where n > d."""
    if n > d:
        raise ValueError(f"{n} codes at right angles do not fit into d={d}: choose d of at least {n}")
    square = torch.randn(d, d, generator=torch.Generator().manual_seed(seed), dtype=torch.double)
    return (torch.linalg.qr(square).Q[:n] * d**0.5).float()
