"""The bilinear and attention fusions are their definitions, and each other under the side conditions that are named."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from mmcourse.attention import attend
from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import MemoryWatch
from mmcourse.encoded import Encoded
from mmcourse.fusion import (
    Bilinear,
    BilinearAttention,
    CoAttention,
    CrossAttention,
    FactorisedBilinear,
    LowRankBilinear,
    LowRankTensorFusion,
    PairScores,
    Product,
    TensorFusion,
    Tucker,
    attention_sum,
    joint_softmax,
)
from mmcourse.text import masked_mean

B, D_F, D_G, D = 3, 4, 6, 5


def vectors() -> tuple[Encoded, Encoded]:
    draw = Draw(1)
    return Encoded.single(draw.normal(B, D_F)), Encoded.single(draw.normal(B, D_G))


def parts(f_lengths=(3, 1, 2), g_lengths=(2, 4, 1)) -> tuple[Encoded, Encoded]:
    draw = Draw(2)
    f_mask, g_mask = draw.mask(*f_lengths, size=3), draw.mask(*g_lengths, size=4)
    f, g = draw.normal(B, 3, D_F), draw.normal(B, 4, D_G)
    return Encoded(masked_mean(f, f_mask), f, f_mask), Encoded(masked_mean(g, g_mask), g, g_mask)


def made(kind, *args: int) -> nn.Module:
    """With weights that are asymmetric, none of them zero."""
    model = kind(*args).double()
    model.load_state_dict(Draw(3).module(model))
    return model


def affine(layer: nn.Linear, x: Tensor) -> Tensor:
    return layer.weight @ x + layer.bias


class TestDefinitions:
    """Each written out for one sample, entry by entry."""

    def test_bilinear(self):
        model, (image, text) = made(Bilinear, D_F, D_G, D), vectors()
        for b, k in itertools.product(range(B), range(D)):
            f, g = image.vector[b], text.vector[b]
            written = sum(model.form.weight[k, i, j] * f[i] * g[j] for i in range(D_F) for j in range(D_G))
            torch.testing.assert_close(model(image, text)[b, k], written + model.form.bias[k])

    def test_low_rank(self):
        model, (image, text) = made(LowRankBilinear, D_F, D_G, D, 3), vectors()
        for b in range(B):
            product = affine(model.f, image.vector[b]).tanh() * affine(model.g, text.vector[b]).tanh()
            torch.testing.assert_close(model(image, text)[b], affine(model.out, product))

    def test_factorised(self):
        model, (image, text) = made(FactorisedBilinear, D_F, D_G, D, 3), vectors()
        for b in range(B):
            f, g = affine(model.f, image.vector[b]), affine(model.g, text.vector[b])
            h = torch.stack([sum(f[3 * k + r] * g[3 * k + r] for r in range(3)) for k in range(D)])
            h = torch.stack([x.sign() * x.abs() / (x.abs() + 1e-6).sqrt() for x in h])
            torch.testing.assert_close(model(image, text)[b], h / h.norm())

    def test_factorised_has_a_finite_slope_at_zero(self):
        model, (image, text) = made(FactorisedBilinear, D_F, D_G, D, 3), vectors()
        with torch.no_grad():
            for layer in (model.f, model.g):
                layer.weight[:3], layer.bias[:3] = 0, 0
        model(image, text).sum().backward()
        assert all(w.grad.isfinite().all() for w in model.parameters())

    def test_tucker(self):
        model, (image, text) = made(Tucker, D_F, D_G, D, 4, 3), vectors()
        for b in range(B):
            f, g = affine(model.f, image.vector[b]).tanh(), affine(model.g, text.vector[b]).tanh()
            of_f, of_g = affine(model.core_f, f).view(3, 4), affine(model.core_g, g).view(3, 4)
            torch.testing.assert_close(
                model(image, text)[b], affine(model.out, sum(of_f[r] * of_g[r] for r in range(3)))
            )

    def test_tensor(self):
        model, (image, text) = made(TensorFusion, D_F, D_G, D, 3), vectors()
        for b in range(B):
            f = [*affine(model.f, image.vector[b]), torch.tensor(1.0)]
            g = [*affine(model.g, text.vector[b]), torch.tensor(1.0)]
            products = torch.stack([x * y for x in f for y in g]).double()
            torch.testing.assert_close(model(image, text)[b], affine(model.out, products))

    def test_bilinear_attention_with_loops(self):
        model, (image, text) = made(BilinearAttention, D_F, D_G, D, 3, 2), parts()
        scores = model.scores
        for b in range(B):
            pairs = [(i, j) for i in range(3) for j in range(4) if image.mask[b, i] and text.mask[b, j]]
            f, g, z = image.tokens[b], text.tokens[b], []
            for p in scores.p:
                s = [
                    (p * affine(scores.f, f[i]).tanh() * affine(scores.g, g[j]).tanh()).sum() / 3**0.5 for i, j in pairs
                ]
                shares = torch.stack(s).softmax(0)
                z.append(
                    sum(
                        a * affine(model.f, f[i]) * affine(model.g, g[j])
                        for a, (i, j) in zip(shares, pairs, strict=True)
                    )
                )
            torch.testing.assert_close(model(image, text)[b], affine(model.out, torch.cat(z)))
        attention = model.attention(image, text)
        torch.testing.assert_close(attention.sum((2, 3)), torch.ones(B, 2).double())
        hidden = ~(image.mask[:, None, :, None] & text.mask[:, None, None])
        assert attention.masked_select(hidden).eq(0).all()

    def test_co_attention_with_loops(self):
        model, (image, text) = made(CoAttention, D_F, D_G, D), parts()
        for b in range(B):
            f, g = image.tokens[b][image.mask[b]], text.tokens[b][text.mask[b]]  # without pads
            c = torch.stack([torch.stack([(x @ (model.affinity.weight @ y)).tanh() for y in g]) for x in f])
            hidden = [
                affine(model.f, x) + sum(c[i, j] * affine(model.g, y) for j, y in enumerate(g)) for i, x in enumerate(f)
            ]
            a = torch.stack([model.score_f.weight[0] @ h.tanh() for h in hidden]).softmax(0)
            hidden = [
                affine(model.g, y) + sum(c[i, j] * affine(model.f, x) for i, x in enumerate(f)) for j, y in enumerate(g)
            ]
            e = torch.stack([model.score_g.weight[0] @ h.tanh() for h in hidden]).softmax(0)
            torch.testing.assert_close(model(image, text)[b], affine(model.out_f, a @ f) + affine(model.out_g, e @ g))

    def test_cross_attention_is_torchs(self):
        model, (image, text) = made(CrossAttention, D_F, D_G, 4, 2), parts()
        theirs = nn.MultiheadAttention(4, 2, batch_first=True).double()
        look = model.look
        with torch.no_grad():
            theirs.in_proj_weight.copy_(torch.cat([look.q.weight, look.k.weight, look.v.weight]))
            theirs.in_proj_bias.copy_(torch.cat([look.q.bias, look.k.bias, look.v.bias]))
            theirs.out_proj.load_state_dict(look.out.state_dict())
        asks, told = model.g(text.tokens), model.f(image.tokens)
        seen = theirs(asks, told, told, key_padding_mask=~image.mask)[0]  # True = ignore there
        torch.testing.assert_close(model(image, text), masked_mean(model.norm(asks + seen), text.mask))


class TestSpecialCases:
    def given(self):
        draw = Draw(4)
        f, g = draw.normal(B, 3, D), draw.normal(B, 4, D)
        return draw, f, g, draw.mask(3, 2, 1, size=3), draw.mask(1, 4, 2, size=4)

    def test_scores_that_are_sums_give_co_attention_and_a_product(self):
        """S = a + b: then A = α βᵀ, and with linear values the sum falls apart into two."""
        draw, f, g, f_mask, g_mask = self.given()
        a, b = draw.normal(B, 3), draw.normal(B, 4)
        alpha, beta = (s.masked_fill(~m, -torch.inf).softmax(-1) for s, m in ((a, f_mask), (b, g_mask)))
        fused = attention_sum(f, g, a[:, :, None] + b[:, None], f_mask, g_mask)
        torch.testing.assert_close(fused, (alpha[:, None] @ f)[:, 0] * (beta[:, None] @ g)[:, 0])

    def test_softmax_per_word_is_cross_attention_times_the_words(self):
        """Normalised for each word, Σⱼ gⱼ ∘ (what word j is told); with one constant word, cross-attention itself."""
        draw, f, g, f_mask, _ = self.given()
        scores = draw.normal(B, 3, 4)
        per_word = scores.masked_fill(~f_mask[..., None], -torch.inf).softmax(1)  # (B, I, J)
        written = torch.einsum("bij,bid,bjd->bd", per_word, f, g)
        told = per_word.mT @ f  # (B, J, d): cross-attention of each word
        torch.testing.assert_close(written, (g * told).sum(1))
        keys, ones, one = draw.normal(B, 3, D), torch.ones(B, 1, D).double(), torch.ones(B, 1, dtype=torch.bool)
        joint = attention_sum(f, ones, keys @ g[:, :1].mT / D**0.5, f_mask, one)
        torch.testing.assert_close(joint, attend(g[:, :1], keys, f, f_mask[:, None])[:, 0])

    def test_log_kernel_scores_are_nadaraya_watson_only_if_normalised_for_each_query(self):
        draw, f, g, f_mask, g_mask = self.given()
        kernel = (-(f[:, :, None] - g[:, None]).square().sum(-1) / 2).exp() * f_mask[..., None]  # (B, I, J)
        smoothed = (kernel / kernel.sum(1, keepdim=True)).mT @ f  # Nadaraya-Watson at each word, (B, J, d)
        per_word = kernel.log().softmax(1).mT @ f
        torch.testing.assert_close(per_word, smoothed)
        columns = joint_softmax(kernel.log(), f_mask, g_mask).sum(1)  # (B, J)
        torch.testing.assert_close(columns.sum(1), torch.ones(B).double())  # one unit for all words together
        assert (g_mask.sum(1) > 1).any()

    def test_a_product_is_the_diagonal_of_all_products(self):
        (image, text), product = vectors(), made(Product, D_F, D_G, D)
        tensor = made(TensorFusion, D_F, D_G, D, D)
        tensor.f.load_state_dict(product.f.state_dict())
        tensor.g.load_state_dict(product.g.state_dict())
        with torch.no_grad():
            tensor.out.weight.zero_()
            tensor.out.bias.zero_()
            for k in range(D):
                tensor.out.weight[k, k * (D + 1) + k] = 1
        torch.testing.assert_close(tensor(image, text), product(image, text))

    def test_low_rank_tensor_fusion_is_tensor_fusion_with_a_sum_of_outer_products(self):
        (image, text), low = vectors(), made(LowRankTensorFusion, D_F, D_G, D, 3)
        assert sum(p.numel() for p in low.parameters()) == 3 * (D_F + 1 + D_G + 1) * D + 3 + D
        whole = torch.einsum("r,rid,rjd->dij", low.weights, low.f, low.g)  # (d, d_f + 1, d_g + 1)
        one = torch.ones(B, 1).double()
        f, g = torch.cat([image.vector, one], -1), torch.cat([text.vector, one], -1)
        torch.testing.assert_close(low(image, text), torch.einsum("bi,dij,bj->bd", f, whole, g) + low.bias)

    def test_a_product_behind_a_matrix_is_bilinear_of_low_rank(self):
        (image, text), rank = vectors(), 2
        u, v, p = (Draw(7 + i).normal(*shape) for i, shape in enumerate(((rank, D_F), (rank, D_G), (D, rank))))
        full = made(Bilinear, D_F, D_G, D)
        with torch.no_grad():
            full.form.weight.copy_(torch.einsum("kr,ri,rj->kij", p, u, v))
            full.form.bias.zero_()
        assert torch.linalg.matrix_rank(full.form.weight).max() == rank
        torch.testing.assert_close(full(image, text), ((image.vector @ u.T) * (text.vector @ v.T)) @ p.T)


class TestRank:
    def test_a_score_of_rank_one_reaches_only_the_two_ends(self):
        a, b = Draw(0).normal(6), Draw(1).normal(500)
        reached = set((a[:, None] * b).argmax(0).tolist())
        assert reached == {int(a.argmax()), int(a.argmin())}

    @pytest.mark.parametrize("keys", [3, 6, 11])
    def test_rank_two_reaches_every_key_on_a_circle(self, keys):
        angle = 2 * math.pi * torch.arange(keys).double() / keys
        circle = torch.stack([angle.cos(), angle.sin()], -1)  # (K, 2)
        scores = circle @ circle.T
        assert scores.argmax(0).tolist() == list(range(keys))
        best = scores.topk(2, 0).values
        torch.testing.assert_close(best[0] - best[1], torch.full((keys,), 1 - math.cos(2 * math.pi / keys)).double())

    def test_a_bias_that_no_text_moves_makes_rank_one_pick_the_nearest(self):
        a, b = torch.linspace(-1, 1, 7).double(), torch.linspace(-1, 1, 50).double()
        nearest = (a[:, None] - b).abs().argmin(0)
        assert (2 * a[:, None] * b - a[:, None] ** 2).argmax(0).equal(nearest)

    @pytest.mark.parametrize("rank", [1, 2, 3])
    def test_pair_scores_have_the_rank_they_say(self, rank):
        draw = Draw(5)
        scores = made(PairScores, D_F, D_G, rank)(draw.normal(1, 9, D_F), draw.normal(1, 8, D_G))
        assert torch.linalg.matrix_rank(scores[0, 0]) == rank


def test_bilinear_attention_never_holds_all_pairs():
    draw, b, i, j, d = Draw(0), 2, 49, 20, 64
    image = Encoded(draw.normal(b, d), draw.normal(b, i, d), draw.mask(*[i] * b))
    text = Encoded(draw.normal(b, d), draw.normal(b, j, d), draw.mask(*[j] * b))
    model = made(BilinearAttention, d, d, d, 16)
    with torch.no_grad(), MemoryWatch(*model.parameters(), *image, *text) as watch:
        model(image, text)
    assert watch.peak < b * i * j * d * 8 / 3
