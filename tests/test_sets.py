"""Every set of the registry: its card says what it must, and what it loads keeps the interface."""

import pytest
import torch

from mmcourse.data import SETS, Item, card, load


@pytest.mark.parametrize("name", SETS)
class TestEverySet:
    def test_the_card_says_what_it_must(self, name):
        said = card(name)
        assert said.name == name
        for field in ("title", "what", "many", "source", "licence", "attribution", "fit", "unfit", "get"):
            assert getattr(said, field).strip(), field
        state = said.state()
        assert (state.word == "ready") == (state.says == "")

    def test_what_it_loads_keeps_the_interface(self, name):
        if card(name).state().word != "ready":
            pytest.skip(card(name).state().says)
        found = load(name)
        assert len(found) > 0
        item = found[len(found) - 1]
        assert isinstance(item, Item)
        assert item.image is None or (item.image.dtype == torch.uint8 and item.image.shape[0] == 3)
        assert all(isinstance(text, str) and text for text in item.text.values())
        assert 0 <= item.label < len(found.classes)
        assert isinstance(item.meta, dict)


def test_an_unknown_set_is_told_what_there_is():
    with pytest.raises(ValueError, match="no data set 'emojis'; there are emoji"):
        load("emojis")
