"""Pairs of an emoji picture and another emoji's name: are both animals, or both food and drink, or one of each?

A task that needs both modalities: each half alone, and any sum of what the halves say, is right on at most 75 %.
"""

from typing import Literal

import torch

from . import Item, ItemSet
from .emoji import EmojiPairs

KINDS = ("Animals & Nature", "Food & Drink")


class SameKind(ItemSet):
    """Pictures and names of animals and of food, paired at random; label 1 where both are of the same kind, else 0.

    images  (N, 3, size, size) uint8; text {'en': N names}; labels (N,) long
    meta    N dicts: picture, name (the emoji that each is of), picture_kind, name_kind (0 animal, 1 food)

    Both kinds are equally likely on either side, independently. Every picture and every name occurs in training, with
    other partners: no pair of 'held-out' stands in 'train'.

    Parameters
        split  'train' (3,000 pairs) or 'held-out' (1,000 pairs); size of the pictures in pixels, at most 72

    Raises ValueError for another split.
    """

    def __init__(self, split: Literal["train", "held-out"] = "train", size: int = 24):
        if split not in ("train", "held-out"):
            raise ValueError(f"split={split!r}: there are 'train' and 'held-out'")
        pairs = EmojiPairs("train", size, languages=("en",))
        of_kind = [(pairs.labels == pairs.classes.index(kind)).nonzero().flatten() for kind in KINDS]
        n, held = (3000, False) if split == "train" else (1000, True)
        draw = torch.Generator().manual_seed(0 if split == "train" else 1)
        kinds = torch.randint(0, 2, (8 * n, 2), generator=draw)  # more than needed: some pairs are of the other split
        drawn = torch.rand(8 * n, 2, generator=draw)
        rows = torch.stack(
            [
                torch.where(
                    kinds[:, side] == 0,
                    of_kind[0][(drawn[:, side] * len(of_kind[0])).long()],
                    of_kind[1][(drawn[:, side] * len(of_kind[1])).long()],
                )
                for side in (0, 1)
            ],
            dim=1,
        )  # (8 N, 2): the emoji whose picture, and the emoji whose name
        mine = (((rows[:, 0] * 31 + rows[:, 1] * 17) % 5 == 0) == held).nonzero().flatten()[:n]
        rows, kinds = rows[mine], kinds[mine]  # (N, 2), (N, 2)
        self.images = pairs.images[rows[:, 0]]
        self.text = {"en": [pairs.text["en"][i] for i in rows[:, 1]]}
        self.labels = (kinds[:, 0] == kinds[:, 1]).long()
        self.meta = [
            {
                "picture": pairs.meta[i]["emoji"],
                "name": pairs.meta[j]["emoji"],
                "picture_kind": int(a),
                "name_kind": int(b),
            }
            for (i, j), (a, b) in zip(rows.tolist(), kinds.tolist(), strict=True)
        ]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[i], {"en": self.text["en"][i]}, int(self.labels[i]), self.meta[i])
