"""Fusions, the tasks they are measured on, and the measure of interaction: equal to their definitions."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.data.same_kind import SameKind
from mmcourse.data.synthetic import AND, GATING, TASKS, XOR
from mmcourse.diagnose import interaction
from mmcourse.encoded import Encoded
from mmcourse.fusion import (
    Bilinear,
    BilinearAttention,
    CoAttention,
    Concat,
    CrossAttention,
    Early,
    Experts,
    FactorisedBilinear,
    FiLM,
    Gated,
    Hybrid,
    Late,
    Latents,
    LowRankBilinear,
    LowRankTensorFusion,
    Product,
    TensorFusion,
    Tucker,
    TwoWayAttention,
    late_fusion,
    mix,
    votes,
)
from mmcourse.show.corners import cross_entropy, right, scores
from mmcourse.tasks.classify import PairClassifier
from mmcourse.training import fit, predict_logits

D_F, D_G, D = 4, 6, 5
# Each fusion, and what its constructor takes beside d_f, d_g and d.
LEARNT = {
    Early: {},
    Late: {},
    Hybrid: {},
    Product: {},
    Gated: {},
    FiLM: {},
    Bilinear: {},
    LowRankBilinear: {"rank": 3},
    FactorisedBilinear: {"factors": 3},
    Tucker: {"narrow": 4, "rank": 3},
    TensorFusion: {"narrow": 3},
    LowRankTensorFusion: {"rank": 3},
    Experts: {"experts": 3},
    BilinearAttention: {"rank": 3, "glimpses": 2},
    CoAttention: {},
    CrossAttention: {"heads": 1},
    TwoWayAttention: {"heads": 1},
    Latents: {"latents": 3, "heads": 1},
}
# They read the words themselves, not the text's vector; FiLM reads regions and the text's vector.
READ_PARTS = (BilinearAttention, CoAttention, CrossAttention, TwoWayAttention, Latents)


def encoded(draw: Draw, lengths: tuple[int, ...], d: int) -> Encoded:
    mask = draw.mask(*lengths, size=4)
    return Encoded(draw.normal(len(lengths), d), draw.normal(len(lengths), 4, d), mask)


def pair(lengths=(2, 4, 1)) -> tuple[Encoded, Encoded]:
    draw = Draw(3)
    return encoded(draw, lengths, D_F), encoded(draw, lengths[::-1], D_G)


def made(fusion) -> nn.Module:
    model = fusion().double() if fusion is Concat else fusion(D_F, D_G, D, **LEARNT[fusion]).double()
    model.load_state_dict(Draw(5).module(model))
    return model


@pytest.mark.parametrize("fusion", [Concat, *LEARNT])
class TestEveryFusion:
    def test_gives_one_vector_and_a_gradient_to_every_weight_and_input(self, fusion):
        model, (image, text) = made(fusion), pair()
        inputs = [
            image.tokens if fusion in (FiLM, *READ_PARTS) else image.vector,
            text.tokens if fusion in READ_PARTS else text.vector,
        ]
        for x in inputs:
            x.requires_grad_()
        h = model(image, text)
        assert h.shape == (3, D_F + D_G if fusion is Concat else D)
        # What all keys share shifts a query's scores alike, and a softmax does not see it.
        weights = [w for name, w in model.named_parameters() if not name.endswith(".k.bias")]
        grads = torch.autograd.grad((h * Draw(4).normal(*h.shape)).sum(), [*inputs, *weights])
        assert all(g.isfinite().all() and g.abs().sum() > 1e-9 for g in grads)
        assert all(g.flatten(1).abs().sum(1).gt(0).all() for g in grads[:2]), "one of the batch goes unread"

    def test_pads_and_neighbours_have_no_say(self, fusion):
        model, (image, text) = made(fusion), pair()
        h = model(image, text)
        for anything in (1e3, torch.nan):
            junk = [e._replace(tokens=e.tokens.masked_fill(~e.mask[..., None], anything)) for e in (image, text)]
            again = model(*junk)
            torch.testing.assert_close(again, h)
            weights = list(model.parameters())
            if weights:
                assert all(g.isfinite().all() for g in torch.autograd.grad((again**2).sum(), weights))
        for b in range(3):
            one = [Encoded(*(part[b : b + 1] for part in e)) for e in (image, text)]
            torch.testing.assert_close(model(*one), h[b : b + 1])

    def test_a_sample_without_parts_has_finite_values_and_gradients(self, fusion):
        model, (image, text) = made(fusion), pair((2, 0, 1))
        h = model(image, text)
        assert h.isfinite().all()
        weights = list(model.parameters())
        if weights:
            assert all(g.isfinite().all() for g in torch.autograd.grad((h**2).sum(), weights))

    def test_stays_on_its_inputs_device(self, fusion):
        with torch.no_grad(), OneDevice():
            assert made(fusion).to("meta")(*(to_meta_encoded(e) for e in pair())).device.type == "meta"

    def test_half_precision(self, fusion):
        model = made(fusion).to(torch.bfloat16)
        image, text = (Encoded(e.vector.to(torch.bfloat16), e.tokens.to(torch.bfloat16), e.mask) for e in pair())
        assert model(image, text).dtype == torch.bfloat16


def to_meta_encoded(e: Encoded) -> Encoded:
    return Encoded(*map(to_meta, e))


def test_votes_add_up_to_the_logits():
    draw = Draw(0)
    f, g, head = draw.normal(3, 4), draw.normal(3, 6), nn.Linear(10, 5).double()
    torch.testing.assert_close(sum(votes(head.weight, f, g)) + head.bias, head(torch.cat([f, g], -1)))


def test_late_fusion_is_bayes_rule_where_witnesses_are_independent_given_the_class():
    draw = Draw(1)
    prior = draw.normal(4).softmax(-1)  # (K)
    x_given, y_given = draw.normal(4, 3).softmax(-1), draw.normal(4, 5).softmax(-1)  # (K, X), (K, Y)
    joint = prior[:, None, None] * x_given[:, :, None] * y_given[:, None]  # (K, X, Y)
    for x, y in itertools.product(range(3), range(5)):
        of_x, of_y = (prior * x_given[:, x]).log() + 3, (prior * y_given[:, y]).log() - 7  # logits: any constant
        ours = late_fusion(of_x[None], of_y[None], prior.log()).exp()[0]
        torch.testing.assert_close(ours, joint[:, x, y] / joint[:, x, y].sum())


def test_mix_of_two_is_the_gate_and_of_one_is_that_one():
    model, (image, text) = made(Gated), pair()
    parts = torch.stack([model.f(image.vector).tanh(), model.g(text.vector).tanh()], 1)
    s = model.gate(torch.cat([image.vector, text.vector], -1))
    gate_scores = torch.stack([s, torch.zeros_like(s)], 1)
    torch.testing.assert_close(mix(parts, gate_scores, torch.ones(3, 2, dtype=torch.bool)), model(image, text))
    only_text = torch.tensor([[False, True]] * 3)
    spoiled = parts.clone()
    spoiled[:, 0] = torch.nan
    torch.testing.assert_close(mix(spoiled, gate_scores, only_text), parts[:, 1])
    nothing = mix(parts.detach().requires_grad_(), gate_scores, torch.zeros(3, 2, dtype=torch.bool))
    assert nothing.eq(0).all()


def test_film_that_says_nothing_is_a_relu_of_the_picture():
    model, (image, text) = made(FiLM), pair((4, 4, 4))
    for layer in (model.scale, model.shift):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    torch.testing.assert_close(model(image, text), model.f(image.tokens).relu().mean(1))


class Grid(nn.Module):
    """A score from a table: pictures and texts are rows and columns of it."""

    def __init__(self, table: Tensor):
        super().__init__()
        self.table = nn.Parameter(table)

    def forward(self, i: Tensor, j: Tensor) -> Tensor:
        s = self.table[i, j]
        return torch.stack([torch.zeros_like(s), s], -1)


class TestInteraction:
    def test_is_the_share_of_a_two_factor_analysis_of_variance(self):
        table = Draw(2).normal(6, 6) + 2 * torch.arange(6)
        centred = table - table.mean(0) - table.mean(1, keepdim=True) + table.mean()
        exact = (centred.square().mean() / table.var(correction=0)).item()
        rows = torch.arange(6).repeat(5000)
        assert interaction(Grid(table), rows, rows) == pytest.approx(exact, abs=0.02)

    @pytest.mark.parametrize("fusion", [Concat, Late])
    def test_a_sum_has_none(self, fusion):
        torch.manual_seed(0)
        model = PairClassifier(made(fusion), D_F + D_G if fusion is Concat else D, 3).double()
        assert interaction(model, *pair((4,) * 3)) < 1e-12

    def test_a_product_of_centred_numbers_has_nothing_else(self):
        values = torch.tensor([-2.0, -1, 1, 2], dtype=torch.double)
        rows = torch.arange(4).repeat(5000)
        assert interaction(Grid(values[:, None] * values), rows, rows) == pytest.approx(1, abs=0.03)

    def test_a_score_that_never_moves_has_none(self):
        assert interaction(Grid(torch.ones(4, 4)), torch.arange(4), torch.arange(4)) == 0


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
class TestTasks:
    def test_are_fixed_by_their_seed(self, task):
        assert all(a.equal(b) for a, b in zip(task.draw(50, 3), task.draw(50, 3), strict=True))
        assert not task.draw(50, 3).f.equal(task.draw(50, 4).f)

    def test_someone_who_knows_all_but_the_noise_reaches_the_bayes_rate(self, task):
        from mmcourse.data.synthetic import SIGNAL, directions

        pairs = task.draw(200_000, 0)
        along_f, along_g = directions(16)
        x, y = (pairs.f @ along_f).double(), (pairs.g @ along_g).double()
        of_picture = (x > 0).double() if task.analog else (2 * SIGNAL * x).sigmoid()
        one = task.rule(of_picture, (2 * SIGNAL * y).sigmoid())
        accuracy, loss = task.bayes()
        assert ((one > 0.5).long() == pairs.labels).double().mean().item() == pytest.approx(accuracy, abs=0.002)
        chance = torch.where(pairs.labels == 1, one, 1 - one)
        assert -chance.clamp(min=1e-30).log().mean().item() == pytest.approx(loss, abs=0.003)

    def test_labels_are_balanced_given_one_modality_unless_it_tells(self, task):
        pairs = task.draw(100_000, 1)
        share = pairs.labels.double().mean().item()
        assert share == pytest.approx(0.25 if task is AND else 0.5, abs=0.01)
        if task is not AND:
            for x in (pairs.f, pairs.g):  # no single feature, and no length, goes with the label
                features = torch.cat([x, x.norm(dim=-1, keepdim=True)], -1)
                both = torch.cat([features, pairs.labels[:, None].float()], -1).T
                assert torch.corrcoef(both)[-1, :-1].abs().max() < 0.015


@pytest.mark.parametrize("task", [XOR, GATING], ids=lambda t: t.name)
def test_even_the_best_sum_stays_below_its_bounds(task):
    """The least-squares sum of any function of each bit stays at a coin; the best for accuracy comes near 75 %."""
    from mmcourse.data.synthetic import directions

    pairs = task.draw(50_000, 2)
    seen = [(x @ along).double() for x, along in zip((pairs.f, pairs.g), directions(16), strict=True)]
    wanted = 2.0 * pairs.labels.double() - 1

    cells = [(x * 4).round() for x in seen]
    places = torch.cat([(c[:, None] == c.unique()).double() for c in cells], -1)  # a free vote for each value
    score = places @ torch.linalg.lstsq(places, wanted[:, None], driver="gelsd").solution[:, 0]
    assert ((score > 0).long() == pairs.labels).double().mean() == pytest.approx(0.5, abs=0.03)
    assert nn.functional.softplus(-wanted * score).mean() > math.log(2) - 0.005

    sign = [1, 1] if task is XOR else [1, -1]
    three = sum(s * x.sign() for s, x in zip(sign, seen, strict=True)) + 1  # no, where both (turned) bits are 0
    assert 0.7 < ((three > 0).long() == pairs.labels).double().mean() < 0.755


def test_three_of_four_and_never_below_ln_2():
    steps = [x / 2 for x in range(-6, 7)]
    sums = [scores(*four, product=0) for four in itertools.product(steps, repeat=4)]
    assert max(map(right, sums)) == 3
    assert min(map(cross_entropy, sums)) == pytest.approx(math.log(2))
    assert right(scores(0, 0, 0, 0, product=1)) == 4
    assert cross_entropy(scores(0, 0, 0, 0, product=3)) < 0.1


class TestSameKind:
    def test_is_fixed_balanced_and_without_leak(self):
        train, held = SameKind("train"), SameKind("held-out")
        assert train.images.equal(SameKind("train").images)
        assert (len(train), len(held)) == (3000, 1000)
        seen = {(m["picture"], m["name"]) for m in train.meta}
        assert not seen & {(m["picture"], m["name"]) for m in held.meta}
        for side in ("picture", "name"):
            assert {m[side] for m in held.meta} <= {m[side] for m in train.meta}
        for pairs in (train, held):
            kinds = [(m["picture_kind"], m["name_kind"]) for m in pairs.meta]
            for corner in itertools.product((0, 1), repeat=2):
                assert kinds.count(corner) / len(kinds) == pytest.approx(0.25, abs=0.035)
            assert [int(a == b) for a, b in kinds] == pairs.labels.tolist()

    @pytest.mark.parametrize("side", ["picture", "name"])
    def test_knowing_one_side_of_every_training_pair_is_no_help(self, side):
        train, held = SameKind("train"), SameKind("held-out")
        votes_for: dict[str, list[int]] = {}
        for about, label in zip(train.meta, train.labels.tolist(), strict=True):
            votes_for.setdefault(about[side], []).append(label)
        hits = [
            (sum(votes_for[about[side]]) * 2 > len(votes_for[about[side]])) == label
            for about, label in zip(held.meta, held.labels.tolist(), strict=True)
        ]
        assert sum(hits) / len(hits) == pytest.approx(0.5, abs=0.06)

    def test_an_item_and_an_unknown_split(self):
        item = SameKind("held-out", size=16)[0]
        assert item.image.shape == (3, 16, 16)
        assert set(item.text) == {"en"}
        with pytest.raises(ValueError, match="'train' and 'held-out'"):
            SameKind("test")


def test_fit_and_predict_take_named_tuples_of_tensors():
    pairs = XOR.draw(300, 0)
    both = Encoded.single(pairs.f), Encoded.single(pairs.g)
    torch.manual_seed(0)
    model = PairClassifier(Product(16, 16, 8), 8, 2)
    assert fit(model, both, pairs.labels, epochs=20, progress=False)[-1] < 0.2
    assert predict_logits(model, both).shape == (300, 2)
