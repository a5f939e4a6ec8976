"""Frozen encoders and the features of the emoji pairs: what the weights know, masks and pads, and what is kept."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.data import Item
from mmcourse.data import features as kept_features
from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.features import emoji_features, features
from mmcourse.data.frozen import picture_vectors, text_vectors
from mmcourse.encoded import Encoded
from mmcourse.fetch import CourseError, FetchError
from mmcourse.text import MiniLM
from mmcourse.text.wordpiece import WordPiece
from mmcourse.vision import Lite0
from mmcourse.vision.transfer import moved, snapshot


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
    @pytest.mark.parametrize(("name", "imagenet"), [("balloon", {417}), ("soccer ball", {805}), ("violin", {889, 486})])
    def test_it_knows_some_drawings_at_72_pixels(self, lite0, pairs, name, imagenet):
        """The drawing of a violin could be a cello: the two come first, and close."""
        logits = lite0.classify(pairs.images[pairs.text["en"].index(name)][None])
        assert logits.shape == (1, 1000)
        assert set(logits[0].topk(len(imagenet)).indices.tolist()) == imagenet

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
        in_split = torch.tensor([row["split"] == "val" for row in kept_features._concepts()])
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


class Pictures(Dataset[Item]):
    """300 small pictures with English names: two parts to keep."""

    def __init__(self, n: int = 300):
        self.images = (torch.arange(n * 3 * 8 * 8) % 251).to(torch.uint8).view(n, 3, 8, 8)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        if i >= len(self):
            raise IndexError(i)
        return Item(self.images[i], {"en": f"cat {'s' * (i % 5)}"}, 0, {})


class Sees(nn.Module):
    """An encoder with statistics; `calls` says how many pictures it was asked about."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
        self.calls = 0
        self.stop_at = None

    def forward(self, images):
        self.calls += len(images)
        if self.stop_at is not None and self.calls >= self.stop_at:
            raise KeyboardInterrupt
        return Encoded.single(self.layers(images.float() / 255).mean((2, 3)))


