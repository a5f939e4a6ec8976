"""Snapshots: the drawings of the emoji pairs, in another light and place, and nothing else."""

import pytest
import torch

from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.snapshots import SIZE, Shot, Snapshots, junk, take


@pytest.fixture(scope="module")
def val():
    return Snapshots("val")


def test_training_is_clean():
    train, pairs = Snapshots("train"), EmojiPairs("train", size=SIZE, languages=("en",))
    assert train.masks.all()
    assert train.images.equal(pairs.images)
    assert train.labels.equal(pairs.labels)


def test_a_snapshot_is_a_square_somewhere_on_the_page(val):
    assert val.images.shape == (len(val), 3, SIZE, SIZE)
    assert val.images.dtype == torch.uint8
    high, wide = val.masks.any(2).sum(1), val.masks.any(1).sum(1)
    assert high.equal(wide)
    assert (high.min(), high.max()) == (14, 28)
    assert val.masks.sum((1, 2)).equal(high * wide)
    assert val[3].meta["mask"].equal(val.masks[3])


def test_the_same_each_time(val):
    again = Snapshots("val")
    assert again.images.equal(val.images)
    assert not Snapshots("test").images[:5].equal(val.images[:5])


def test_light_is_gain_and_lift_and_junk_stays_outside():
    draw = torch.Generator().manual_seed(0)
    drawing = torch.full((3, 72, 72), 200, dtype=torch.uint8)
    shot, page = Shot.draw(draw), junk(draw)
    image, mask = take(drawing, shot, page)
    expected = (200 * shot.gain + shot.lift).clamp(0, 255).round().flatten()
    assert image[:, mask].float().eq(expected[:, None]).all()
    assert image[:, ~mask].equal(page[:, ~mask])


def test_another_split_is_named():
    with pytest.raises(ValueError, match="there are 'train', 'val' and 'test'"):
        Snapshots("dev")
