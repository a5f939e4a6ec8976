"""The emoji that show things: animals, food, objects, places and activities, five groups to be told apart.

Left out are the groups that a network can tell by the way in which they are drawn: faces, people, flags and symbols.
"""

from typing import Literal

import torch
from torch import Tensor

from . import Item, ItemSet
from .emoji import EmojiPairs, Split

KINDS = ("Activities", "Animals & Nature", "Food & Drink", "Objects", "Travel & Places")


class Things(ItemSet):
    """Pictures of things with their groups.

    images  (N, 3, size, size) uint8; labels (N,) long, index into `classes`, which are the five groups

    Parameters
        split  'train', or 'held-out': the validation and test pictures of `EmojiPairs`, by family of concepts
        size   side of the pictures in pixels, at most 72

    Raises ValueError for another split or size.
    """

    def __init__(self, split: Literal["train", "held-out"] = "train", size: int = 72):
        if split not in ("train", "held-out"):
            raise ValueError(f"split={split!r}: there are 'train' and 'held-out'")
        of: tuple[Split, ...] = ("train",) if split == "train" else ("val", "test")
        parts = [EmojiPairs(part, size, ("en",)) for part in of]
        self.classes = list(KINDS)
        groups = [part.classes[label] for part in parts for label in part.labels]
        rows = torch.tensor([i for i, group in enumerate(groups) if group in KINDS])
        self.images: Tensor = torch.cat([part.images for part in parts])[rows]  # (N, 3, size, size)
        self.labels = torch.tensor([KINDS.index(groups[i]) for i in rows])  # (N,)
        names = [name for part in parts for name in part.text["en"]]
        self.text = {"en": [names[i] for i in rows]}

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[i], {"en": self.text["en"][i]}, int(self.labels[i]), {})

    def few(self, per_class: int | None, seed: int = 0) -> Tensor:
        """Row numbers of `per_class` pictures of each group, drawn at random; of all for None: (n,) long."""
        if per_class is None:
            return torch.arange(len(self))
        draw = torch.Generator().manual_seed(seed)
        rows = []
        for label in range(len(self.classes)):
            of_it = (self.labels == label).nonzero()[:, 0]
            rows.append(of_it[torch.randperm(len(of_it), generator=draw)[:per_class]])
        return torch.cat(rows)
