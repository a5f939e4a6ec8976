"""The emoji that show things, the toy of the gradient."""

import pytest
import torch
from ipywidgets import Widget

from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.things import KINDS, Things
from mmcourse.show import figures
from mmcourse.show import gradients as toy


class TestThings:
    def test_five_groups_of_the_emoji_in_their_order(self):
        things, pairs = Things("train", size=8), EmojiPairs("train", 8, ("en",))
        rows = [i for i, label in enumerate(pairs.labels) if pairs.classes[label] in KINDS]
        assert things.images.equal(pairs.images[rows])
        assert things.text["en"] == [pairs.text["en"][i] for i in rows]
        assert [things.classes[label] for label in things.labels] == [pairs.classes[pairs.labels[i]] for i in rows]
        assert things[3].label == things.labels[3]

    def test_what_is_held_out_shares_no_picture_with_training(self):
        train, new = Things("train", size=4), Things("held-out", size=4)
        assert (len(train), len(new)) == (536, 317)
        assert not set(train.text["en"]) & set(new.text["en"])
        with pytest.raises(ValueError, match="'train' and 'held-out'"):
            Things("test")

    def test_a_few_of_each(self):
        things = Things("train", size=4)
        rows = things.few(7, seed=3)
        assert things.labels[rows].bincount().tolist() == [7] * 5
        assert len(rows.unique()) == 35
        assert not rows.equal(things.few(7, seed=4))
        assert rows.equal(things.few(7, seed=3))
        assert things.few(None).equal(torch.arange(len(things)))


WAYS = {
    ("plain", 4): ([1.0, 0.5, 0.2], 0.95),
    ("plain", 34): ([1.0, -2.0, 0.5], -0.02),
    ("residual", 4): ([1.0, 1.1, 1.2], 0.98),
    ("residual", 34): ([1.0, 0.9, 0.8], 0.5),
}


class TestGradients:
    def test_says_what_is_to_be_seen(self):
        assert toy.told(WAYS, "plain", 4) == (
            "plain, 4 layers: neighbouring gradients agree to 0.95; a step that helps here helps next door."
        )
        assert "half another one" in toy.told(WAYS, "residual", 34)
        assert "agree to 0.00; next door it is another one altogether" in toy.told(WAYS, "plain", 34)

    def test_slider_and_switch_change_drawing_and_words(self, monkeypatch):
        import IPython.display

        shown, stills = [], []
        monkeypatch.setattr(IPython.display, "display", lambda box, raw=False: raw or shown.append(box))
        monkeypatch.setattr(figures, "display", lambda data, raw: stills.append(data))
        toy.gradients(WAYS)
        kind, depth, drawn, said = shown[0].children
        assert isinstance(depth, Widget)
        before = drawn.value
        depth.value = 34
        assert "plain, 34 layers" in said.value
        assert "aria-live" in said.value
        assert drawn.value != before
        kind.value = "residual"
        assert "residual, 34 layers: neighbouring gradients agree to 0.50" in said.value
        assert "<details><summary>No sliders here?" in stills[0]["text/html"]
        assert "plain, 34 layers" in stills[0]["text/plain"]
