"""Batches are the same whoever makes them, and however often."""

import random

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from mmcourse.data import Item, load
from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.loader import ItemBatch, collate_items, loader


class Noisy(Dataset):
    """Draws from every source of random numbers that a data set might use."""

    classes = ["a", "b"]

    def __len__(self):
        return 23

    def __getitem__(self, i):
        drawn = torch.rand(1).item(), np.random.rand(), random.random()  # noqa: NPY002
        return Item(torch.full((3, 2, 2), i, dtype=torch.uint8), {"en": f"item {i}"}, i % 2, {"i": i, "drawn": drawn})


def told(batches, epochs=2):
    """Everything in some epochs, as plain data."""
    return [(b.images.numpy().tobytes(), b.text, b.labels.tolist(), b.meta) for _ in range(epochs) for b in batches]


WORKERS = [(0, None), (1, "fork"), (2, "fork"), (2, "spawn")]


@pytest.mark.parametrize("workers", WORKERS[1:], ids=str)
@pytest.mark.parametrize(
    "make",
    [Noisy, lambda: load("scenes", n=50, kind="all", size=24), lambda: EmojiPairs("val", 12)],
    ids=["noisy", "scenes", "emoji"],
)
def test_the_same_batches_for_any_number_of_workers(make, workers):
    count, start = workers
    here = told(loader(make(), batch=5, seed=3))
    assert told(loader(make(), batch=5, seed=3, workers=count, start=start)) == here


class TestOrder:
    def test_every_item_once_in_another_order_each_epoch(self):
        batches = loader(Noisy(), batch=5, seed=1)
        assert len(batches) == 5
        epochs = [[m["i"] for b in batches for m in b.meta] for _ in range(3)]
        assert all(sorted(epoch) == list(range(23)) for epoch in epochs)
        assert len(set(map(tuple, epochs))) == 3
        assert batches.epoch == 3

    def test_a_seed_is_another_order_and_none_is_the_sets_own(self):
        first = [[m["i"] for b in loader(Noisy(), seed=seed) for m in b.meta] for seed in (0, 1)]
        assert first[0] != first[1]
        assert [m["i"] for b in loader(Noisy(), shuffle=False) for m in b.meta] == list(range(23))

    def test_goes_on_after_a_restart(self):
        batches = loader(Noisy(), batch=4)
        whole = [told(batches, 1) for _ in range(3)]
        assert told(loader(Noisy(), batch=4).begin_at(2), 1) == whole[2]
        abandoned = loader(Noisy(), batch=4)
        next(iter(abandoned))
        assert told(abandoned, 1) == whole[1]

    def test_a_short_last_batch_can_be_left_out(self):
        assert [len(b.meta) for b in loader(Noisy(), batch=5)] == [5, 5, 5, 5, 3]
        batches = loader(Noisy(), batch=5, drop_last=True)
        assert [len(b.meta) for b in batches] == [5] * 4 == [5] * len(batches)


class TestRandom:
    def test_no_number_is_drawn_twice(self):
        batches = loader(Noisy(), batch=5, workers=2, start="fork")
        drawn = [number for _ in range(2) for b in batches for m in b.meta for number in m["drawn"]]
        assert len(set(drawn)) == len(drawn) == 2 * 23 * 3

    def test_the_state_of_this_process_stays(self):
        before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
        list(loader(Noisy(), batch=5))
        assert torch.get_rng_state().equal(before[0])
        assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002
        assert random.getstate() == before[2]


class TestBatch:
    def test_columns(self):
        batch = next(iter(loader(load("scenes", n=9), batch=4)))
        assert isinstance(batch, ItemBatch)
        assert batch.images.shape == (4, 3, 48, 48)
        assert batch.images.dtype == torch.uint8
        assert set(batch.text) == {"en", "zh"}
        assert [len(x) for x in (batch.text["en"], batch.labels, batch.meta)] == [4] * 3
        assert batch.labels.dtype == torch.long

    def test_without_pictures(self):
        batch = next(iter(loader(load("xor", n=9), batch=4)))
        assert batch.images is None
        assert batch.text == {}

    def test_pictures_of_several_sizes_say_what_to_do(self):
        items = [Item(torch.zeros(3, s, s, dtype=torch.uint8), {}, 0, {}) for s in (4, 5)]
        with pytest.raises(ValueError, match="one `size`"):
            collate_items(items)

    def test_bad_numbers(self):
        with pytest.raises(ValueError, match="at least 1 item"):
            loader(Noisy(), batch=0)
