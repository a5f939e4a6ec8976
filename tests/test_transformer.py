"""The Transformer that reads sentences: torch's own at real positions, blind to pads, zeros for no words."""

import pytest
import torch
from test_references import same
from torch import Tensor, nn

from mmcourse.attention import attend, attend_by_hand, attention_pool, attention_weights
from mmcourse.checking.draw import Draw
from mmcourse.text.positions import LearntPlaces, Sinusoids, sinusoids
from mmcourse.text.transformer import EncoderLayer, TransformerEncoder

D, HEADS, HIDDEN = 8, 2, 12
LENGTHS = [(5,), (5, 5, 5), (2, 5, 3)]


def grown(module: nn.Module, draw: Draw) -> nn.Module:
    """In float64, with weights of which none is zero or one."""
    module.double().load_state_dict(draw.module(module.double()))
    return module


def real(x: Tensor, mask: Tensor) -> Tensor:
    return x.masked_fill(~mask[..., None], 0)


class TestWeights:
    def test_they_sum_to_one_or_to_nothing_and_carry_the_values(self):
        draw = Draw(0)
        q, k, v, mask = draw.normal(3, 2, 4), draw.normal(3, 5, 4), draw.normal(3, 5, 6), draw.mask(5, 0, 2)[:, None]
        weights = attention_weights(q, k, mask)
        torch.testing.assert_close(weights.sum(-1)[:, 0], torch.tensor([1.0, 0, 1]).double())
        assert weights[2, :, 2:].eq(0).all()
        same_values = weights @ v
        assert same_values.equal(attend_by_hand(q, k, v, mask))

    def test_pooling_is_attention_with_one_key_feature(self):
        """With queries 1 and keys the scores, of one feature, torch's attention is the same sum."""
        draw = Draw(0)
        scores, tokens = draw.normal(4, 5).requires_grad_(), draw.normal(4, 5, 3).requires_grad_()
        mask = draw.mask(5, 2, 0, 4)
        theirs = attend(scores.new_ones(4, 1, 1), scores[..., None], tokens, mask[:, None])[:, 0]
        same(attention_pool(scores, tokens, mask), theirs, scores, tokens)

    def test_scores_of_any_size(self):
        q = torch.tensor([[1e4]], dtype=torch.float16)
        k = torch.tensor([[2.0], [1.0], [3.0]], dtype=torch.float16)
        assert attention_weights(q, k, torch.tensor([True, True, False])).tolist() == [[1, 0, 0]]


class TestPositions:
    def test_by_the_formula(self):
        out = sinusoids(torch.arange(7).double(), 6)
        for p in range(7):
            for i in range(3):
                angle = torch.tensor(p / 10000 ** (2 * i / 6)).double()
                torch.testing.assert_close(out[p, 2 * i : 2 * i + 2], torch.stack([angle.sin(), angle.cos()]))

    def test_a_step_is_the_same_turn_everywhere(self):
        """Each pair of features turns by an angle that depends on the step alone."""
        near, far = sinusoids(torch.arange(4).double(), 8), sinusoids(torch.arange(100, 104).double(), 8)
        torch.testing.assert_close(near[0] @ near[3], far[0] @ far[3])

    def test_odd_and_too_long(self):
        with pytest.raises(ValueError, match="come in pairs"):
            sinusoids(torch.arange(3.0), 5)
        with pytest.raises(ValueError, match="4 words are more than the 3 places"):
            LearntPlaces(3, 2)(torch.zeros(1, 4, 2))

    def test_they_are_added_along_the_words(self):
        words = Draw(0).normal(3, 5, 4)
        torch.testing.assert_close(Sinusoids()(words) - words, sinusoids(torch.arange(5).double(), 4).expand(3, 5, 4))
        learnt = grown(LearntPlaces(7, 4), Draw(1))
        torch.testing.assert_close(learnt(words) - words, learnt.weight[:5].expand(3, 5, 4))


