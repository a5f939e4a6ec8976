"""Preprocessing: equal to torchvision's where it has the operation, exact where it has not, at home on any device."""

import pytest
import torch
import torchvision.transforms.v2.functional as tv
from torch.nn.utils.rnn import pad_sequence
from torchvision.transforms import v2

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.preprocess import (
    BOS,
    EOS,
    PAD,
    STOP_WORDS,
    UNK,
    Vocabulary,
    channel_statistics,
    characters,
    collate,
    crossing,
    cut,
    encode,
    learn_merges,
    letterbox,
    mirror,
    normalise,
    resize,
    spare,
    split_by,
    without,
    words,
)

SIZES = [(7, 5, 9), (5, 12, 8), (9, 9, 9), (1, 6, 11), (40, 3, 16), (6, 17, 5)]  # high, wide, the square's side


def bytes_of(*shape):
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


class TestPictures:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("batch", [1, 3])
    def test_normalise_is_torchvisions(self, dtype, batch):
        images = bytes_of(batch, 3, 5, 3)  # W = C: a mean along the wrong axis would run
        mean, std = torch.tensor([0.5, 0.4, 0.3], dtype=dtype), torch.tensor([0.2, 0.3, 0.1], dtype=dtype)
        scaled = images.to(dtype) / 255
        torch.testing.assert_close(normalise(images, mean, std), tv.normalize(scaled, mean.tolist(), std.tolist()))
        pipeline = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean.tolist(), std.tolist())])
        torch.testing.assert_close(normalise(images, mean, std).float(), pipeline(images))

    def test_without_statistics_the_scale_is_minus_one_to_one(self):
        assert normalise(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]

    def test_with_their_own_statistics_channels_have_mean_0_and_spread_1(self):
        images = bytes_of(4, 3, 6, 5)
        out = normalise(images, *channel_statistics(images))
        torch.testing.assert_close(out.mean((0, 2, 3)), torch.zeros(3), atol=1e-6, rtol=0)
        torch.testing.assert_close(out.std((0, 2, 3), correction=0), torch.ones(3))

    @pytest.mark.parametrize(("high", "wide", "size"), SIZES)
    def test_resize_is_torchvisions(self, high, wide, size):
        image = Draw(0).normal(2, high, wide).requires_grad_()
        ours, theirs = resize(image, size, size + 2), tv.resize(image, [size, size + 2], antialias=True)
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
        weights = Draw(1).normal(*ours.shape)
        grads = [torch.autograd.grad((x * weights).sum(), image)[0] for x in (ours, theirs)]
        torch.testing.assert_close(*grads, rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize(("high", "wide", "size"), SIZES)
    def test_letterbox_is_torchvisions_resize_and_pad(self, high, wide, size):
        image = Draw(0).normal(3, high, wide)
        boxed, mask = letterbox(image, size, fill=7.0)
        scale = size / max(high, wide)
        h, w = max(1, round(high * scale)), max(1, round(wide * scale))
        top, left = (size - h) // 2, (size - w) // 2
        sides = [left, top, size - w - left, size - h - top]
        theirs = tv.pad(tv.resize(image, [h, w], antialias=True), sides, fill=7.0)
        torch.testing.assert_close(boxed, theirs, rtol=1e-9, atol=1e-9)
        assert mask.shape == (size, size)
        assert int(mask.sum()) == h * w
        assert boxed[:, ~mask].eq(7).all()
        assert max(h, w) == size

    def test_a_letterboxed_circle_is_a_circle(self):
        y, x = torch.meshgrid(torch.arange(60.0), torch.arange(120.0), indexing="ij")
        disc = (((y - 30) ** 2 + (x - 60) ** 2) < 20**2).float()[None]
        boxed, _ = letterbox(disc, 40)
        high, wide = (int((boxed[0] > 0.5).any(axis).sum()) for axis in (1, 0))
        assert abs(high - wide) <= 1

    def test_mirror_turns_both(self):
        image = torch.arange(6).view(1, 2, 3)
        flipped, caption = mirror(image, "The bright cat is left of the dog. LEFT, not right: copyright")
        assert flipped.tolist() == [[[2, 1, 0], [5, 4, 3]]]
        assert caption == "The bright cat is right of the dog. RIGHT, not left: copyright"
        again = mirror(flipped, caption)
        assert again[0].equal(image)
        assert again[1].startswith("The bright cat is left of")


class TestSplits:
    def test_relatives_go_together(self):
        keys = ["a", "b", "a", "c", "d", "d", "e", "f"]
        for seed in range(20):
            held = split_by(keys, 0.4, seed)
            assert held.sum() >= 0.4 * len(keys)
            assert not crossing(keys, held).any()
        assert len({tuple(split_by(keys, 0.4, seed).tolist()) for seed in range(20)}) > 1

    def test_crossing_names_the_held_out_relatives(self):
        held = torch.tensor([True, False, True, False])
        assert crossing(["a", "a", "b", "c"], held).tolist() == [True, False, False, False]

    def test_a_share_is_a_share(self):
        with pytest.raises(ValueError, match="from 0 to 1"):
            split_by("abc", 20)
        assert split_by("abc", 0).sum() == 0
        assert split_by("abc", 1).all()


class TestWords:
    def test_tokenisers_need_no_download(self, monkeypatch):
        import nltk
        from nltk.tokenize import TreebankWordTokenizer, TweetTokenizer, wordpunct_tokenize

        monkeypatch.setattr(nltk.data, "path", [])
        said = "It isn't good :-)"
        assert wordpunct_tokenize(said) == ["It", "isn", "'", "t", "good", ":-)"]
        assert TreebankWordTokenizer().tokenize(said) == ["It", "is", "n't", "good", ":", "-", ")"]
        assert TweetTokenizer().tokenize(said) == ["It", "isn't", "good", ":-)"]

    def test_chinese_by_character(self):
        assert characters("电脑mouse 3 好!") == ["电", "脑", "mouse", "3", "好", "!"]
        assert characters("Plain words.") == words("Plain words.")

    def test_four_specials_stay_apart(self):
        vocabulary = Vocabulary(["cat face", "cat"], ends=True)
        assert vocabulary.words == [PAD, UNK, BOS, EOS, "cat", "face"]
        ids, mask = vocabulary.encode(["cat", "a cat face here", ""], length=4)
        assert ids.tolist() == [[2, 4, 3, 0], [2, 1, 4, 3], [2, 3, 0, 0]]
        assert mask.sum(1).tolist() == [3, 4, 2]
        assert vocabulary.encode(["cat face"])[0].shape == (1, 4)

    def test_pads_are_torchs(self):
        rows = [torch.tensor([5, 4, 6]), torch.tensor([7]), torch.tensor([8, 9])]
        index = {PAD: 0, UNK: 1, BOS: 2, EOS: 3} | {str(i): i for i in range(4, 10)}
        ids, mask = encode([[str(int(i)) for i in row] for row in rows], index, 5)
        theirs = pad_sequence([torch.tensor([2, *row.tolist(), 3]) for row in rows], batch_first=True)
        assert ids.equal(theirs)
        assert mask.equal(theirs != 0)

    def test_no_room_for_both_ends(self):
        with pytest.raises(ValueError, match="need 2"):
            encode([["a"]], {PAD: 0, UNK: 1, BOS: 2, EOS: 3}, 1)

    def test_merges_are_those_of_the_paper(self):
        """The example of the paper's section 3.2: low, lower, newest, widest."""
        corpus = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
        merges = learn_merges(corpus, 10)
        assert merges[:3] == [("e", "s"), ("es", "t·"), ("l", "o")]
        assert cut("lowest", learn_merges(corpus, 4)) == ["lo", "w", "est·"]
        assert "".join(cut("newer", merges)) == "newer·"
        assert learn_merges(["ab", "ba"], 5) == []
        assert cut("", merges) == []

    def test_merges_are_those_of_counting_anew_each_time(self):
        from collections import Counter

        from mmcourse.preprocess.subwords import join, letters

        corpus = words("the theme of these three there is that banana bananas thaw the anthem aaaa aaa") * 3
        parts, anew = {word: letters(word) for word in corpus}, []
        for _ in range(25):
            pairs = Counter(pair for word in corpus for pair in zip(parts[word], parts[word][1:], strict=False))
            if not pairs:
                break
            anew.append(min(pairs, key=lambda pair: (-pairs[pair], pair)))
            parts = {word: join(p, anew[-1]) for word, p in parts.items()}
        assert learn_merges(corpus, 25) == anew

    def test_ties_are_settled_by_the_alphabet(self):
        assert learn_merges(["xy", "ab", "xy", "ab"], 1) == [("a", "b·")]
        assert learn_merges(["ab", "xy", "ab", "xy"], 1) == [("a", "b·")]

    def test_overlapping_pairs_are_joined_from_the_left(self):
        assert cut("aaaa", [("a", "a")]) == ["aa", "a", "a·"]

    def test_a_stop_list_that_spares_what_tells_labels_apart(self):
        good, bad = words("i have had no problems ."), words("we had problems .")
        assert without(good, STOP_WORDS) == without(bad, STOP_WORDS) == ["problems", "."]
        kept = spare(STOP_WORDS, [(good, bad)])
        assert set(STOP_WORDS) - set(kept) == {"i", "have", "no", "we"}
        assert spare(["a", "not"], [(words("a good"), words("not good indeed"))]) == ["a", "not"]
        assert {"no", "nor", "not"} <= set(STOP_WORDS)
        assert len(set(STOP_WORDS)) == len(STOP_WORDS)


class TestBatches:
    def test_collate(self):
        draw = Draw(0)
        items = [
            (draw.normal(3, 4, 6), torch.tensor([5, 7]), 1),
            (draw.normal(3, 5, 2), torch.tensor([], dtype=torch.long), 0),
        ]
        batch = collate(items)
        assert [tuple(x.shape) for x in batch] == [(2, 3, 5, 6), (2, 5, 6), (2, 2), (2, 2), (2,)]
        assert batch.images.dtype == torch.float64
        for b, (image, ids, label) in enumerate(items):
            assert batch.images[b][:, batch.pixels[b]].equal(image.flatten(1))
            assert batch.images[b][:, ~batch.pixels[b]].eq(0).all()
            assert batch.ids[b][batch.words[b]].equal(ids)
            assert batch.labels[b] == label

    def test_one_item_without_words(self):
        batch = collate([(torch.ones(1, 2, 3), torch.tensor([], dtype=torch.long), 4)])
        assert batch.ids.tolist() == [[0]]
        assert batch.words.tolist() == [[False]]
        assert batch.pixels.all()

    def test_gradients_pass(self):
        image = Draw(0).normal(3, 2, 2).requires_grad_()
        other = Draw(1).normal(3, 4, 3).requires_grad_()
        ids = torch.tensor([1])
        grads = torch.autograd.grad(collate([(image, ids, 0), (other, ids, 1)]).images.sum(), (image, other))
        assert all(grad.eq(1).all() for grad in grads)


ANYWHERE = {
    "normalise": lambda: (normalise, bytes_of(2, 3, 4, 5), torch.rand(3), torch.rand(3)),
    "channel_statistics": lambda: (channel_statistics, bytes_of(2, 3, 4, 5)),
    "letterbox": lambda: (lambda image: letterbox(image, 8), torch.rand(3, 4, 7)),
    "mirror": lambda: (lambda image: mirror(image, "left")[0], torch.rand(3, 4, 7)),
    "collate": lambda: (
        lambda a, b, i: collate([(a, i, 0), (b, i, 1)]),
        torch.rand(3, 4, 7),
        torch.rand(3, 5, 2),
        torch.tensor([1, 2]),
    ),
}


@pytest.mark.parametrize("name", ANYWHERE)
def test_at_home_on_any_device(name):
    run, *inputs = ANYWHERE[name]()
    with torch.no_grad(), OneDevice():
        out = run(*(to_meta(x) for x in inputs))
    assert all(x.is_meta for x in (out if isinstance(out, tuple) else (out,)))
