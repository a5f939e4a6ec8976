"""Batches for sets that are too large to hold, or made as they are needed: torch's DataLoader, without its traps.

    >>> batches = loader(load("scenes", n=100_000), batch=64, workers=2)
    >>> for images, text, labels, meta in batches: ...

Where a set fits into memory, `in_memory` is simpler, and faster from the second epoch on.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from . import Item, ItemSet


class ItemBatch(NamedTuple):
    """B items of a set.

    images  (B, 3, H, W) uint8, or None where the set has no pictures
    text    language code -> B texts
    labels  (B,) long
    meta    B dicts
    """

    images: Tensor | None
    text: dict[str, list[str]]
    labels: Tensor
    meta: list[dict[str, Any]]


class Loader(DataLoader):
    """What `loader` gives. `epoch` counts the times it was begun; set it to go on where a training stopped."""

    batch_sampler: "_Batches"

    @property
    def epoch(self) -> int:
        return self.batch_sampler.epoch

    def begin_at(self, epoch: int) -> "Loader":
        """The next time it is gone through will be this epoch, counted from 0."""
        self.batch_sampler.epoch = epoch
        return self


def loader(
    dataset: ItemSet,
    batch: int = 64,
    shuffle: bool = True,
    seed: int = 0,
    workers: int = 0,
    start: Literal["fork", "spawn", "forkserver"] | None = None,
    drop_last: bool = False,
) -> Loader:
    """Goes through a set in batches, the same ones for any number of workers.

    shuffle    another order in each epoch, fixed by (seed, epoch) alone
    workers    processes that make batches beside the training; 0 makes them in this one. They stay from epoch to epoch
    start      how workers start; the system's own way unless given. With 'spawn', the set's class must stand in a
               module, not in a notebook
    drop_last  leave out the last batch of an epoch where it is short

    What a set draws at random for a batch (by torch, numpy or random) depends on (seed, epoch, batch) alone: workers
    never repeat each other's numbers, which plain forked workers do with numpy's, and an epoch that is made again is
    the same. The random state of this process stays as it was.

    Raises ValueError for a batch below 1, or workers below 0.
    """
    if batch < 1 or workers < 0:
        raise ValueError(f"batch={batch}, workers={workers}: a batch has at least 1 item, and workers are 0 or more")
    return Loader(
        _Seeded(dataset, seed),
        batch_sampler=_Batches(len(dataset), batch, shuffle, seed, drop_last),
        num_workers=workers,
        collate_fn=collate_items,
        multiprocessing_context=start if workers else None,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
        generator=torch.Generator(),  # what torch draws for its workers comes from here, not from everybody's
    )


def collate_items(items: Sequence[Item]) -> ItemBatch:
    """B items -> `ItemBatch`. Raises ValueError where pictures differ in size: load the set with one `size`."""
    pictures = [item.image for item in items if item.image is not None]
    sizes = {tuple(picture.shape) for picture in pictures}
    if len(sizes) > 1:
        raise ValueError(
            f"pictures of {len(sizes)} sizes can't be stacked ({sorted(sizes)[:3]} ...): load the set with one `size`, "
            "or pad them (mmcourse.preprocess.collate)"
        )
    return ItemBatch(
        torch.stack(pictures) if pictures else None,
        {language: [item.text[language] for item in items] for language in items[0].text},
        torch.tensor([item.label for item in items], dtype=torch.long),
        [item.meta for item in items],
    )


class _Batches(Sampler[list[int]]):
    """Lists of epoch · N + i, so that whoever makes item i knows the epoch too."""

    def __init__(self, n: int, batch: int, shuffle: bool, seed: int, drop_last: bool):
        self.n, self.batch, self.shuffle, self.seed, self.drop_last = n, batch, shuffle, seed, drop_last
        self.epoch = 0

    def __len__(self) -> int:
        return self.n // self.batch if self.drop_last else -(-self.n // self.batch)

    def __iter__(self) -> Iterator[list[int]]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        order = torch.arange(self.n)
        if self.shuffle:
            draw = torch.Generator().manual_seed(_seed_of(self.seed, epoch))
            order = torch.randperm(self.n, generator=draw)
        for rows in order.split(self.batch)[: len(self)]:
            yield (epoch * self.n + rows).tolist()


class _Seeded(Dataset[Item]):
    """A set whose random numbers depend on what is asked for, not on who makes it or what was made before."""

    def __init__(self, dataset: ItemSet, seed: int):
        self.dataset, self.seed = dataset, seed

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitems__(self, keys: list[int]) -> list[Item]:
        rows = [key % len(self.dataset) for key in keys]
        before = torch.default_generator.get_state(), np.random.get_state(), random.getstate()  # noqa: NPY002
        seed = _seed_of(self.seed, *keys[:1])
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002 (it is for sets that draw from it)
        random.seed(seed)
        try:
            many = getattr(self.dataset, "__getitems__", None)
            return many(rows) if many else [self.dataset[row] for row in rows]
        finally:
            torch.default_generator.set_state(before[0])
            np.random.set_state(before[1])  # noqa: NPY002
            random.setstate(before[2])


def _seed_of(seed: int, number: int) -> int:
    """One 63-bit seed from two numbers, far apart for neighbours."""
    return int(np.random.SeedSequence([seed % 2**63, number]).generate_state(1, np.uint64)[0]) >> 1
