"""Reference implementations: equal to torch's own, right in their masks, at home on any device."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse import device
from mmcourse.attention import MultiHeadAttention, attend, attend_by_hand, attention_pool, attention_weights
from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import MemoryWatch, OneDevice, to_meta
from mmcourse.encoded import Encoded
from mmcourse.fusion import Concat, attention_sum, joint_softmax, standardise
from mmcourse.preprocess import Vocabulary, normalise, words
from mmcourse.tasks.classify import PairClassifier
from mmcourse.text import BagOfWords, TransformerEncoder, masked_mean
from mmcourse.text.positions import Sinusoids
from mmcourse.text.transformer import EncoderLayer
from mmcourse.vision import SmallCNN


def grads(out: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad((out * torch.arange(out.numel()).view_as(out)).sum(), inputs)


def same(a: Tensor, b: Tensor, *inputs: Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)
    for x, y in zip(grads(a, *inputs), grads(b, *inputs), strict=True):
        torch.testing.assert_close(x, y, rtol=1e-9, atol=1e-9)


class TestAttention:
    @pytest.mark.parametrize("lengths", [None, (5, 5, 5), (2, 5, 1), (0, 3, 5)])
    def test_by_hand_is_torchs(self, lengths):
        draw = Draw(0)
        q, k, v = (draw.normal(3, t, 4).requires_grad_() for t in (2, 5, 5))
        mask = None if lengths is None else draw.mask(*lengths)[:, None]
        same(attend_by_hand(q, k, v, mask), attend(q, k, v, mask), q, k, v)

    def test_nothing_to_look_at_gives_zeros_and_finite_gradients(self):
        draw = Draw(0)
        q, k, v = (draw.normal(1, 3, 4).requires_grad_() for _ in range(3))
        for attention in (attend, attend_by_hand):
            out = attention(q, k, v, torch.zeros(1, 1, 3, dtype=torch.bool))
            assert out.eq(0).all()
            assert all(g.isfinite().all() for g in grads(out, q, k, v))

    @pytest.mark.parametrize(("batch", "queries", "keys", "heads"), [(1, 1, 1, 1), (3, 5, 7, 2), (2, 4, 3, 4)])
    def test_multi_head_is_torchs_with_copied_weights(self, batch, queries, keys, heads):
        draw = Draw(1)
        ours, theirs = MultiHeadAttention(8, heads).double(), nn.MultiheadAttention(8, heads, batch_first=True).double()
        ours.load_state_dict(draw.module(ours))
        with torch.no_grad():
            theirs.in_proj_weight.copy_(torch.cat([ours.q.weight, ours.k.weight, ours.v.weight]))
            theirs.in_proj_bias.copy_(torch.cat([ours.q.bias, ours.k.bias, ours.v.bias]))
            theirs.out_proj.load_state_dict(ours.out.state_dict())
        asks, told = draw.normal(batch, queries, 8).requires_grad_(), draw.normal(batch, keys, 8).requires_grad_()
        mask = draw.mask(*range(1, batch + 1), size=keys) if keys >= batch else draw.mask(*[keys] * batch)
        # torch's key_padding_mask is the opposite: True = ignore
        same(ours(asks, told, mask), theirs(asks, told, told, key_padding_mask=~mask)[0], asks, told)

    def test_heads_must_divide(self):
        with pytest.raises(ValueError, match="can't be shared among 3 heads"):
            MultiHeadAttention(8, 3)


class TestText:
    def test_masked_mean_of_full_rows_is_the_mean(self):
        x = Draw(0).normal(3, 5, 4).requires_grad_()
        same(masked_mean(x, torch.ones(3, 5, dtype=torch.bool)), x.mean(1), x)

    def test_pads_have_no_say_even_if_nan(self):
        x, mask = Draw(0).normal(3, 5, 4), Draw(0).mask(2, 5, 0)
        spoiled = x.masked_fill(~mask[..., None], float("nan"))
        assert masked_mean(spoiled, mask).equal(masked_mean(x, mask))
        assert masked_mean(x, mask)[2].eq(0).all()

    def test_bag_of_words(self):
        out = BagOfWords(10, 4)(
            torch.tensor([[3, 2, 0], [1, 0, 0]]), torch.tensor([[True, True, False], [True, False, False]])
        )
        assert [tuple(part.shape) for part in out] == [(2, 4), (2, 3, 4), (2, 3)]
        torch.testing.assert_close(out.vector[0], out.tokens[0, :2].mean(0))

    def test_words_and_vocabulary(self):
        assert words("Papua New Guinea: flag!") == ["papua", "new", "guinea", ":", "flag", "!"]
        vocabulary = Vocabulary(["cat face", "cat", "dog"], at_least=2)
        assert vocabulary.words == ["<pad>", "<unk>", "cat"]
        ids, mask = vocabulary.encode(["cat face", "", "dog cat cat cat"], length=3)
        assert ids.tolist() == [[2, 1, 0], [0, 0, 0], [1, 2, 2]]
        assert mask.tolist() == [[True, True, False], [False] * 3, [True] * 3]
        assert vocabulary.encode([""])[0].shape == (1, 1)


class TestVision:
    def test_gives_regions_and_their_mean(self):
        out = SmallCNN(8, widths=(4,)).eval()(torch.rand(2, 3, 12, 16))
        assert [tuple(part.shape) for part in out] == [(2, 8), (2, 12, 8), (2, 12)]
        torch.testing.assert_close(out.vector, out.tokens.mean(1))
        assert out.mask.all()

    def test_a_region_is_a_place(self):
        """Only the region under a changed corner, and its neighbours, change."""
        cnn, image = SmallCNN(8, widths=(4,)).eval(), torch.rand(1, 3, 32, 32)
        other = image.clone()
        other[..., :2, :2] += 1
        moved = (cnn(image).tokens != cnn(other).tokens).any(-1)[0].view(8, 8)
        assert moved[0, 0]
        assert not moved[4:, 4:].any()

    def test_normalise(self):
        assert normalise(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]


def by_loops(f, g, scores, f_mask, g_mask):
    """The definition: softmax over the valid pairs of a sample, then the double sum."""
    out = torch.zeros(len(f), f.shape[-1], dtype=f.dtype)
    for b in range(len(f)):
        pairs = [(i, j) for i in range(f.shape[1]) for j in range(g.shape[1]) if f_mask[b, i] and g_mask[b, j]]
        total = sum(scores[b, i, j].exp() for i, j in pairs)
        for i, j in pairs:
            out[b] = out[b] + scores[b, i, j].exp() / total * f[b, i] * g[b, j]
    return out


class TestFusion:
    def inputs(self, draw, f_lengths=(3, 1, 2), g_lengths=(2, 4, 0)):
        f, g = draw.normal(len(f_lengths), 3, 5).requires_grad_(), draw.normal(len(g_lengths), 4, 5).requires_grad_()
        return (
            f,
            g,
            draw.normal(len(f_lengths), 3, 4).requires_grad_(),
            draw.mask(*f_lengths, size=3),
            draw.mask(*g_lengths, size=4),
        )

    def test_attention_sum_is_its_definition(self):
        args = self.inputs(Draw(0))
        same(attention_sum(*args), by_loops(*args), *args[:3])

    def test_weights_sum_to_one_or_to_nothing(self):
        _, _, scores, f_mask, g_mask = self.inputs(Draw(0))
        torch.testing.assert_close(
            joint_softmax(scores, f_mask, g_mask).sum((1, 2)), torch.tensor([1.0, 1.0, 0.0]).double()
        )

    def test_uniform_weights_give_the_product_of_the_means(self):
        f, g, scores, f_mask, g_mask = self.inputs(Draw(0), g_lengths=(2, 4, 3))
        out = attention_sum(f, g, torch.zeros_like(scores), f_mask, g_mask)
        torch.testing.assert_close(out, masked_mean(f, f_mask) * masked_mean(g, g_mask))

    def test_never_holds_all_pairs(self):
        draw = Draw(0)
        b, i, j, d = 4, 49, 20, 64
        args = (
            draw.normal(b, i, d),
            draw.normal(b, j, d),
            draw.normal(b, i, j),
            draw.mask(*[i] * b),
            draw.mask(*[j] * b),
        )
        with torch.no_grad(), MemoryWatch(*args) as watch:
            attention_sum(*args)
        assert watch.peak < b * i * j * d * 8 / 3

    def test_concat_and_the_pipeline(self):
        draw = Draw(0)
        image = Encoded(draw.normal(2, 3), draw.normal(2, 4, 3), draw.mask(4, 4))
        text = Encoded(draw.normal(2, 5), draw.normal(2, 6, 5), draw.mask(6, 2))
        h = Concat()(image, text)
        assert h.equal(torch.cat([image.vector, text.vector], -1))
        model = PairClassifier(Concat(), 8, 4).double()
        torch.testing.assert_close(model(image, text), F.linear(h, model.head.weight, model.head.bias))


class TestStandardise:
    def test_is_torchs_batch_norm_with_the_training_statistics(self):
        draw = Draw(0)
        train, other = draw.normal(6, 4, scale=3, shift=2).requires_grad_(), draw.normal(5, 4).requires_grad_()
        theirs = F.batch_norm(other, train.detach().mean(0), train.detach().var(0, correction=0), eps=0)
        same(standardise(train, other), theirs, other)
        by_hand = (other - train.mean(0)) / (train - train.mean(0)).square().mean(0).sqrt()
        same(standardise(train, other), by_hand, train, other)

    def test_a_feature_that_does_not_vary_gives_zeros_and_finite_gradients(self):
        draw = Draw(0)
        train, other = draw.normal(6, 3), draw.normal(5, 3)
        train[:, 0], train[:, 1] = 2.0, draw.normal(6, scale=1e-9)
        train, other = train.requires_grad_(), other.requires_grad_()
        out = standardise(train, other)
        assert out[:, :2].eq(0).all()
        assert out[:, 2].ne(0).all()
        assert all(g.isfinite().all() for g in grads(out, train, other))


class Pair(NamedTuple):
    a: Tensor
    b: object


class TestDevice:
    def test_move_keeps_containers_and_the_rest(self):
        batch = {"x": Pair(torch.ones(2), [torch.zeros(1), "cat", None, 3]), "y": (torch.ones(1),)}
        moved = device.move(batch, "meta")
        assert isinstance(moved["x"], Pair)
        assert moved["x"].a.is_meta
        assert moved["x"].b[1:] == ["cat", None, 3]
        assert isinstance(moved["y"], tuple)
        assert not batch["x"].a.is_meta

    def test_pick_can_be_overridden(self, monkeypatch):
        monkeypatch.setenv("MMCOURSE_DEVICE", "meta")
        assert device.pick().type == "meta"
        monkeypatch.delenv("MMCOURSE_DEVICE")
        assert device.pick().type in ("cpu", "cuda", "mps", "xpu")


ANYWHERE = {
    "masked_mean": lambda d: (masked_mean, d.normal(2, 3, 4), d.mask(1, 3)),
    "BagOfWords": lambda d: (BagOfWords(9, 4), d.integers(0, 9, 2, 3), d.mask(1, 3)),
    "SmallCNN": lambda d: (SmallCNN(8).eval(), d.normal(2, 3, 16, 16).float()),
    "attend_by_hand": lambda d: (attend_by_hand, *(d.normal(2, 3, 4) for _ in range(3)), d.mask(1, 3)[:, None]),
    "MultiHeadAttention": lambda d: (
        MultiHeadAttention(4, 2).double(),
        d.normal(2, 3, 4),
        d.normal(2, 5, 4),
        d.mask(1, 5),
    ),
    "attention_weights": lambda d: (attention_weights, d.normal(2, 3, 4), d.normal(2, 5, 4), d.mask(1, 5)[:, None]),
    "attention_pool": lambda d: (attention_pool, d.normal(2, 3), d.normal(2, 3, 4), d.mask(0, 3)),
    "Sinusoids": lambda d: (Sinusoids(), d.normal(2, 5, 4)),
    "EncoderLayer": lambda d: (EncoderLayer(4, 2, 6).double(), d.normal(2, 5, 4), d.mask(0, 5)),
    "TransformerEncoder": lambda d: (TransformerEncoder(9, 4, 2), d.integers(0, 9, 2, 5), d.mask(0, 5)),
    "TransformerEncoder with [CLS] and waves": lambda d: (
        TransformerEncoder(9, 4, 2, places="waves", pool="cls"),
        d.integers(0, 9, 2, 5),
        d.mask(3, 5),
    ),
    "joint_softmax": lambda d: (joint_softmax, d.normal(2, 3, 4), d.mask(1, 3), d.mask(4, 2)),
    "attention_sum": lambda d: (
        attention_sum,
        d.normal(2, 3, 5),
        d.normal(2, 4, 5),
        d.normal(2, 3, 4),
        d.mask(1, 3),
        d.mask(4, 2),
    ),
    "standardise": lambda d: (standardise, d.normal(5, 3), d.normal(2, 3)),
}


@pytest.mark.parametrize("name", ANYWHERE)
def test_stays_on_the_device_of_its_inputs(name):
    """Proved without a GPU: meta tensors stand in for one, under a mode that refuses mixed devices; backward too."""
    run, *inputs = ANYWHERE[name](Draw(0))
    there = [to_meta(x).requires_grad_(x.is_floating_point()) for x in inputs]
    if isinstance(run, nn.Module):
        run = run.to("meta")
    with OneDevice():
        out = run(*there)
        out = out.vector if isinstance(out, Encoded) else out
        assert out.is_meta
        out.sum().backward()


@pytest.mark.skipif(
    not torch.accelerator.is_available(), reason="no GPU on this machine; meta tensors stand in (above)"
)
@pytest.mark.parametrize("name", ANYWHERE)
def test_on_a_real_accelerator(name):
    run, *inputs = ANYWHERE[name](Draw(0))
    inputs = [x.float() if x.is_floating_point() else x for x in inputs]
    run = run.float() if isinstance(run, nn.Module) else run
    here = run(*inputs)
    if isinstance(run, nn.Module):
        run = run.to(device.pick())
    there = device.move(run(*device.move(inputs, device.pick())), "cpu")
    torch.testing.assert_close(here, there, rtol=1e-3, atol=1e-4)
