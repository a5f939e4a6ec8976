"""Convolution, pooling, batch norm and regions by hand: equal to torch's own, at home on any device."""

import pytest
import torch
from test_references import same
from torch import nn
from torch.nn import functional as F
from torchmetrics.functional.classification import binary_auroc

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.data.moved import anywhere, on_page
from mmcourse.tasks.metrics import auroc
from mmcourse.vision import (
    SmallCNN,
    batch_norm,
    conv2d,
    global_mean,
    max_pool2d,
    mean_pool2d,
    output_size,
    real_places,
    receptive_field,
    regions_of,
    windows,
)

# batch, channels, height, width, kernels, kernel, stride, padding, dilation, groups
CONVOLUTIONS = [
    (1, 1, 1, 1, 1, (1, 1), 1, 0, 1, 1),
    (1, 3, 7, 9, 4, (3, 3), 1, 1, 1, 1),
    (3, 2, 8, 5, 5, (3, 2), 2, 1, 1, 1),
    (2, 4, 11, 10, 6, (3, 3), (2, 3), (0, 2), (2, 1), 2),
    (3, 6, 9, 7, 6, (5, 3), 1, (4, 2), 2, 6),
    (1, 3, 6, 13, 2, (2, 4), 3, (1, 0), (3, 2), 1),
]


@pytest.mark.parametrize(("b", "c", "h", "w", "d", "kernel", "stride", "padding", "dilation", "groups"), CONVOLUTIONS)
def test_convolution_is_torchs(b, c, h, w, d, kernel, stride, padding, dilation, groups):
    draw = Draw(0)
    x = draw.normal(b, c, h, w, strided=True).requires_grad_()
    weight, bias = draw.normal(d, c // groups, *kernel).requires_grad_(), draw.normal(d).requires_grad_()
    how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    ours, theirs = conv2d(x, weight, bias, **how), F.conv2d(x, weight, bias, **how)
    same(ours, theirs, x, weight, bias)
    same(conv2d(x, weight, **how), F.conv2d(x, weight, **how), x, weight)
    sizes = [
        output_size(size, *(v if isinstance(v, int) else v[i] for v in (kernel, stride, padding, dilation)))
        for i, size in enumerate((h, w))
    ]
    assert list(ours.shape[2:]) == sizes


def test_it_is_not_flipped():
    x = torch.arange(9.0).view(1, 1, 3, 3)
    corner = torch.tensor([[1.0, 0], [0, 0]]).view(1, 1, 2, 2)
    assert conv2d(x, corner).flatten().tolist() == [0, 1, 3, 4], "the number under the kernel's own top left"


def test_windows_are_those_of_unfold():
    x = torch.randn(2, 3, 7, 8)
    assert torch.equal(windows(x, (3, 2), (2, 1)), x.unfold(2, 3, 2).unfold(3, 2, 1))


def test_what_does_not_fit_is_said():
    x = torch.zeros(1, 4, 5, 5)
    with pytest.raises(ValueError, match="spans 7 pixels does not fit into 5 with 0"):
        conv2d(x, torch.zeros(1, 4, 3, 4), dilation=(1, 2))
    for weight, groups in ((torch.zeros(2, 3, 1, 1), 1), (torch.zeros(3, 2, 1, 1), 2)):
        with pytest.raises(ValueError, match="do not fit into"):
            conv2d(x, weight, groups=groups)


NETWORKS = [
    [(3, 1, 1)],
    [(3, 1, 1), (3, 1, 1)],
    [(3, 2, 1), (3, 1, 2), (2, 2, 1)],
    [(5, 1, 2), (2, 2, 1), (3, 1, 1), (2, 2, 1), (3, 3, 2)],
]


@pytest.mark.parametrize("layers", NETWORKS)
def test_the_receptive_field_is_where_a_gradient_arrives(layers):
    """Measured: with weights of one, the pixels that move one number of the last map, and its right neighbour's."""
    field, step = receptive_field(layers)
    net = nn.Sequential(*(nn.Conv2d(1, 1, k, s, dilation=d, bias=False) for k, s, d in layers)).double()
    for weight in net.parameters():
        nn.init.ones_(weight)
    x = torch.zeros(1, 1, field + 3 * step, field + 3 * step, dtype=torch.double, requires_grad=True)
    out = net(x)
    for place in (0, 1):
        (reached,) = torch.autograd.grad(out[0, 0, 0, place], x, retain_graph=True)
        columns = reached[0, 0].any(0).nonzero()[:, 0]
        assert (columns.min().item(), columns.max().item()) == (place * step, place * step + field - 1)


POOLS = [(1, 1, 5, 5, 2, None, 0), (3, 2, 7, 9, 3, 2, 1), (2, 3, 8, 6, (2, 3), (1, 2), (1, 0)), (1, 2, 4, 5, 4, 1, 2)]


@pytest.mark.parametrize(("b", "c", "h", "w", "kernel", "stride", "padding"), POOLS)
def test_pooling_is_torchs(b, c, h, w, kernel, stride, padding):
    x = Draw(0).normal(b, c, h, w, shift=-3.0).requires_grad_()  # mostly negative: zeros in the padding would win
    same(max_pool2d(x, kernel, stride, padding), F.max_pool2d(x, kernel, stride, padding), x)
    same(mean_pool2d(x, kernel, stride, padding), F.avg_pool2d(x, kernel, stride, padding), x)
    same(global_mean(x), F.adaptive_avg_pool2d(x, 1).flatten(1), x)


def test_dilated_pooling_is_torchs():
    x = Draw(0).normal(2, 3, 9, 8).requires_grad_()
    same(max_pool2d(x, 3, 2, 1, dilation=2), F.max_pool2d(x, 3, 2, 1, dilation=2), x)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(3, 2, 4, 5), (1, 3, 2, 7), (2, 1, 1, 1), (5, 4, 3, 3)])