class TestLayer:
    @pytest.mark.parametrize("lengths", LENGTHS)
    def test_is_torchs_with_its_weights(self, lengths):
        draw = Draw(0)
        ours = grown(EncoderLayer(D, HEADS, HIDDEN), draw)
        theirs = nn.TransformerEncoderLayer(D, HEADS, HIDDEN, 0.0, batch_first=True, norm_first=True).double()
        theirs.load_state_dict(ours.state_dict())
        x, mask = draw.normal(len(lengths), 5, D).requires_grad_(), draw.mask(*lengths)
        out = ours(x, mask)
        # torch's padding mask is the opposite: True = ignore. At pads it has something, ours has zeros.
        same(out, real(theirs(x, src_key_padding_mask=~mask), mask), x)
        weigh = draw.normal(*x.shape)
        (ours(x, mask) * weigh).sum().backward()
        (real(theirs(x, src_key_padding_mask=~mask), mask) * weigh).sum().backward()
        found = dict(theirs.named_parameters())
        for name, weight in ours.named_parameters():
            torch.testing.assert_close(weight.grad, found[name].grad, rtol=1e-9, atol=1e-9)
        with torch.no_grad():
            torch.testing.assert_close(ours.eval()(x, mask), real(theirs.eval()(x, src_key_padding_mask=~mask), mask))

    def test_what_runs_through(self):
        """With sublayers that say nothing, a layer hands on what it was given."""
        layer, x = EncoderLayer(D, HEADS, HIDDEN), Draw(0).normal(2, 3, D).float()
        for silent in (layer.self_attn.out_proj, layer.linear2):
            nn.init.zeros_(silent.weight)
            nn.init.zeros_(silent.bias)
        assert layer(x, torch.ones(2, 3, dtype=torch.bool)).equal(x)

    def test_dropout_only_in_training(self):
        layer, x = EncoderLayer(D, HEADS, HIDDEN, dropout=0.5), torch.randn(2, 3, D)
        mask = torch.ones(2, 3, dtype=torch.bool)
        assert not layer(x, mask).equal(layer(x, mask))
        assert layer.eval()(x, mask).equal(layer(x, mask))


def sentences(draw: Draw, *lengths: int, size: int = 0) -> tuple[Tensor, Tensor]:
    mask = draw.mask(*lengths, size=size or None)
    return draw.integers(1, 11, *mask.shape).masked_fill(~mask, 0), mask


KINDS = [{"places": p, "pool": q} for p in ("learnt", "waves", "none") for q in ("mean", "cls")]


