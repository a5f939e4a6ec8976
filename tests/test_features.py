"""Frozen encoders and the features of the emoji pairs: what the weights know, masks and pads, and what is kept."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from mmcourse.checking.exercise import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.data import features
from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.features import emoji_features
from mmcourse.fetch import CourseError, FetchError
from mmcourse.text import MiniLM
from mmcourse.text.wordpiece import WordPiece
from mmcourse.vision import Lite0


def or_skip(make):
    """What `make` gives, from the usual cache; skipped where the weights are missing and cannot be downloaded."""
    try:
        return make()
    except FetchError as error:
        if "could not be downloaded" in str(error):
            pytest.skip(f"no network: {error}")
        raise


@pytest.fixture(scope="module")
def lite0() -> Lite0:
    return or_skip(Lite0.pretrained)


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return or_skip(MiniLM.pretrained)


@pytest.fixture(scope="module")
def pairs() -> EmojiPairs:
    return EmojiPairs(None, 72, ("en",))


class TestLite0:
    @pytest.mark.parametrize(("name", "imagenet"), [("balloon", 417), ("soccer ball", 805), ("violin", 889)])
    def test_it_knows_some_drawings_at_72_pixels(self, lite0, pairs, name, imagenet):
        logits = lite0.classify(pairs.images[pairs.text["en"].index(name)][None])
        assert logits.shape == (1, 1000)
        assert logits.argmax() == imagenet

    def test_its_numbers(self, lite0):
        """For a pattern whose side, 72, needs other padding than 224 does on the way: 9 -> 5 and 5 -> 3."""
        pattern = (torch.arange(3 * 72 * 72) * 7 % 256).to(torch.uint8).view(1, 3, 72, 72)
        vector = lite0(pattern).vector[0]
        torch.testing.assert_close(vector.norm(), torch.tensor(46.3811), rtol=0, atol=1e-3)
        assert {706, 422, 512, 1169, 403} == set(vector.topk(5).indices.tolist())
        torch.testing.assert_close(lite0.classify(pattern).max(), torch.tensor(23.9464), rtol=0, atol=1e-3)

    @pytest.mark.parametrize(("height", "width", "regions"), [(72, 72, 9), (100, 33, 4 * 2), (32, 64, 2), (1, 1, 1)])
    def test_a_region_for_each_32_pixels_begun(self, lite0, height, width, regions):
        out = lite0(torch.zeros(2, 3, height, width))
        assert [tuple(part.shape) for part in out] == [(2, 1280), (2, regions, 1280), (2, regions)]
        assert out.mask.dtype == torch.bool
        assert out.mask.all()
        torch.testing.assert_close(out.vector, out.tokens.mean(1))

    def test_regions_are_row_by_row(self, lite0):
        seen = []
        hook = lite0.head.register_forward_hook(lambda *given: seen.append(given[-1]))
        tokens = lite0(Draw(0).normal(1, 3, 96, 160).float() * 50 + 127).tokens
        hook.remove()
        assert seen[0].shape == (1, 1280, 3, 5)
        assert tokens[0, 1 * 5 + 3].equal(seen[0][0, :, 1, 3])

    def test_pixels_are_normalised_inside_whatever_their_type(self, lite0):
        seen = []
        hook = lite0.stem.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        image = torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 3, 1, 1).expand(1, 3, 40, 40)
        outs = [lite0(image).vector, lite0(image.float()).vector]
        hook.remove()
        assert seen[0][0, :, 5, 5].tolist() == [-127 / 128, 0, 1]
        assert outs[0].equal(outs[1])

    def test_pictures_do_not_see_each_other(self, lite0, pairs):
        torch.testing.assert_close(lite0(pairs.images[5:8]).vector[1:2], lite0(pairs.images[6:7]).vector)

    @pytest.mark.parametrize("shape", [(3, 72, 72), (1, 72, 72, 3)])
    def test_another_shape_is_refused(self, lite0, shape):
        with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
            lite0(torch.zeros(shape))


class TestWordPiece:
    def toy(self, longest=128):
        return WordPiece(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat", "##s", "##nip", "##", "é", "e", "!", "狗"], longest
        )

    def test_the_longest_piece_first_and_all_or_nothing(self):
        assert self.toy().cut("Cats catnip catx\tx!") == ["cat", "##s", "cat", "##nip", "[UNK]", "[UNK]", "!"]
        assert self.toy().cut("É狗e\u0301! c\u200bat") == ["e", "狗", "e", "!", "cat"]
        assert self.toy().cut("cat" + "s" * 97) == ["cat", *["##s"] * 97]
        assert self.toy().cut("cat" + "s" * 98) == ["[UNK]"]

    def test_numbers_pads_and_length(self):
        ids, mask = self.toy(longest=4).encode(["cat", "", "cats cats"])
        assert ids.tolist() == [[2, 4, 3, 0], [2, 3, 0, 0], [2, 4, 5, 3]]
        assert mask.sum(1).tolist() == [3, 2, 4]
        assert (ids.dtype, mask.dtype) == (torch.long, torch.bool)
        assert self.toy().encode([])[0].shape == (0, 2)

    def test_mistakes_are_told(self):
        with pytest.raises(TypeError, match="into a list"):
            self.toy().encode("cat")
        with pytest.raises(ValueError, match=r"no \[UNK\]"):
            WordPiece(["[PAD]"])


class TestMiniLM:
    @pytest.mark.parametrize(
        ("text", "ids"),
        [
            ("", []),
            ("cat face", [4937, 2227]),
            ("Crème brûlée!", [13675, 21382, 7987, 9307, 2063, 999]),
            ("flag: Côte d’Ivoire", [5210, 1024, 17155, 1040, 1521, 28346, 7442]),
            ("man’s shoe, size 8½", [2158, 1521, 1055, 10818, 1010, 2946, 1022, 13714]),
            ("ΣΟΦΟΣ", [1173, 29730, 29736, 29730, 29733]),
            ("한국어", [1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008]),
            ("猫脸", [100, 100]),
            ("x\x00y\u200bz\u00a0w", [1060, 2100, 2480, 1059]),
            ("a" * 101, [100]),
        ],
    )
    def test_the_numbers_it_was_trained_with(self, minilm, text, ids):
        assert minilm.encode([text])[0].tolist() == [[101, *ids, 102]]

    def test_what_means_the_same_is_near(self, minilm):
        dog, puppy, stocks = minilm(*minilm.encode(["dog", "puppy", "stocks"])).vector
        assert dog @ puppy > 0.7 > 0.4 > dog @ stocks

    def test_its_numbers(self, minilm):
        vector = minilm(*minilm.encode(["a cat on a mat"])).vector[0]
        torch.testing.assert_close(vector[:4], torch.tensor([0.1003, -0.0049, -0.0213, 0.0274]), rtol=0, atol=1e-4)

    def test_shapes_and_length_one_also_of_an_empty_text(self, minilm):
        out = minilm(*minilm.encode(["cat face", "", "word " * 200]))
        assert [tuple(part.shape) for part in out] == [(3, 384), (3, 128, 384), (3, 128)]
        assert out.mask.sum(1).tolist() == [4, 2, 128]
        torch.testing.assert_close(out.vector.norm(dim=-1), torch.ones(3))

    def test_neither_pads_nor_neighbours_change_a_vector(self, minilm):
        ids, mask = minilm.encode(["cat face"])
        alone = minilm(ids, mask).vector
        padded = minilm(F.pad(ids, (0, 9), value=7), F.pad(mask, (0, 9), value=False)).vector
        beside = minilm(*minilm.encode(["word " * 30, "cat face", ""])).vector[1:2]
        torch.testing.assert_close(padded, alone, rtol=0, atol=1e-5)
        torch.testing.assert_close(beside, alone, rtol=0, atol=1e-5)

    def test_a_row_of_nothing_gives_zeros_and_finite_gradients(self):
        model = MiniLM(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], d=8, heads=2, depth=2).double()
        for training in (True, False):
            vector = model.train(training)(torch.zeros(2, 3).long(), torch.tensor([[True] * 3, [False] * 3])).vector
            assert vector[1].eq(0).all()
            grads = torch.autograd.grad((vector * torch.arange(8)).sum(), list(model.parameters()), allow_unused=True)
            assert all(g.isfinite().all() for g in grads if g is not None)

    def test_too_many_tokens_are_refused(self, minilm):
        with pytest.raises(ValueError, match="513 tokens"):
            minilm(torch.zeros(1, 513).long(), torch.ones(1, 513).bool())


@pytest.mark.parametrize("encoder", [Lite0, MiniLM])
def test_pretrained_is_frozen_and_draws_no_random_numbers(encoder):
    before = torch.get_rng_state()
    model = or_skip(encoder.pretrained)
    assert torch.get_rng_state().equal(before)
    assert not any(module.training for module in model.modules())
    assert not any(p.requires_grad or p.is_meta for p in model.parameters())


def test_they_stay_on_the_device_of_their_inputs():
    """Meta tensors stand in for a GPU."""
    draw = Draw(0)
    small = MiniLM(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], d=8, heads=2, depth=1)
    for model, inputs in (
        (Lite0(), (draw.normal(2, 3, 40, 40),)),
        (small, (draw.integers(0, 4, 2, 3), draw.mask(1, 3))),
    ):
        model = model.to("meta")
        with OneDevice():
            out = model(*map(to_meta, inputs))
            assert all(part.is_meta for part in out)
            out.vector.sum().backward()
    assert small.encode(["x"])[0].is_meta


def test_importing_fetches_nothing(tmp_path):
    program = "import mmcourse.vision, mmcourse.text, mmcourse.data.features"
    env = os.environ | {"MMCOURSE_CACHE": str(tmp_path), "PIP_NO_INDEX": "1"}
    subprocess.run([sys.executable, "-c", program], env=env, check=True)
    assert list(tmp_path.iterdir()) == []


class TestEmojiFeatures:
    """The real ones, from the usual cache; computed where it does not hold them."""

    def test_all_of_them_in_the_order_of_the_pairs(self, pairs, lite0, minilm):
        found = or_skip(lambda: emoji_features(None))
        assert found.image.shape == (1898, 1280)
        assert found.text.shape == (1898, 384)
        assert found.labels.equal(pairs.labels)
        assert found.classes == pairs.classes
        rows = [0, 1000, 1897]
        torch.testing.assert_close(found.image[rows], lite0(pairs.images[rows]).vector, rtol=1e-3, atol=1e-2)
        names = [pairs.text["en"][i] for i in rows]
        torch.testing.assert_close(found.text[rows], minilm(*minilm.encode(names)).vector, rtol=0, atol=1e-3)

    def test_a_split_is_its_rows(self):
        whole = or_skip(lambda: emoji_features(None))
        in_split = torch.tensor([row["split"] == "val" for row in features._concepts()])
        val = emoji_features("val")
        assert val.image.equal(whole.image[in_split])
        assert val.text.equal(whole.text[in_split])
        assert val.labels.equal(EmojiPairs("val", 1, ()).labels)
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            emoji_features("dev")


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def encode(cache, monkeypatch):
    """Encoders that give other numbers each time; `encode.calls` says how often they were asked."""

    class Encode:
        calls = 0

        def __call__(self):
            self.calls += 1
            return torch.full((1898, 4), float(self.calls)), torch.full((1898, 3), float(self.calls))

    encode = Encode()
    monkeypatch.setattr(features, "_encode", encode)
    return encode


KEPT = "emoji_features.safetensors"


class TestKeeping:
    def test_encoded_once_and_read_after_that(self, encode, cache):
        first, again = emoji_features("test"), emoji_features("test")
        assert encode.calls == 1
        assert first.image.equal(again.image)
        assert first.text.equal(again.text)
        assert [path.name for path in cache.iterdir()] == [KEPT]

    @pytest.mark.parametrize("fault", ["empty", "half", "one bit", "not at all"])
    def test_a_damaged_file_is_never_used(self, encode, cache, fault):
        emoji_features()
        whole = (cache / KEPT).read_bytes()
        flipped = whole[:-1000] + bytes([whole[-1000] ^ 1]) + whole[-999:]
        bad = {"empty": b"", "half": whole[: len(whole) // 2], "one bit": flipped, "not at all": b"{}" * 5000}
        (cache / KEPT).write_bytes(bad[fault])
        assert emoji_features().image.eq(2).all()
        assert emoji_features().image.eq(2).all()
        assert encode.calls == 2

    def test_a_stale_file_is_never_used(self, encode, monkeypatch):
        emoji_features()
        monkeypatch.setattr(features, "FORMAT", features.FORMAT + 1)
        assert emoji_features().image.eq(2).all()
        monkeypatch.setattr(features, "version", lambda name: "9.9")
        assert emoji_features().image.eq(3).all()
        assert emoji_features().image.eq(3).all()

    @pytest.mark.parametrize("step", ["write_bytes", "replace"])
    def test_a_full_disk_is_told_and_the_features_are_there(self, encode, cache, monkeypatch, capsys, step):
        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, step, full)
        assert len(emoji_features("test").image) == len(emoji_features("test").labels)
        said = capsys.readouterr().out.splitlines()
        assert len(said) == encode.calls == 2
        assert "No space left" in said[0]
        assert "MMCOURSE_CACHE" in said[0]
        assert list(cache.iterdir()) == []

    def test_an_interruption_leaves_nothing(self, encode, cache, monkeypatch):
        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            emoji_features()
        assert list(cache.iterdir()) == []

    def test_no_folder_to_write_to_is_told(self, encode, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "file" / "cache"))
        with pytest.raises(CourseError, match=r"cannot be written.*MMCOURSE_CACHE"):
            emoji_features()

    def test_two_processes_at_once_both_end_well(self, cache):
        program = """
import time, torch
from mmcourse.data import features
def encode():
    time.sleep(0.3)
    return torch.ones(1898, 1280), torch.ones(1898, 384)
features._encode = encode
print(features.emoji_features("test").image.sum().item())
"""
        both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [one.communicate()[0].split() for one in both]
        assert [one.returncode for one in both] == [0, 0]
        assert said[0] == said[1]
        assert [path.name for path in cache.iterdir()] == [KEPT]

    def test_what_was_just_encoded_can_be_trained_on(self, cache, monkeypatch):
        """Whether it came from the encoders or from the file."""
        small = (Lite0().eval(), MiniLM(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], d=8, heads=2, depth=1).eval())
        for kind, model in zip((features.Lite0, features.MiniLM), small, strict=True):
            monkeypatch.setattr(kind, "pretrained", lambda model=model: model)
        monkeypatch.setattr(features, "SIZE", 8)
        for _ in range(2):
            found = emoji_features("test")
            head = torch.nn.Linear(1280 + 8, 9)
            F.cross_entropy(head(torch.cat([found.image, found.text], -1)), found.labels).backward()
            assert head.weight.grad.isfinite().all()