def test_batch_norm_is_torchs_for_two_steps(shape, training):
    draw, c = Draw(0), shape[1]
    mean, var = draw.normal(c), draw.normal(c).square() + 0.3
    weight, bias = draw.normal(c).requires_grad_(), draw.normal(c).requires_grad_()
    their_mean, their_var = mean.clone(), var.clone()
    for _ in range(2):
        x = draw.normal(*shape, scale=2.0, shift=1.0).requires_grad_()
        y, mean, var = batch_norm(x, mean, var, weight, bias, training, momentum=0.3)
        theirs = F.batch_norm(x, their_mean, their_var, weight, bias, training, momentum=0.3)
        same(y, theirs, x, weight, bias)
        torch.testing.assert_close((mean, var), (their_mean, their_var), rtol=1e-12, atol=1e-12)
        assert not mean.requires_grad
        assert not var.requires_grad


def test_batch_norm_of_a_single_number_is_refused_as_torch_does():
    one = torch.zeros(1)
    with pytest.raises(ValueError, match="more than one number"):
        batch_norm(torch.zeros(1, 1, 1, 1), one, one, one, one, training=True)


def test_regions_are_places_row_by_row():
    grid = torch.arange(2 * 3 * 4 * 5.0).view(2, 3, 4, 5)
    out = regions_of(grid)
    assert [tuple(part.shape) for part in out] == [(2, 3), (2, 20, 3), (2, 20)]
    assert out.tokens[1, 2 * 5 + 3].equal(grid[1, :, 2, 3])
    torch.testing.assert_close(out.vector, global_mean(grid))
    assert out.mask.dtype == torch.bool
    assert out.mask.all()


def test_bars_beside_a_picture_have_no_say():
    grid = Draw(0).normal(3, 4, 2, 3).requires_grad_()
    real = torch.tensor([[[1, 1, 0], [1, 0, 0]], [[0, 0, 0], [0, 0, 0]], [[1, 1, 1], [1, 1, 1]]]).bool()
    out = regions_of(grid, real)
    same(out.vector[0], (grid[0, :, 0, 0] + grid[0, :, 0, 1] + grid[0, :, 1, 0]) / 3, grid)
    assert out.vector[1].eq(0).all()
    torch.testing.assert_close(out.vector[2], global_mean(grid)[2])
    spoiled = regions_of(grid.masked_fill(~real[:, None], float("nan")), real)
    assert spoiled.vector.equal(out.vector)
    assert all(g.isfinite().all() for g in torch.autograd.grad(spoiled.vector.sum(), grid))


