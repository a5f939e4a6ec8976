"""Several labels at once: the loss by hand equals torch's, unknown labels have no say, and nothing overflows."""

import pytest
import torch
from torch.nn import functional as F

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.tasks.several import several_loss


def drawn(batch, labels, seed=0):
    draw = Draw(seed)
    return (
        draw.normal(batch, labels, scale=2).requires_grad_(),
        draw.integers(0, 2, batch, labels).bool(),
        draw.integers(0, 3, batch, labels) > 0,
        draw.normal(labels).exp().requires_grad_(),
    )


@pytest.mark.parametrize(("batch", "labels"), [(1, 3), (5, 4), (7, 1)])
def test_is_torch_s_where_all_is_known(batch, labels):
    logits, holds, known, weight = drawn(batch, labels)
    mine = several_loss(logits, holds, torch.ones_like(known), weight)
    theirs = F.binary_cross_entropy_with_logits(logits, holds.double(), pos_weight=weight.detach())
    torch.testing.assert_close(mine, theirs)
    grads = [torch.autograd.grad(loss, logits)[0] for loss in (mine, theirs)]
    torch.testing.assert_close(*grads)


def test_is_torch_s_over_the_known_ones():
    logits, holds, known, weight = drawn(6, 5)
    each = F.binary_cross_entropy_with_logits(logits, holds.double(), pos_weight=weight.detach(), reduction="none")
    torch.testing.assert_close(several_loss(logits, holds, known, weight), each[known].mean())


def test_what_stands_in_an_unknown_label_makes_no_difference():
    logits, holds, known, weight = drawn(6, 5)
    loss = several_loss(logits, holds, known, weight)
    assert loss == several_loss(logits, torch.where(known, holds, ~holds), known, weight)
    assert not torch.autograd.grad(loss, logits)[0][~known].any()


def test_nothing_known_is_zero_with_finite_gradients():
    logits, holds, known, weight = drawn(2, 3)
    loss = several_loss(logits, holds, known & False, weight)
    loss.backward()
    assert loss == 0
    assert not logits.grad.any()
    assert not weight.grad.any()


def test_scores_of_any_size_are_safe():
    logits = torch.tensor([[800.0, -800.0]], requires_grad=True)
    loss = several_loss(logits, torch.tensor([[False, True]]), torch.ones(1, 2, dtype=torch.bool), torch.ones(2))
    loss.backward()
    assert loss == 800
    assert logits.grad.tolist() == [[0.5, -0.5]]


def test_stays_on_the_device_of_its_inputs():
    there = [to_meta(x).detach().requires_grad_(x.is_floating_point()) for x in drawn(2, 3)]
    with OneDevice():
        loss = several_loss(*there)
        assert loss.is_meta
        loss.backward()
