"""The search among emoji concepts that were never trained on: what it is given, and how its splits are made."""

import pytest
import torch

from mmcourse.data.emoji import EmojiPairs
from mmcourse.experiments import unseen_concepts as unseen


def test_pictures_are_enlarged_and_keywords_stand_behind_names():
    large = unseen.Enlarged(144)
    i = large.pairs.text["en"].index("pizza")
    item = large[i]
    assert item.image.shape == (3, 144, 144)
    assert item.image.dtype == torch.uint8
    small = torch.nn.functional.avg_pool2d(item.image[None].float(), 2)[0]
    assert (small - large.pairs.images[i].float()).abs().mean() < 6
    name, *words = item.text["en"].split(", ")
    assert name == "pizza"
    assert words == list(large.pairs.meta[i]["keywords"]) != []


@pytest.mark.parametrize("split", unseen.SPLITS)
def test_nothing_is_trained_on_and_searched_among(split):
    old, new = unseen.parted(split, 1)
    assert not set(old.tolist()) & set(new.tolist())
    assert (len(old), len(new)) == ((1598, 300) if "300" in split else (1210, 356))
    again = unseen.parted(split, 2)[1]
    assert new.equal(again) == (split == "by family")


def test_no_twin_stands_on_both_sides_of_the_split_by_family():
    families = [row["family"] for row in EmojiPairs(None, 1, ()).meta]
    old, new = ({families[i] for i in rows} for rows in unseen.parted("by family", 0))
    assert not old & new
