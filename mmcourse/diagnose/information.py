"""What two discrete sources say of a label: redundant, unique to either, or synergistic, in bits."""

import math
from typing import NamedTuple

from torch import Tensor


class Parts(NamedTuple):
    """A partial information decomposition, in bits: their sum is I(X, Y; Z)."""

    redundant: float
    unique_x: float
    unique_y: float
    synergistic: float


def mutual_information(joint: Tensor) -> float:
    """I(A; B) in bits of a table of chances p(a, b), (A, B)."""
    independent = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)  # (A, B)
    there = joint > 0
    return (joint[there] * (joint[there] / independent[there]).log2()).sum().item()


def decompose(joint: Tensor, steps: int = 2000) -> Parts:
    """The decomposition of I(X, Y; Z) for a table of chances p(x, y, z), (X, Y, Z), as Bertschinger et al. define it.

    Among all q that keep p(x, z) and p(y, z), the one with the least I_q(X, Y; Z) has no synergy; what p has above it
    is synergy. Found by mirror descent, each step brought back to the two margins by iterative proportional fitting;
    within 1e-3 bits on tables of a few entries.

    Synergy is not non-additivity: AND has synergy, and a sum does it.
    Source: BROJA, Bertschinger, Rauh, Olbrich, Jost, Ay 2014, doi:10.3390/e16042161.
    """
    p = joint.double() / joint.sum()
    of_x, of_y = p.sum(1), p.sum(0)  # (X, Z), (Y, Z)
    z = p.sum((0, 1))  # (Z)
    q = of_x[:, None] * of_y[None] / z.clamp(min=1e-300)  # (X, Y, Z): independent given z
    for step in range(steps):
        chance = (q / q.sum(-1, keepdim=True).clamp(min=1e-300)).clamp(min=1e-300)  # q(z | x, y): the slope of I
        q = _fit(q * (-chance.log() / math.sqrt(1 + step)).exp(), of_x, of_y)
    whole, least = mutual_information(p.flatten(0, 1)), mutual_information(q.flatten(0, 1))
    i_x, i_y = mutual_information(of_x), mutual_information(of_y)
    redundant = i_x + i_y - least
    return Parts(redundant, i_x - redundant, i_y - redundant, whole - least)


def _fit(q: Tensor, of_x: Tensor, of_y: Tensor, rounds: int = 30) -> Tensor:
    """Scale q (X, Y, Z) until its margins are p(x, z) and p(y, z)."""
    for _ in range(rounds):
        q = q * (of_x / q.sum(1).clamp(min=1e-300))[:, None]
        q = q * (of_y / q.sum(0).clamp(min=1e-300))[None]
    return q
