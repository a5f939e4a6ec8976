"""Where attention looks, scored; kernel scores; the sum with two loops."""

import math

import pytest
import torch
from torch import nn

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.data import load
from mmcourse.diagnose.pointing import centre_inside, grid_boxes, pointing
from mmcourse.fusion import attention_sum
from mmcourse.fusion.kernel import gaussian_scores, kernel_weights
from mmcourse.fusion.written_out import pair_sum
from mmcourse.vision import regions_of

TILES = grid_boxes(2, 2, 8, 8)


def one_word(*shares: float) -> torch.Tensor:
    return torch.tensor(shares, dtype=torch.float64)[None, :, None]


def pointed(weights, truth, named=None, regions=TILES):
    named = torch.ones(len(weights), weights.shape[2], dtype=torch.bool) if named is None else torch.tensor(named)
    hit, share = pointing(weights, named, regions, torch.tensor(truth))
    return hit.tolist(), share.tolist()


class TestPointing:
    def test_a_grid_is_flattened_as_regions_are(self):
        boxes = grid_boxes(2, 3, 20, 60)
        assert boxes.tolist()[:2] == [[0, 0, 20, 10], [20, 0, 40, 10]]
        assert boxes.tolist()[3] == [0, 10, 20, 20]
        where = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij"))[None].double()
        tokens = regions_of(where).tokens[0]  # (6, 2): row, column
        assert boxes[:, [1, 0]].double().equal(tokens * torch.tensor([10.0, 20.0]))

    def test_left_and_top_belong_to_a_box_right_and_bottom_do_not(self):
        truth = torch.tensor([[2, 2, 6, 6], [2, 2, 7, 7], [3, 0, 8, 8]])
        assert centre_inside(TILES, truth).tolist() == [
            [True, False, False, False],
            [True, True, True, True],
            [False, True, False, True],
        ]

    def test_by_hand(self):
        assert pointed(one_word(0.5, 0.1, 0.3, 0.1), [[0, 0, 4, 8]]) == ([1.0], [pytest.approx(0.8)])
        assert pointed(one_word(0.1, 0.5, 0.3, 0.1), [[0, 0, 4, 8]]) == ([0.0], [pytest.approx(0.4)])

    def test_several_words_of_a_name_are_added_up(self):
        weights = torch.tensor([[[0.30, 0.00, 0.0], [0.00, 0.10, 0.2], [0.05, 0.20, 0.0], [0.1, 0.05, 0.0]]])
        assert pointed(weights, [[4, 0, 8, 4]], [[False, True, True]])[0] == [1.0]
        assert pointed(weights, [[0, 4, 4, 8]], [[False, True, False]])[0] == [1.0]
        assert pointed(weights, [[0, 0, 4, 4]], [[True, True, False]])[0] == [1.0]
        assert pointed(weights, [[4, 0, 8, 4]], [[False, True, True]])[1] == [pytest.approx(0.3 / 0.55)]

    def test_ties_are_what_a_fair_draw_gives(self):
        assert pointed(one_word(0.4, 0.4, 0.1, 0.1), [[0, 0, 4, 4]])[0] == [0.5]
        assert pointed(one_word(0.4, 0.4, 0.1, 0.1), [[0, 0, 8, 4]])[0] == [1.0]
        assert pointed(one_word(0.25, 0.25, 0.25, 0.25), [[0, 0, 8, 4]]) == ([0.5], [0.5])  # chance

    def test_no_attention_and_pads(self):
        assert pointed(one_word(0, 0, 0, 0), [[0, 0, 8, 8]]) == ([0.0], [0.0])
        assert pointed(one_word(0.25, 0.25, 0.25, 0.25), [[0, 0, 8, 8]], [[False]]) == ([0.0], [0.0])
        boxes = torch.cat([TILES[:1], torch.full((1, 4), torch.nan), TILES[3:]])[None]
        assert pointed(one_word(0.75, 0, 0.25), [[0, 0, 4, 4]], regions=boxes) == ([1.0], [0.75])

    def test_boxes_of_each_sample(self):
        boxes = torch.stack([TILES, TILES.flip(0)])
        weights = one_word(0.7, 0.1, 0.1, 0.1).expand(2, -1, -1)
        assert pointed(weights, [[0, 0, 4, 4]] * 2, regions=boxes)[0] == [1.0, 0.0]

    def test_a_scene_s_true_boxes_hit_themselves(self):
        scenes = load("scenes", "test", kind="colour", n=6, free=True)
        for item in scenes:
            boxes, about = torch.tensor(item.meta["boxes"]).float(), item.meta["about"]
            weights = torch.full((1, len(boxes), 1), 0.1)
            weights[0, about] = 0.6
            hit, share = pointing(weights, torch.tensor([[True]]), boxes, boxes[about][None])
            assert (hit.item(), round(share.item(), 4)) == (1.0, round(0.6 / weights.sum().item(), 4))


