"""XOR, sign gating, AND: a rule of two noisy bits.

The picture carries one bit a and the text one bit b, both fair and independent, and the label is a rule of the two.
What a reader sees of a bit is a vector: the bit along one direction, and normal noise in all. So the Bayes rate,
the accuracy of someone who knows exactly how the data are made, can be computed. XOR and sign gating need both and are
out of a sum's reach: no score u(f) + v(g) is right on more than 75 %. AND needs both, and a sum is as good as anything.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from .rates import ADDITIVE, FULL, PICTURE, TEXT, Pairs, Rate

SIGNAL = 2.0  # how far a bit moves its vector, in standard deviations of the noise


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

    @cache  # noqa: B019 (a task is a constant)
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

    def rates(self) -> dict[str, Rate]:
        """The best that each class of models can do, exactly.

        One bit says nothing about the label of XOR and gating, since the other is a fair coin; of AND it says at most
        'perhaps', and 'no' is the better guess, right three times in four.

        A sum, XOR and gating. Write the label as +1 or -1. Given f and g its mean is m(f) n(g) or its negative, where m
        and n are each bit's own means, odd about the middle. A sum's 'yes' are nested: with the texts in falling order
        of v, each picture says yes to a first part of them. A picture with m > 0 gains m times twice the partial sum of
        n where it stops, one with m < 0 gains |m| times twice that of -n. The partial sums begin and end at 0, so their
        highest less their lowest is at most half of E|n|: half of what knowing the sign of n for certain gains. So a
        sum gets half of the Bayes rate's gain over a coin, and two votes and a threshold do get it. Its cross-entropy
        is ln 2 at least: see lesson 06, 'Two votes'.

        A sum, AND. p(1 | f, g) = p(a | f) p(b | g), so log p(a | f) + log p(b | g) + log 2 > 0 is the Bayes rule.
        """
        best, least = self.bayes()
        if self.name == "AND":
            return {
                PICTURE: Rate(0.75, None, "a = 1 still leaves b a coin: 'no' is right three times in four"),
                TEXT: Rate(0.75, None, "the same the other way round"),
                ADDITIVE: Rate(best, None, "p(1 | f, g) is a product, so its logarithm is a sum"),
                FULL: Rate(best, least, "computed from how the data are made"),
            }
        return {
            PICTURE: Rate(0.5, math.log(2), "the other bit is a fair coin"),
            TEXT: Rate(0.5, math.log(2), "the other bit is a fair coin"),
            ADDITIVE: Rate(0.25 + best / 2, math.log(2), "half of the gain over a coin: proof in `Task.rates`"),
            FULL: Rate(best, least, "computed from how the data are made"),
        }

    @property
    def chance(self) -> float:
        """The commonest label's share."""
        return 0.75 if self.name == "AND" else 0.5


def _line() -> tuple[Tensor, Tensor]:
    """Places that a noisy bit can take along its direction, and how likely they are: two bells, one for each bit."""
    points = torch.linspace(-SIGNAL - 8, SIGNAL + 8, 1000, dtype=torch.double)  # even: 0 is not among them
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