class TestEncoder:
    @pytest.mark.parametrize("lengths", LENGTHS)
    def test_is_torchs_stack_with_a_mean(self, lengths):
        draw = Draw(0)
        ours = grown(TransformerEncoder(11, D, HEADS, depth=3, hidden=HIDDEN, longest=9), draw)
        layer = nn.TransformerEncoderLayer(D, HEADS, HIDDEN, 0.0, batch_first=True, norm_first=True).double()
        stack = nn.TransformerEncoder(layer, 3, norm=nn.LayerNorm(D).double(), enable_nested_tensor=False)
        stack.layers.load_state_dict(ours.layers.state_dict())
        stack.norm.load_state_dict(ours.norm.state_dict())
        ids, mask = sentences(draw, *lengths)
        words = ours.vectors(ids) + ours.places.weight[: ids.shape[1]]
        theirs = real(stack(words, src_key_padding_mask=~mask), mask)
        out = ours(ids, mask)
        weights = (ours.vectors.weight, ours.places.weight)
        torch.testing.assert_close(out.tokens, theirs, rtol=1e-9, atol=1e-9)
        same(out.vector, theirs.sum(1) / mask.sum(1, keepdim=True), *weights)
        assert out.mask.equal(mask)

    @pytest.mark.parametrize("kind", KINDS, ids=str)
    def test_pads_have_no_say(self, kind):
        draw = Draw(1)
        model = grown(TransformerEncoder(11, D, HEADS, **kind), draw).eval()
        ids, mask = sentences(draw, 2, 5, 0)
        junk = torch.where(mask, ids, 7)
        longer = torch.nn.functional.pad(ids, (0, 3)), torch.nn.functional.pad(mask, (0, 3))
        alone = model(ids[:1, :2], mask[:1, :2])
        out = model(ids, mask)
        for other in (model(junk, mask), model(*longer)):
            torch.testing.assert_close(other.vector, out.vector)
            torch.testing.assert_close(other.tokens[:, :5], out.tokens)
        torch.testing.assert_close(alone.vector[0], out.vector[0])
        torch.testing.assert_close(alone.tokens[0], out.tokens[0, :2])
        assert out.tokens.shape == (3, 5, D)

    @pytest.mark.parametrize("kind", KINDS, ids=str)
    @pytest.mark.parametrize("training", [True, False])
    def test_an_empty_sentence_is_zeros_with_finite_gradients(self, kind, training):
        model = grown(TransformerEncoder(11, D, HEADS, **kind), Draw(2)).train(training)
        ids, mask = sentences(Draw(0), 0, 4)
        out = model(ids, mask)
        with torch.no_grad():
            quiet = model(ids, mask)
        for found in (out, quiet):
            assert found.vector[0].eq(0).all()
            assert found.tokens[0].eq(0).all()
            assert found.vector[1].ne(0).any()
        (out.vector.sin().sum() + out.tokens.sin().sum()).backward()
        assert all(w.grad is None or w.grad.isfinite().all() for w in model.parameters())
        assert model.vectors.weight.grad[0].eq(0).all()

    def test_without_places_it_is_a_bag(self):
        draw = Draw(3)
        ids, mask = sentences(draw, 4, 6)
        mixed = ids.clone()
        mixed[0, :4], mixed[1, :6] = ids[0, :4].flip(0), ids[1, :6].roll(2)
        for kind in KINDS:
            model = grown(TransformerEncoder(11, D, HEADS, **kind), draw).eval()
            close = torch.allclose(model(ids, mask).vector, model(mixed, mask).vector, atol=1e-9)
            assert close == (kind["places"] == "none"), kind

    def test_weights_are_those_that_it_looks_with(self):
        draw = Draw(4)
        model = grown(TransformerEncoder(11, D, HEADS, depth=2), draw).eval()
        ids, mask = sentences(draw, 3, 5, 0)
        weights = model.weights(ids, mask)
        assert weights.shape == (2, 3, HEADS, 5, 5)
        torch.testing.assert_close(weights.sum(-1), mask[None, :, None].double().expand(2, 3, HEADS, 5))
        assert weights[:, 0, :, :, 3:].eq(0).all()
        x = model.layers[0].norm1(model.places(model.vectors(ids)))
        q, k, _ = nn.functional.linear(
            x, model.layers[0].self_attn.in_proj_weight, model.layers[0].self_attn.in_proj_bias
        ).chunk(3, -1)
        first = [
            attention_weights(a, b, mask[:, None]) for a, b in zip(q.chunk(HEADS, -1), k.chunk(HEADS, -1), strict=True)
        ]
        torch.testing.assert_close(weights[0, 1], torch.stack(first, 1)[1])

    def test_words_for_places_and_pool(self):
        with pytest.raises(ValueError, match="places='sines'"):
            TransformerEncoder(5, places="sines")
        with pytest.raises(ValueError, match="200 words are more than the 128 places"):
            TransformerEncoder(5)(torch.ones(1, 200, dtype=torch.long), torch.ones(1, 200, dtype=torch.bool))


class TestToy:
    def test_what_the_pads_get_is_one_share(self):
        from mmcourse.show.heads import PADS, shares

        given = shares(torch.tensor([0.5, 0.25, 0.125, 0.125]), ["not", "funny"])
        assert given == [("not", 0.5), ("funny", 0.25), (PADS, 0.25)]
        assert shares(torch.tensor([0.5, 0.5]), ["not", "funny"]) == [("not", 0.5), ("funny", 0.5)]

    def test_buttons_and_words(self, monkeypatch):
        import IPython.display
        import ipywidgets

        from mmcourse.show import figures, heads

        out = []
        monkeypatch.setattr(IPython.display, "display", lambda box, raw=False: raw or out.append(box))
        monkeypatch.setattr(figures, "display", lambda data, raw: out.append(data))
        on = torch.zeros(2, 2, 3, 3)
        on[..., 0] = 1
        heads([["not", "<funny>"], ["a", "b", "c"]], on, torch.full((2, 2, 3, 3), 1 / 3))
        sentence, head, word, mask, said = out[0].children
        assert isinstance(said, ipywidgets.HTML)
        assert "<b>not</b> gives most to <b>not</b>, 100%. The pads get 0%." in said.value
        word.value = 2
        assert "<b>&lt;funny&gt;</b> gives most" in said.value
        mask.value = False
        assert "The pads get 33%" in said.value
        sentence.value = 1
        assert (word.value, word.max) == (1, 3)
        head.value = 1
        assert "Head 2, mask off: <b>a</b>" in said.value
        assert "pads on the right take 33%" in out[1]["text/html"]
        with pytest.raises(ValueError, match="T >= words"):
            heads([["a", "b", "c", "d"]], on[:1], on[:1])