class TestKernel:
    def inputs(self):
        draw = Draw(4)
        return draw.normal(3, 4, 2), draw.normal(3, 5, 2), draw.mask(2, 0, 4, size=4), draw.mask(5, 3, 1, size=5)

    def test_scores_are_the_logarithm_of_the_kernel(self):
        f, g, *_ = self.inputs()
        theirs = torch.distributions.Normal(0, 0.7).log_prob(f[:, :, None] - g[:, None]).sum(-1)
        ours = gaussian_scores(f, g, 0.7)
        torch.testing.assert_close(ours, theirs + 2 * math.log(0.7 * math.sqrt(2 * math.pi)))
        torch.testing.assert_close(ours, -torch.cdist(f, g).square() / 0.98)

    def test_weights_by_loops(self):
        f, g, f_mask, g_mask = self.inputs()
        joint, per_word = kernel_weights(f, g, f_mask, g_mask, 0.7)
        for b in range(3):
            k = {
                (i, j): math.exp(-(f[b, i] - g[b, j]).square().sum() / 0.98)
                for i in range(4)
                for j in range(5)
                if f_mask[b, i] and g_mask[b, j]
            }
            for i in range(4):
                for j in range(5):
                    of_word = sum(v for (_, word), v in k.items() if word == j) or 1
                    value = k.get((i, j), 0)
                    assert joint[b, i, j].item() == pytest.approx(value / (sum(k.values()) or 1), abs=1e-12)
                    assert per_word[b, i, j].item() == pytest.approx(value / of_word, abs=1e-12)

    def test_per_word_is_attention_whose_keys_are_all_as_long(self):
        """|f - g|² = |f|² + |g|² - 2 f·g: where all |f| are equal, only the dot product is left for the softmax."""
        f, g, f_mask, g_mask = self.inputs()
        f = nn.functional.normalize(f, dim=-1)
        dots = (f @ g.mT / 0.49).masked_fill(~f_mask[..., None], -torch.inf).softmax(1).nan_to_num()
        torch.testing.assert_close(kernel_weights(f, g, f_mask, g_mask, 0.7)[1], dots * g_mask[:, None])

    def test_gradients_pads_and_company(self):
        f, g, f_mask, g_mask = self.inputs()
        assert torch.autograd.gradcheck(
            lambda f, g: kernel_weights(f, g, f_mask, g_mask, 0.7), (f.requires_grad_(), g.requires_grad_())
        )
        want = kernel_weights(f, g, f_mask, g_mask, 0.7)
        junk = f.masked_fill(~f_mask[..., None], torch.nan), g.masked_fill(~g_mask[..., None], torch.nan)
        for got, right in zip(kernel_weights(*junk, f_mask, g_mask, 0.7), want, strict=True):
            assert got.equal(right)
        for got, right in zip(kernel_weights(f[:1], g[:1], f_mask[:1], g_mask[:1], 0.7), want, strict=True):
            torch.testing.assert_close(got, right[:1])
        grads = torch.autograd.grad(sum(w.sum() for w in kernel_weights(*junk, f_mask, g_mask, 0.7)), [f, g])
        assert all(grad.isfinite().all() for grad in grads)

    def test_far_from_everything_there_is_still_a_nearest(self):
        f, g = torch.tensor([[[0.0], [1.0]]]), torch.tensor([[[1000.0]]])
        everywhere = torch.ones(1, 2, dtype=torch.bool), torch.ones(1, 1, dtype=torch.bool)
        for weights in kernel_weights(f, g, *everywhere, 0.5):
            assert weights.flatten().tolist() == [0.0, 1.0]


class TestWrittenOut:
    def test_is_the_sum_that_is_fused(self):
        draw = Draw(5)
        for i, j, d, scale in ((1, 1, 1, 1), (3, 4, 2, 1), (4, 2, 3, 900)):
            inputs = [draw.normal(i, d), draw.normal(j, d), draw.normal(i, j, scale=scale)]
            live = [x.requires_grad_() for x in inputs]
            ours = pair_sum(*live)
            fused = attention_sum(*(x[None] for x in live), draw.mask(i), draw.mask(j))[0]
            torch.testing.assert_close(ours, fused)
            w = draw.normal(d)
            for a, b in zip(torch.autograd.grad(ours @ w, live), torch.autograd.grad(fused @ w, live), strict=True):
                torch.testing.assert_close(a, b)


ANYWHERE = {
    "pointing": lambda d: (
        pointing,
        d.normal(2, 3, 4).softmax(1),
        d.mask(1, 4),
        d.normal(2, 3, 4),
        d.normal(2, 4),
    ),
    "kernel_weights": lambda d: (
        lambda *x: kernel_weights(*x, 0.5),
        d.normal(2, 3, 4),
        d.normal(2, 5, 4),
        d.mask(1, 3),
        d.mask(0, 5),
    ),
    "pair_sum": lambda d: (lambda *x: (pair_sum(*x),), d.normal(2, 3), d.normal(4, 3), d.normal(2, 4)),
}


@pytest.mark.parametrize("name", ANYWHERE)
def test_stays_on_the_device_of_its_inputs(name):
    run, *inputs = ANYWHERE[name](Draw(0))
    with OneDevice():
        assert all(out.is_meta for out in run(*(to_meta(x) for x in inputs)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_keeps_the_dtype_of_its_inputs(dtype):
    draw = Draw(0)
    floats = [draw.normal(2, 3, 4).to(dtype), draw.normal(2, 5, 4).to(dtype)]
    assert {w.dtype for w in kernel_weights(*floats, draw.mask(1, 3), draw.mask(5, 2), 0.5)} == {dtype}
    assert {w.dtype for w in pointing(floats[0].softmax(1), draw.mask(1, 4), TILES[:3], TILES[:2])} == {dtype}
