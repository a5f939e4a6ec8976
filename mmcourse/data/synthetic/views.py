"""Two views, copies, and one that tells: what a second modality may add to the first, when both see the same bit."""

import math
from dataclasses import dataclass
from typing import Literal

import torch

from .bits import _line, _normal, directions
from .rates import ADDITIVE, FULL, PICTURE, TEXT, Pairs, Rate

STRENGTH = 1.0  # how far the label moves a vector, in standard deviations of the noise


@dataclass(frozen=True)
class Views:
    """The label is a fair bit, and moves the picture's vector by STRENGTH along one direction, in normal noise.

    text  'view': moved likewise, in noise of its own, so that the two are independent given the label;
          'copy': along its own direction it holds the very number that the picture holds, noise and all;
          'nothing': noise alone
    """

    name: str
    text: Literal["view", "copy", "nothing"]
    says: str

    def draw(self, n: int, seed: int, d: int = 16) -> Pairs:
        """n pairs from a seed, float32. The directions are the same for every seed."""
        draw = torch.Generator().manual_seed(seed)
        labels = torch.randint(0, 2, (n,), generator=draw)
        f, g = torch.randn(2, n, d, generator=draw)  # (N, d), (N, d)
        along_f, along_g = directions(d)  # (d,), (d,)
        move = STRENGTH * (2 * labels - 1)[:, None]  # (N, 1)
        f = f + move * along_f
        if self.text == "view":
            g = g + move * along_g
        elif self.text == "copy":
            g = g + ((f @ along_f) - (g @ along_g))[:, None] * along_g
        return Pairs(f, g, labels)

    def bayes(self) -> tuple[float, float]:
        """The best accuracy, and the least mean cross-entropy in nats, of any model of (f, g)."""
        return _of(STRENGTH * (math.sqrt(2) if self.text == "view" else 1))

    def rates(self) -> dict[str, Rate]:
        """The best that each class of models can do, exactly: Φ(m) where the label moves all that is seen by m.

        Two views that are independent given the label bring evidence that adds, log p(f | 1) / p(f | 0) +
        log p(g | 1) / p(g | 0), so a sum is as good as anything; seen together they are one view √2 times as strong.
        """
        one, both, coin = _of(STRENGTH), self.bayes(), (0.5, math.log(2))
        why = {"view": "Φ(√2 m): evidence adds", "copy": "Φ(m): nothing new", "nothing": "Φ(m): nothing new"}
        return {
            PICTURE: Rate(*one, "Φ(m)"),
            TEXT: Rate(*(coin if self.text == "nothing" else one), "a coin" if self.text == "nothing" else "Φ(m)"),
            ADDITIVE: Rate(*both, why[self.text]),
            FULL: Rate(*both, why[self.text]),
        }

    @property
    def chance(self) -> float:
        return 0.5


def _of(move: float) -> tuple[float, float]:
    """Accuracy and cross-entropy of knowing a fair bit that moves a normal number by `move` either way."""
    points, _ = _line()
    weight = _normal(points - move)
    loss = torch.nn.functional.softplus(-2 * move * points)
    return (1 + math.erf(move / math.sqrt(2))) / 2, ((weight * loss).sum() / weight.sum()).item()


TWO_VIEWS = Views("two views", "view", "a bit that both see, each in noise of its own")
COPIES = Views("copies", "copy", "a bit that both see, in the very same noise")
ONE_TELLS = Views("one tells", "nothing", "a bit that the picture alone sees")
