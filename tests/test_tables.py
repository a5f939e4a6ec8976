"""A table of all pairings gives what `diagnose` gives of the model; a sample never loses both halves."""

import pytest
import torch
from torch import nn

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.diagnose import emap, perceptual_score
from mmcourse.diagnose.tables import nearest_sum, perceived, shuffled_accuracy
from mmcourse.diagnose.uses import _derangements
from mmcourse.fusion.missing import modality_dropout

N, K = 9, 3


@pytest.fixture
def asked():
    """A bilinear model, what it is asked, and its table: logits of picture i with text j at (i, j)."""
    draw = Draw(0)
    model = nn.Bilinear(4, 5, K).double()
    model.load_state_dict(draw.module(model))
    image, text, labels = draw.normal(N, 4), draw.normal(N, 5), draw.integers(0, K, N)
    with torch.no_grad():
        table = torch.stack([model(row.expand(N, -1).contiguous(), text) for row in image])
    return model, image, text, labels, table


def test_the_nearest_sum_is_emap(asked):
    model, image, text, _, table = asked
    torch.testing.assert_close(nearest_sum(table), emap(model, image, text, progress=False))
    assert torch.autograd.gradcheck(nearest_sum, table.requires_grad_())


def test_a_sum_is_its_own_nearest_and_no_sum_is_nearer():
    draw = Draw(1)
    u, v = draw.normal(5, 1, 2), draw.normal(1, 5, 2)
    torch.testing.assert_close(nearest_sum(u + v), (u + v).diagonal().T)
    table = draw.normal(5, 5, 2)
    parts = torch.linalg.lstsq(
        torch.stack([torch.cat([torch.eye(5)[i], torch.eye(5)[j]]) for i in range(5) for j in range(5)]).double(),
        table.reshape(25, 2),
        driver="gelsd",
    ).solution  # the least squares of u_i + v_j
    torch.testing.assert_close(nearest_sum(table), parts[:5] + parts[5:])


@pytest.mark.parametrize("side", ["image", "text"])
def test_perceived_is_the_perceptual_score(asked, side):
    model, image, text, labels, table = asked
    partners = torch.stack(list(_derangements(N, 5, 0)))
    assert perceived(table, labels, partners, side) == pytest.approx(
        perceptual_score(model, image, text, labels, side), abs=1e-9
    )


def test_shuffled_accuracy_by_hand():
    right_alone = torch.eye(3)[:, None].expand(3, 3, 3)  # the picture says all
    orders = torch.tensor([[2, 0, 1], [0, 1, 2]])
    assert shuffled_accuracy(right_alone, torch.tensor([0, 1, 2]), orders) == 1
    by_text = right_alone.transpose(0, 1)  # the text says all, and is never one's own
    assert shuffled_accuracy(by_text, torch.tensor([0, 1, 2]), orders) == 0
    assert shuffled_accuracy(by_text, torch.tensor([2, 0, 1]), torch.tensor([[2, 1, 0]])) == 1


class TestModalityDropout:
    def test_a_sample_loses_one_at_most_and_the_shares_are_right(self):
        draw = Draw(2)
        n = 4000
        image, text, u = draw.normal(n, 3), draw.normal(n, 2), torch.rand(n, generator=draw.generator)
        f, g, there = modality_dropout(image, text, torch.ones(n, 2, dtype=torch.bool), u, 0.3)
        assert there.any(1).all()
        assert (~there).double().mean(0).tolist() == pytest.approx([0.15, 0.15], abs=0.02)
        assert f.ne(0).any(1).equal(there[:, 0])
        assert g[there[:, 1]].equal(text[there[:, 1]])

    def test_who_has_only_one_keeps_it(self):
        there = torch.tensor([[True, False], [False, True], [False, False]])
        image, text = torch.ones(3, 2), torch.ones(3, 4)
        f, g, after = modality_dropout(image, text, there, torch.zeros(3), 1.0)
        assert after.equal(there)
        assert f[:, 0].tolist() == [1, 0, 0]
        assert g[:, 0].tolist() == [0, 1, 0]


def test_stays_on_the_device_of_its_inputs():
    draw = Draw(0)
    there = torch.ones(3, 2, dtype=torch.bool)
    inputs = map(to_meta, (draw.normal(3, 4), draw.normal(3, 5), there, draw.normal(3)))
    with OneDevice():
        assert all(out.is_meta for out in modality_dropout(*inputs, 0.3))
        assert nearest_sum(to_meta(draw.normal(4, 4, 2))).is_meta
