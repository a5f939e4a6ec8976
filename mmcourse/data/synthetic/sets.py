"""The certified tasks as data sets, so that `load('xor')` and `mmcourse data xor` know them."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from mmcourse.encoded import Encoded

from .. import Item, ItemSet
from ..cards import Card
from .bits import AND, GATING, XOR, Task
from .rates import EncodedPairs, Pairs
from .symbols import BINDING, MATCH, Binding, Match
from .views import COPIES, ONE_TELLS, TWO_VIEWS, Views

Certified = Task | Views | Match | Binding
CERTIFIED: dict[str, Certified] = {
    "xor": XOR,
    "sign-gating": GATING,
    "and": AND,
    "two-views": TWO_VIEWS,
    "copies": COPIES,
    "one-tells": ONE_TELLS,
    "match": MATCH,
    "binding": BINDING,
}
SIZES = {"train": 4000, "val": 1000, "test": 5000}


class Drawn(ItemSet):
    """A certified task's pairs. They are vectors, so an item's image is None, its text empty, and its meta holds
    `image` and `text`, each an `Encoded` without the batch's axis; `pairs` holds all at once."""

    def __init__(self, task: Certified, split: str | None, n: int | None, seed: int, **options: Any):
        if split not in SIZES:
            raise ValueError(f"split={split!r}: there are {', '.join(map(repr, SIZES))}")
        self.task = task
        n = SIZES[split] if n is None else n
        self.pairs: Pairs | EncodedPairs = task.draw(n, seed * len(SIZES) + list(SIZES).index(split), **options)
        self.image, self.text = self.pairs.image, self.pairs.text
        self.labels: Tensor = self.pairs.labels
        kinds = max(task.values) + 1 if isinstance(task, Binding) else 2
        self.classes = [str(k) for k in range(kinds)]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        halves = {"image": self.image, "text": self.text}
        meta = {name: Encoded(*(part[i] for part in half)) for name, half in halves.items()}
        return Item(None, {}, int(self.labels[i]), meta)


@dataclass(frozen=True)
class CertifiedSet:
    """What the register needs of a set: its card, and how to load it."""

    name: str

    @property
    def CARD(self) -> Card:  # noqa: N802 (every set's card is called so)
        task = CERTIFIED[self.name]
        rates = "; ".join(f"{model} {rate.accuracy:.3f}" for model, rate in task.rates().items())
        return Card(
            name=self.name,
            title=f"Certified: {task.name}",
            what=f"vectors, not pictures: meta has image and text, each an Encoded; label: {task.says}",
            many=f"any number, from a seed; unless told otherwise {SIZES}. Best accuracies: {rates}",
            source="made by the course (mmcourse/data/synthetic)",
            licence="MIT, as the course",
            attribution="Made by the course.",
            fit="showing what a class of models can do and what it can't, where the best possible is known",
            unfit="anything about real pictures and texts",
            comes="with the course",
            get="It comes with the course.",
            here=lambda: True,
        )

    def load(self, split: str | None = "train", n: int | None = None, seed: int = 0, **options: Any) -> Drawn:
        """`n` pairs from a seed; `d` features."""
        return Drawn(CERTIFIED[self.name], split, n, seed, **options)


REGISTER = {name: CertifiedSet(name) for name in CERTIFIED}