def test_a_place_is_real_where_any_of_its_pixels_is():
    real = torch.zeros(1, 9, 8, dtype=torch.bool)
    real[0, 3, 4] = real[0, 8, 0] = True  # the last row is left over, and dropped
    assert real_places(real, 4).tolist() == [[[False, True], [False, False]]]


def test_the_encoder_takes_the_mask_of_its_pixels():
    encoder, images = SmallCNN(8, (4,)).eval(), torch.rand(2, 3, 12, 16)
    real = torch.ones(2, 12, 16, dtype=torch.bool)
    for a, b in zip(encoder(images), encoder(images, real), strict=True):
        assert a.equal(b)
    real[1, :, 8:] = False
    assert encoder(images, real).mask.view(2, 3, 4)[1].tolist() == [[True, True, False, False]] * 3


def test_auroc_is_torchmetrics_ties_included():
    draw = Draw(0)
    for n, levels in ((7, 4), (50, 9), (200, 1000)):
        labels = draw.integers(0, 2, n)
        labels[:2] = torch.tensor([0, 1])
        scores = draw.integers(0, levels, n).double() / levels
        assert auroc(scores, labels) == pytest.approx(binary_auroc(scores, labels).item(), abs=1e-6)
    assert auroc(torch.zeros(5), torch.tensor([1, 0, 0, 1, 0])) == 0.5
    with pytest.raises(ValueError, match="one of the two is missing"):
        auroc(torch.zeros(2), torch.ones(2))


ANYWHERE = {
    "conv2d": lambda d: (conv2d, d.normal(2, 4, 7, 6), d.normal(6, 2, 3, 3), d.normal(6), 2, 1, 2, 2),
    "max_pool2d": lambda d: (max_pool2d, d.normal(2, 3, 6, 7), 3, 2, 1),
    "mean_pool2d": lambda d: (mean_pool2d, d.normal(2, 3, 6, 7), 2),
    "batch_norm": lambda d: (lambda x, v: batch_norm(x, v, v, v, v, True)[0], d.normal(3, 2, 4, 5), d.normal(2)),
    "regions_of": lambda d: (lambda x: regions_of(x).vector, d.normal(2, 3, 4, 5)),
    "real_places": lambda d: (lambda x: regions_of(x, real_places(x[:, 0] > 0, 1)).vector, d.normal(2, 3, 4, 5)),
}


@pytest.mark.parametrize("name", ANYWHERE)
def test_stays_on_the_device_of_its_inputs(name):
    """Proved without a GPU: meta tensors stand in for one, under a mode that refuses mixed devices; backward too."""
    run, *inputs = ANYWHERE[name](Draw(0))
    there = [to_meta(x).requires_grad_() if isinstance(x, torch.Tensor) else x for x in inputs]
    with OneDevice():
        out = run(*there)
        assert out.is_meta
        out.sum().backward()
    assert run(*(x.float() if isinstance(x, torch.Tensor) else x for x in inputs)).dtype == torch.float32


def test_a_picture_lies_where_it_was_put():
    image = torch.arange(2 * 3 * 2 * 4, dtype=torch.uint8).view(2, 3, 2, 4)
    page = on_page(image, 6, rows=torch.tensor([0, 4]), columns=torch.tensor([2, 0]))
    assert page[0, :, :2, 2:].equal(image[0])
    assert page[1, :, 4:, :4].equal(image[1])
    assert (page == 255).sum() == 2 * 3 * (36 - 8)
    assert on_page(image, 6)[0, :, 2:4, 1:5].equal(image[0])
    with pytest.raises(ValueError, match="its corner may lie at 0 to 2"):
        on_page(image, 6, columns=3)


def test_places_are_fixed_by_the_seed_and_reach_every_edge():
    image = torch.zeros(300, 1, 4, 4, dtype=torch.uint8)
    page = anywhere(image, 8, seed=3)
    assert page.equal(anywhere(image, 8, seed=3))
    assert not page.equal(anywhere(image, 8, seed=4))
    assert (page == 0).sum() == 300 * 16
    inked = (page == 0).any(0)[0]
    assert inked.all()
