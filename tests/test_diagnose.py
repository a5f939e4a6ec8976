"""Measures of use: equal to their definitions, and right on models whose answer is known."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from mmcourse.checking.draw import Draw
from mmcourse.diagnose import decompose, emap, interaction, mutual_information, perceptual_score, uses
from mmcourse.encoded import Encoded

N, K = 24, 3


class Known(nn.Module):
    """Logits from vectors by a rule of one's own."""

    def __init__(self, rule):
        super().__init__()
        self.anchor, self.rule = nn.Parameter(torch.zeros(1)), rule

    def forward(self, image, text) -> Tensor:
        return self.rule(image, text)


def bits(n=400):
    """Pairs of fair bits as numbers of one feature, and their XOR."""
    draw = torch.Generator().manual_seed(0)
    a, b = torch.randint(0, 2, (2, n), generator=draw)
    return a[:, None].float(), b[:, None].float(), (a + b) % 2


def logits(score: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(score), score], -1)


XOR = Known(lambda f, g: logits(-(2 * f - 1) * (2 * g - 1)))
SUM = Known(lambda f, g: logits(f + 0.3 * g - 0.6))
DEAF = Known(lambda f, g: logits(f - 0.5))  # to the text


class TestEmap:
    def test_is_its_definition(self):
        draw = Draw(0)
        f, g, w = draw.normal(N, 4), draw.normal(N, 5), draw.normal(K, 4, 5)
        model = Known(lambda f, g: torch.einsum("bi,kij,bj->bk", f, w, g) + f[:, :K])
        table = torch.stack([torch.stack([model(f[i : i + 1], g[j : j + 1])[0] for j in range(N)]) for i in range(N)])
        written = torch.stack([table[i].mean(0) + table[:, i].mean(0) - table.mean((0, 1)) for i in range(N)])
        torch.testing.assert_close(emap(model, f, g), written, rtol=1e-5, atol=1e-5)

    def test_a_sum_is_its_own_nearest_sum(self):
        f, g, _ = bits(50)
        torch.testing.assert_close(emap(SUM, f, g), SUM(f, g).double(), rtol=1e-5, atol=1e-5)

    def test_of_xor_nothing_is_left(self):
        f = torch.tensor([[0.0], [0], [1], [1]])
        g = torch.tensor([[0.0], [1], [0], [1]])
        assert emap(XOR, f, g).abs().max() < 1e-6

    def test_takes_encoded_inputs(self):
        draw = Draw(1)
        image, text = Encoded.single(draw.normal(N, 2)), Encoded.single(draw.normal(N, 2))
        model = Known(lambda f, g: f.vector * g.tokens[:, 0])
        assert emap(model, image, text).shape == (N, 2)


class TestUses:
    def test_a_model_of_both(self):
        f, g, labels = bits()
        report = uses(XOR, f, g, labels, silent_image=torch.zeros(1, 1), silent_text=torch.zeros(1, 1))
        found = {name: value for name, value, *_ in report.rows}
        assert found["as it is"] == 1
        for name in ("with another pair's picture", "with another pair's text", "with a picture that says nothing"):
            assert found[name] == pytest.approx(0.5, abs=0.06)
        assert next(v for n, v in found.items() if n.startswith("EMAP")) < 0.8
        assert report.interaction > 0.95
        assert all(low <= value <= high for _, value, low, high in report.rows)

    def test_a_model_that_is_deaf_to_the_text(self):
        f, g, _ = bits()
        report = uses(DEAF, f, g, f[:, 0].long())
        found = {name: value for name, value, *_ in report.rows}
        assert found["as it is"] == found["with another pair's text"] == 1
        assert found["with another pair's picture"] < 0.6
        assert report.interaction < 1e-9
        assert "with another pair's text" in str(report)
        heads, rows, caption = report.table()
        assert all(len(row) == len(heads) for row in rows)
        assert "0.0 %" in caption

    def test_nobody_keeps_their_own_partner(self):
        from mmcourse.diagnose.uses import _derangements

        for n in (2, 3, 10):
            for order in _derangements(n, 5, 0):
                assert sorted(order.tolist()) == list(range(n))
                assert order.ne(torch.arange(n)).all()

    def test_perceptual_scores(self):
        f, g, labels = bits()
        assert perceptual_score(XOR, f, g, labels, "text") == pytest.approx(0.5, abs=0.06)
        assert perceptual_score(DEAF, f, g, f[:, 0].long(), "text") == 0
        assert perceptual_score(DEAF, f, g, f[:, 0].long(), "image") == pytest.approx(0.5, abs=0.06)
        assert interaction(DEAF, f, g) < 1e-9


def table_of(rule, noise=0.0) -> Tensor:
    """p(x, y, z) of fair bits and z = rule(x, y), turned round with a chance of `noise`."""
    p = torch.zeros(2, 2, 2, dtype=torch.double)
    for x, y in itertools.product((0, 1), repeat=2):
        p[x, y, rule(x, y)] += (1 - noise) / 4
        p[x, y, 1 - rule(x, y)] += noise / 4
    return p


class TestDecompose:
    """Values known in closed form or from the literature, in bits."""

    @pytest.mark.parametrize(
        ("joint", "expected"),
        [
            (table_of(lambda x, y: x ^ y), (0, 0, 0, 1)),
            (table_of(lambda x, y: x & y), (0.3113, 0, 0, 0.5)),
            (table_of(lambda x, y: x), (0, 1, 0, 0)),
            (torch.tensor([[[0.5, 0], [0, 0]], [[0, 0], [0, 0.5]]]), (1, 0, 0, 0)),
        ],
        ids=["XOR", "AND", "only x tells", "two copies"],
    )
    def test_known_cases(self, joint, expected):
        assert decompose(joint) == pytest.approx(expected, abs=2e-3)

    def test_parts_add_up_and_none_is_negative(self):
        joint = Draw(0).normal(3, 4, 2).abs()
        joint /= joint.sum()
        parts = decompose(joint)
        assert sum(parts) == pytest.approx(mutual_information(joint.flatten(0, 1)), abs=1e-6)
        assert min(parts) > -2e-3

    def test_no_other_table_with_these_margins_has_less(self):
        """Against a search over the one-parameter family that two bits leave free for each label."""
        joint = table_of(lambda x, y: x & y, noise=0.1)
        turn = torch.tensor([[1.0, -1], [-1, 1]], dtype=torch.double)
        least = 9.0
        for s, t in itertools.product(torch.linspace(-0.25, 0.25, 101).tolist(), repeat=2):
            q = joint + torch.stack([s * turn, t * turn], -1)
            if (q >= -1e-9).all():  # the steps are not exact at the edge
                least = min(least, mutual_information(q.clamp(min=0).flatten(0, 1)))
        whole = mutual_information(joint.flatten(0, 1))
        synergy = decompose(joint).synergistic
        assert synergy > whole - least - 1e-4, "a table on the grid has less information than the one found"
        assert synergy < whole - least + 0.01, "the grid is not that coarse"
