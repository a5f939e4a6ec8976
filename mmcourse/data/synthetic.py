"""Tasks for a picture vector and a text vector whose best possible accuracy is known.

In each, the picture carries one bit a and the text one bit b, both fair and independent, and the label is a rule of the
two. What a reader sees of a bit is a vector: the bit along one direction, and normal noise in all. So the Bayes rate,
the accuracy of someone who knows exactly how the data are made, can be computed. XOR and sign gating need both and are
out of a sum's reach: no score u(f) + v(g) is right on more than 75 %. AND needs both, and a sum comes near.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

SIGNAL = 2.0  # how far a bit moves its vector, in standard deviations of the noise


class Pairs(NamedTuple):
    """N pairs of a task.

    f       (N, d) picture vectors; g (N, d) text vectors
    labels  (N,) long, 0 or 1
    """

    f: Tensor
    g: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Task:
    """A rule of two bits.

    rule      from the chance that a is 1 and the chance that b is 1 to the chance that the label is 1; for certain
              bits (0. or 1.) it is the label itself
    says      the rule in words
    analog    the picture's bit is the sign of a normal number, seen without noise: some pictures say it loudly, some
              hardly
    """

    name: str
    rule: Callable[[Tensor, Tensor], Tensor]
    says: str
    analog: bool = False

    def draw(self, n: int, seed: int, d: int = 16) -> Pairs:
        """n pairs from a seed, float32. The directions that carry the bits are the same for every seed."""
        draw = torch.Generator().manual_seed(seed)
        a, b = torch.randint(0, 2, (2, n), generator=draw)  # (N,), (N,)
        f, g = torch.randn(2, n, d, generator=draw)  # (N, d), (N, d)
        along_f, along_g = directions(d)  # (d,), (d,)
        if self.analog:
            said = f @ along_f  # (N,): its sign is made the bit, its size stays
            f = f + ((2 * a - 1) * said.abs() - said)[:, None] * along_f
        else:
            f = f + SIGNAL * (2 * a - 1)[:, None] * along_f
        g = g + SIGNAL * (2 * b - 1)[:, None] * along_g
        return Pairs(f, g, self.rule(a.double(), b.double()).long())

    def bayes(self) -> tuple[float, float]:
        """The best accuracy, and the least mean cross-entropy in nats, that any model of (f, g) can have."""
        points, weights = _line()
        text = (2 * SIGNAL * points).sigmoid()  # chance of b = 1 where g says `points`
        picture, weights_f = (points.sign() / 2 + 0.5, _normal(points)) if self.analog else (text, weights)
        one = self.rule(picture[:, None], text[None])  # (P, P): chance of label 1
        weight = weights_f[:, None] * weights[None]
        weight = weight / weight.sum()
        accuracy = (weight * torch.maximum(one, 1 - one)).sum()
        entropy = torch.special.entr(one) + torch.special.entr(1 - one)
        return accuracy.item(), (weight * entropy).sum().item()


def _line() -> tuple[Tensor, Tensor]:
    """Places that a noisy bit can take along its direction, and how likely they are: two bells, one for each bit."""
    points = torch.linspace(-SIGNAL - 8, SIGNAL + 8, 4000, dtype=torch.double)  # even: 0 is not among them
    return points, _normal(points - SIGNAL) + _normal(points + SIGNAL)


def _normal(x: Tensor) -> Tensor:
    return (-(x**2) / 2).exp() / math.sqrt(2 * math.pi)


def directions(d: int) -> Tensor:
    """The directions that carry the picture's bit and the text's bit: two unit vectors, (2, d)."""
    return torch.nn.functional.normalize(torch.randn(2, d, generator=torch.Generator().manual_seed(20260101)), dim=-1)


XOR = Task("XOR", lambda a, b: a + b - 2 * a * b, "exactly one of the two bits is 1")
GATING = Task(
    "sign gating",
    lambda a, b: 1 - a - b + 2 * a * b,
    "the sign of a number in the picture, turned round where the text says so",
    analog=True,
)
AND = Task("AND", lambda a, b: a * b, "both bits are 1")
TASKS = (XOR, GATING, AND)
