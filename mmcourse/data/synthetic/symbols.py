"""Match and binding: pictures and texts that are symbols, so that every rate is counted and none is estimated."""

import math
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import torch
from torch import Tensor

from mmcourse.encoded import Encoded

from .rates import (
    ADDITIVE,
    FULL,
    PICTURE,
    POOLED,
    TEXT,
    EncodedPairs,
    Pairs,
    Rate,
    best_alone,
    best_of_all,
    best_sum,
    codes,
    flipped,
)


@dataclass(frozen=True)
class Match:
    """The picture shows one of k symbols, the text names one; label 1 where they are the same, as often as not.

    k      how many symbols; 2 is XOR without noise, turned round
    noise  how often a label is wrong
    """

    k: int = 4
    noise: float = 0.0
    name: str = "match"
    says: str = "picture and text show the same symbol"

    def draw(self, n: int, seed: int, d: int = 16) -> Pairs:
        """n pairs from a seed, float32: the vector of a symbol is fixed."""
        draw = torch.Generator().manual_seed(seed)
        same = torch.randint(0, 2, (n,), generator=draw)
        shown = torch.randint(0, self.k, (n,), generator=draw)
        other = torch.randint(1, self.k, (n,), generator=draw)
        named = (shown + other * (1 - same)) % self.k
        wrong = torch.rand(n, generator=draw) < self.noise
        return Pairs(codes(self.k, d, 1)[shown], codes(self.k, d, 2)[named], same ^ wrong)

    def table(self) -> Tensor:
        """P(shown, named, label): (k, k, 2)."""
        diagonal = torch.eye(self.k, dtype=torch.double)
        no, yes = (1 - diagonal) / (2 * self.k * (self.k - 1)), diagonal / (2 * self.k)
        return flipped(torch.stack([no, yes], -1), self.noise)

    def rates(self) -> dict[str, Rate]:
        """The best that each class of models can do, counted.

        For every k a sum is right on 3/4 at most: with symbols in the order of v, symbol i's picture says yes to the
        first i texts. Its least cross-entropy is ln 2: the task does not change when all symbols are renamed, the loss
        is convex in the votes, so the mean of the best votes over all renamings is as good; and those are all the same.
        """
        table = self.table()
        best = best_of_all(table)
        return {
            PICTURE: Rate(best_alone(table, "picture"), math.log(2), "counted"),
            TEXT: Rate(best_alone(table, "text"), math.log(2), "counted"),
            ADDITIVE: Rate(best_sum(table), math.log(2), "counted over all orders of the texts"),
            FULL: Rate(best, _entropy(self.noise), "counted"),
        }

    @property
    def chance(self) -> float:
        return 0.5


@dataclass(frozen=True)
class Binding:
    """Regions are given, each [key; value]; the text names a key; the label is the value that stands with it.

    Every picture holds every key once, and the same values: it differs from others only in which stands with which.
    So does every mean over regions: exchange two values, and the mean stays while the label changes. **This bounds
    what pools given features, not a network that makes its own**, which may bind before it pools.

    values  the values that the keys share out among them, such as (0, 0, 1, 1)
    pads    how many places of a picture are empty (mask False) and hold junk
    noise   how often a label is wrong
    """

    values: tuple[int, ...] = (0, 0, 1, 1)
    pads: int = 2
    noise: float = 0.0
    name: str = "binding"
    says: str = "the value that stands with the key that the text names"

    def draw(self, n: int, seed: int, d: int = 8) -> EncodedPairs:
        """n pairs from a seed. Image: T = keys + pads regions of 2 d features in random order, vector the mean of
        the real ones, the same to the bit for all; text: one vector of d features."""
        draw = torch.Generator().manual_seed(seed)
        keys, kinds = len(self.values), max(self.values) + 1
        own = torch.tensor(self.values)[torch.rand(n, keys, generator=draw).argsort(1)]  # (N, keys): value of each key
        named = torch.randint(0, keys, (n,), generator=draw)
        of_key, of_value, of_text = codes(keys, d, 3), codes(kinds, d, 4), codes(keys, d, 5)
        regions = torch.cat([of_key.expand(n, keys, d), of_value[own]], -1)  # (N, keys, 2 d)
        junk = torch.randn(n, self.pads, 2 * d, generator=draw)
        order = torch.rand(n, keys + self.pads, generator=draw).argsort(1)  # (N, T)
        tokens = torch.cat([regions, junk], 1).gather(1, order[..., None].expand(-1, -1, 2 * d))  # (N, T, 2 d)
        mask = order < keys
        labels = own.gather(1, named[:, None])[:, 0]
        wrong = torch.rand(n, generator=draw) < self.noise
        labels = torch.where(wrong, (labels + torch.randint(1, kinds, (n,), generator=draw)) % kinds, labels)
        mean = torch.cat([of_key.mean(0), of_value[torch.tensor(self.values)].mean(0)]).expand(n, -1)  # (N, 2 d)
        image = Encoded(mean, tokens, mask)
        return EncodedPairs(image, Encoded.single(of_text[named]), labels)

    def table(self) -> Tensor:
        """P(assignment, key, label): (assignments, keys, kinds)."""
        assignments = torch.tensor(sorted(set(permutations(self.values))))  # (A, keys)
        kinds = max(self.values) + 1
        table = torch.nn.functional.one_hot(assignments, kinds).double()
        return flipped(table / table.sum(), self.noise)

    def pooled(self) -> float:
        """The best of any head on (mean region, text): pictures with the same mean are one picture to it."""
        return best_of_all(self.table().sum(0, keepdim=True))  # every picture has the same mean

    def rates(self) -> dict[str, Rate]:
        """The best that each class of models can do, counted. 'additive': u(all regions) + v(text), any u and v."""
        return dict(_binding_rates(self))

    @property
    def chance(self) -> float:
        return self.table().sum((0, 1)).max().item()


@cache
def _binding_rates(task: Binding) -> tuple[tuple[str, Rate], ...]:
    table = task.table()
    two = table.shape[-1] == 2
    coin = math.log(2) if two and len(set(map(task.values.count, task.values))) == 1 else None
    rates = {
        PICTURE: Rate(best_alone(table, "picture"), coin, "the commonest value: which key, is not in the picture"),
        TEXT: Rate(best_alone(table, "text"), coin, "the commonest value: every key has it as often"),
        POOLED: Rate(task.pooled(), coin, "all means are the same: any head knows the text alone"),
        FULL: Rate(best_of_all(table), _entropy(task.noise) if two else None, "counted"),
    }
    if two:
        rates[ADDITIVE] = Rate(best_sum(table), coin, "counted over all orders of the texts")
    return tuple(rates.items())


def _entropy(p: float) -> float:
    """Nats of a coin that shows 1 with chance p."""
    return sum(-q * math.log(q) for q in (p, 1 - p) if q > 0)


MATCH = Match()
BINDING = Binding()