def parts(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.safetensors"))


class TestFeatures:
    def test_the_encoders_vectors_in_the_sets_order_in_eval_mode_without_gradients(self, cache):
        data, encoder = Pictures(), Sees().train()
        before = snapshot(encoder)
        found = features(data, encoder, batch=7)
        encoder.eval()
        torch.testing.assert_close(found, encoder(data.images).vector.detach())
        assert not found.requires_grad
        assert moved(encoder, before) == []

    def test_encoded_once_and_read_after_that(self, cache):
        encoder = Sees()
        first, again = features(Pictures(), encoder), features(Pictures(), encoder)
        assert encoder.calls == 300
        assert first.equal(again)
        assert len(parts(cache)) == 2
        assert not list(cache.glob("fetching-*"))

    def test_by_name_as_the_set_itself(self, cache):
        encoder = Sees()
        assert features("emoji", encoder, split="val", size=9).equal(features(EmojiPairs("val", 9), encoder))

    @pytest.mark.parametrize("change", ["weight", "statistic", "picture", "order", "rows", "batch", "format"])
    def test_whatever_the_vectors_depend_on_makes_them_anew(self, cache, change, monkeypatch):
        data, encoder, batch = Pictures(), Sees(), 32
        features(data, encoder)
        encoder.calls = 0
        with torch.no_grad():
            if change == "weight":
                encoder.layers[0].weight[0, 0, 0, 0] += 1e-3
            elif change == "statistic":
                encoder.layers[1].running_mean += 0.1
            elif change == "picture":
                data.images[299, 0, 0, 0] ^= 1
            elif change == "order":
                data.images = data.images.flip(0)
            elif change == "rows":
                data.images = data.images[:299]
            elif change == "batch":
                batch = 16
            else:
                monkeypatch.setattr("mmcourse.data.features.FORMAT", 99)
        found = features(data, encoder, batch=batch)
        assert encoder.calls == len(data)
        torch.testing.assert_close(found, encoder(data.images).vector.detach())

    def test_another_encoder_with_the_same_weights_is_another(self, cache):
        class Doubles(Sees):
            def forward(self, images):
                return Encoded.single(2 * super().forward(images).vector)

        once, twice = features(Pictures(), Sees()), features(Pictures(), Doubles())
        torch.testing.assert_close(twice, 2 * once)

    def test_texts_through_the_same_door(self, cache):
        reads = MiniLM(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cat", "s", "##s"], d=8, heads=2, depth=1)
        found = features(Pictures(40), reads, text="en")
        names = [Pictures(40)[i].text["en"] for i in range(40)]
        torch.testing.assert_close(found, reads(*reads.encode(names)).vector.detach(), rtol=1e-4, atol=1e-5)
        assert features(Pictures(40), reads, text="en").equal(found)

    def test_a_set_without_pictures_is_told(self, cache):
        class Texts(Pictures):
            def __getitem__(self, i):
                return super().__getitem__(i)._replace(image=None)

        with pytest.raises(ValueError, match="no pictures; text='en'"):
            features(Texts(), Sees())


class TestKeeping:
    @pytest.mark.parametrize("fault", ["empty", "half", "one bit", "not at all", "gone"])
    def test_a_damaged_part_is_made_again_and_the_others_are_read(self, cache, fault):
        encoder = Sees()
        first = features(Pictures(), encoder)
        path = parts(cache)[1]
        whole = path.read_bytes()
        flipped = whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]
        bad = {"empty": b"", "half": whole[: len(whole) // 2], "one bit": flipped, "not at all": b"{}" * 5000}
        path.unlink() if fault == "gone" else path.write_bytes(bad[fault])
        for _ in range(2):
            assert features(Pictures(), encoder).equal(first)
        assert encoder.calls == 300 + 44

    def test_a_part_of_another_run_is_never_used(self, cache):
        encoder = Sees()
        features(Pictures(), encoder)
        other = Pictures()
        other.images = other.images.flip(0)
        features(other, encoder)
        one, two = sorted((cache / "features").iterdir())
        for path in one.iterdir():
            (two / path.name).write_bytes(path.read_bytes())
        torch.testing.assert_close(features(other, encoder), encoder(other.images).vector.detach())
        torch.testing.assert_close(features(Pictures(), encoder), encoder(Pictures().images).vector.detach())

    def test_a_stopped_run_goes_on_where_it_stopped(self, cache):
        encoder = Sees()
        encoder.stop_at = 280
        with pytest.raises(KeyboardInterrupt):
            features(Pictures(), encoder)
        assert len(parts(cache)) == 1
        assert not list(cache.glob("fetching-*"))
        encoder.calls, encoder.stop_at = 0, None
        found = features(Pictures(), encoder)
        assert encoder.calls == 44
        torch.testing.assert_close(found, encoder(Pictures().images).vector.detach())

    @pytest.mark.parametrize("step", ["write_bytes", "replace"])
    def test_a_full_disk_is_told_once_and_the_features_are_there(self, cache, monkeypatch, capsys, step):
        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, step, full)
        assert features(Pictures(), Sees(), progress=False).shape == (300, 4)
        said = capsys.readouterr().out.splitlines()
        assert len(said) == 1
        assert "No space left" in said[0]
        assert "MMCOURSE_CACHE" in said[0]
        assert parts(cache) == []
        assert not list(cache.glob("fetching-*"))

    def test_an_interruption_while_writing_leaves_nothing(self, cache, monkeypatch):
        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            features(Pictures(), Sees())
        assert parts(cache) == []
        assert not list(cache.glob("fetching-*"))

    def test_no_folder_to_write_to_is_told(self, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "file" / "cache"))
        with pytest.raises(CourseError, match=r"cannot be written.*MMCOURSE_CACHE"):
            features(Pictures(), Sees())

    def test_two_processes_at_once_both_end_well(self, cache):
        program = """
import time, torch
from mmcourse.data.keep import rows_kept
def make(start, stop):
    time.sleep(0.2)
    return torch.arange(start, stop).float()[:, None]
print(rows_kept("x", 1, 600, make, progress=False).sum().item())
"""
        both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [one.communicate()[0].split() for one in both]
        assert [one.returncode for one in both] == [0, 0]
        assert said == [[str(float(sum(range(600))))]] * 2
        assert len(parts(cache)) == 3

    def test_the_emojis_are_read_without_their_weights(self, cache, monkeypatch):
        """And what was just encoded can be trained on, whether it came from the encoders or from the files."""
        small = (Lite0().eval(), MiniLM(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], d=8, heads=2, depth=1).eval())
        for kind, model in zip((kept_features.Lite0, kept_features.MiniLM), small, strict=True):
            monkeypatch.setattr(kind, "pretrained", lambda model=model: model)
        monkeypatch.setattr(kept_features, "SIZE", 8)
        for _ in range(2):
            found = emoji_features("test")
            head = nn.Linear(1280 + 8, 9)
            F.cross_entropy(head(torch.cat([found.image, found.text], -1)), found.labels).backward()
            assert head.weight.grad.isfinite().all()

            def gone():
                raise AssertionError("the weights are not needed any more")

            monkeypatch.setattr(kept_features.Lite0, "pretrained", gone)
            monkeypatch.setattr(kept_features.MiniLM, "pretrained", gone)


class TestFrozen:
    def test_the_emojis_are_those_of_emoji_features(self):
        kept, pairs = or_skip(lambda: emoji_features("val")), EmojiPairs("val", 72, ("en",))
        assert picture_vectors(pairs).equal(kept.image)
        assert text_vectors(pairs).equal(kept.text)
        assert text_vectors(EmojiPairs("val", 20, ("zh",), style=("twemoji", "openmoji"))).equal(kept.text.repeat(2, 1))

    def test_any_other_set_is_encoded(self, cache, lite0, minilm, monkeypatch):
        monkeypatch.setattr(type(lite0), "pretrained", lambda: lite0)
        monkeypatch.setattr(type(minilm), "pretrained", lambda: minilm)
        pairs = Pictures(5)
        torch.testing.assert_close(picture_vectors(pairs), lite0(pairs.images).vector)
        texts = [pairs[i].text["en"] for i in range(5)]
        torch.testing.assert_close(text_vectors(pairs), minilm(*minilm.encode(texts)).vector)

    def test_drawings_of_another_size_are_not_the_kept_ones(self, cache, lite0, monkeypatch):
        monkeypatch.setattr(type(lite0), "pretrained", lambda: lite0)
        small = EmojiPairs("val", 36, ("en",))
        torch.testing.assert_close(picture_vectors(small), lite0(small.images).vector, rtol=1e-3, atol=1e-3)
