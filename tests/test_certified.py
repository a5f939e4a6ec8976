"""Certified tasks: what they state of the best models is so, and nobody beats it."""

import itertools
import math

import pytest
import torch
from torch.nn import functional as F

from mmcourse.data import SETS, card, load
from mmcourse.data.synthetic import (
    ADDITIVE,
    AND,
    BINDING,
    CERTIFIED,
    COPIES,
    FULL,
    GATING,
    MATCH,
    ONE_TELLS,
    PICTURE,
    POOLED,
    TEXT,
    TWO_VIEWS,
    XOR,
    Binding,
    Match,
    directions,
)
from mmcourse.data.synthetic.bits import SIGNAL
from mmcourse.data.synthetic.rates import best_sum, codes
from mmcourse.text import masked_mean

NOISY = (XOR, GATING, AND, TWO_VIEWS, COPIES, ONE_TELLS)
COUNTED = (MATCH, BINDING, Match(2), Match(5, 0.1), Binding(noise=0.2), Binding((0, 0, 0, 1, 1), pads=1))


def gridded(task, bins=8):
    """A noisy task's P(x, y, label), with each half's number along its direction put into bins: (X, Y, 2)."""
    pairs = task.draw(400_000, 5)
    seen = [(half @ along).double() for half, along in zip((pairs.f, pairs.g), directions(16), strict=True)]
    edges = [torch.quantile(x[:100_000], torch.linspace(0, 1, bins + 1, dtype=torch.double)[1:-1]) for x in seen]
    x, y = (torch.bucketize(x, e) for x, e in zip(seen, edges, strict=True))
    return F.one_hot((x * bins + y) * 2 + pairs.labels, bins * bins * 2).double().mean(0).view(bins, bins, 2)


def table_of(task):
    return task.table() if task in COUNTED else gridded(task)


@pytest.mark.parametrize("task", NOISY, ids=lambda t: t.name)
def test_rates_of_noisy_tasks_hold_in_draws(task):
    """Counted in bins of 400,000 draws: never above the stated rates, and not far below; sums tried in every order."""
    table, rates = gridded(task), task.rates()
    found = {
        PICTURE: table.sum(1).amax(-1).sum().item(),
        TEXT: table.sum(0).amax(-1).sum().item(),
        ADDITIVE: best_sum(table),
        FULL: table.amax(-1).sum().item(),
    }
    for model, accuracy in found.items():
        assert rates[model].accuracy - 0.02 < accuracy < rates[model].accuracy + 0.003, model


@pytest.mark.parametrize("task", [XOR, GATING], ids=lambda t: t.name)
def test_a_sum_gets_half_of_the_gain(task):
    """Whatever the bins: the bound's proof says it of each half's own strengths."""
    for bins in (2, 4, 6):
        table = gridded(task, bins)
        bayes = table.amax(-1).sum().item()
        assert best_sum(table) == pytest.approx(0.25 + bayes / 2, abs=0.004)


@pytest.mark.parametrize("task", COUNTED, ids=lambda t: f"{t.name} {t.noise}")
class TestCounted:
    def test_the_table_is_what_is_drawn(self, task):
        table = task.table()
        assert table.sum().item() == pytest.approx(1)
        d = 16
        pairs = task.draw(100_000, 3, d)
        keys = table.shape[1]
        names = codes(keys, d, 2 if isinstance(task, Match) else 5)
        named = (pairs.text.vector @ names.T).argmax(1)
        if isinstance(task, Match):
            shown = (pairs.image.vector @ codes(task.k, d, 1).T).argmax(1)
        else:
            kinds = table.shape[2]
            keyed = pairs.image.tokens[..., :d] @ codes(keys, d, 3).T  # (N, T, keys)
            place = keyed.masked_fill(~pairs.image.mask[..., None], -torch.inf).argmax(1)  # (N, keys)
            values = (pairs.image.tokens[..., d:] @ codes(kinds, d, 4).T).argmax(-1)  # (N, T)
            own = values.gather(1, place)  # (N, keys)
            known = torch.tensor(sorted(set(itertools.permutations(task.values))))
            shown = (own[:, None] == known[None]).all(-1).long().argmax(1)
        cells = (shown * keys + named) * table.shape[2] + pairs.labels
        drawn = cells.bincount(minlength=table.numel()) / 100_000
        assert (drawn - table.flatten()).abs().max() < 0.005

    def test_the_best_sum_by_another_way(self, task):
        """Every set of pairs is a sum's 'yes' or holds two pairs that pull against two others: so try every set, row by
        row, and keep the nested ones."""
        table = task.table()
        gain = (table[..., 1] - table[..., 0]).tolist()
        sets = [
            frozenset(s) for n in range(table.shape[1] + 1) for s in itertools.combinations(range(table.shape[1]), n)
        ]

        def best(i, used):
            """The most that rows from i on gain, if their sets must be nested with those used."""
            if i == len(gain):
                return 0.0
            fits = [s for s in sets if all(s <= u or u <= s for u in used)]
            return max(sum(gain[i][j] for j in s) + best(i + 1, (*used, s)) for s in fits)

        if len(gain) <= 4:
            yes = best(0, ())
        else:  # too many: the chains of sets are as many as the orders of the texts
            yes = max(
                sum(max(sum(row[j] for j in order[:stop]) for stop in range(len(order) + 1)) for row in gain)
                for order in itertools.permutations(range(len(gain[0])))
            )
        assert task.rates()[ADDITIVE].accuracy == pytest.approx(table[..., 0].sum().item() + yes)

    def test_the_least_cross_entropy_of_a_sum_is_ln_2(self, task):
        """Found by descent on a convex loss, from a random start."""
        stated = task.rates()[ADDITIVE].cross_entropy
        if stated is None:
            return
        table = task.table()
        draw = torch.Generator().manual_seed(0)
        u, v = (torch.randn(n, generator=draw, dtype=torch.double).requires_grad_() for n in table.shape[:2])
        descent = torch.optim.LBFGS([u, v], max_iter=500, line_search_fn="strong_wolfe")

        def loss():
            descent.zero_grad()
            score = u[:, None] + v
            value = (table[..., 1] * F.softplus(-score) + table[..., 0] * F.softplus(score)).sum()
            value.backward()
            return value

        descent.step(loss)
        assert loss().item() == pytest.approx(stated, abs=1e-6)


def test_the_numbers_that_the_theorems_name():
    assert Match(2).rates()[ADDITIVE].accuracy == pytest.approx(0.75)
    assert all(Match(k).rates()[ADDITIVE].accuracy == pytest.approx(0.75) for k in range(2, 8))
    assert TWO_VIEWS.rates()[PICTURE].accuracy == pytest.approx(0.8413, abs=1e-4)
    assert TWO_VIEWS.rates()[ADDITIVE].accuracy == pytest.approx(0.9214, abs=1e-4)
    assert BINDING.rates()[POOLED].accuracy == 0.5
    assert BINDING.rates()[ADDITIVE].accuracy == pytest.approx(17 / 24)
    assert XOR.rates()[ADDITIVE].cross_entropy == math.log(2)


class TestBinding:
    def test_exchanging_two_values_keeps_the_mean_and_turns_the_label(self):
        pairs = BINDING.draw(500, 0)
        mean = masked_mean(pairs.image.tokens, pairs.image.mask)
        torch.testing.assert_close(mean, pairs.image.vector)
        assert (pairs.image.vector == pairs.image.vector[0]).all()
        for key in pairs.text.vector.unique(dim=0):
            labels = pairs.labels[(pairs.text.vector == key).all(1)]
            assert labels.double().mean().item() == pytest.approx(0.5, abs=0.15)

    def test_pads_hold_junk_and_say_nothing(self):
        pairs = BINDING.draw(20_000, 1)
        assert pairs.image.mask.sum(1).eq(4).all()
        share = torch.stack([pairs.labels[pairs.image.mask[:, t]].double().mean() for t in range(6)])
        assert (share - 0.5).abs().max() < 0.02
        assert pairs.image.tokens[~pairs.image.mask].std() > 0.5


@pytest.mark.parametrize("name", CERTIFIED)
class TestSets:
    def test_are_sets_like_any_other(self, name):
        assert name in SETS
        drawn = load(name, "val", n=7, seed=2)
        assert len(drawn) == 7
        again = load(name, "val", n=7, seed=2)
        item = drawn[3]
        assert item.image is None
        assert item.label in range(len(drawn.classes))
        assert all(a.equal(b) for a, b in zip(item.meta["image"], again[3].meta["image"], strict=True))
        assert not load(name, "test", n=7, seed=2).image.tokens.equal(drawn.image.tokens)
        for model, rate in CERTIFIED[name].rates().items():
            assert f"{model} {rate.accuracy:.3f}" in card(name).many

    def test_labels_are_balanced_given_each_half_that_tells_nothing(self, name):
        task = CERTIFIED[name]
        pairs = task.draw(100_000, 1)
        assert pairs.labels.double().mean().item() == pytest.approx(0.25 if task is AND else 0.5, abs=0.01)
        for half, stated in ((pairs.image, PICTURE), (pairs.text, TEXT)):
            if task.rates()[stated].accuracy == 0.5:
                parts = [half.vector, *((half.tokens.flatten(1),) if half.tokens.shape[1] > 1 else ())]
                seen = torch.cat([*parts, half.vector.norm(dim=-1, keepdim=True)], -1)
                seen = seen[:, seen.std(0) > 1e-3]
                both = torch.cat([seen, pairs.labels[:, None].float()], -1).T
                if len(both) > 1:
                    assert torch.corrcoef(both)[-1, :-1].abs().max() < 0.015

    def test_another_split_is_refused(self, name):
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            load(name, "held-out")


def test_a_sum_of_many_texts_is_refused():
    with pytest.raises(ValueError, match="at most 8 texts"):
        best_sum(Match(9).table())
    with pytest.raises(ValueError, match="choose d of at least 5"):
        Match(5).draw(3, 0, d=4)


def test_copies_are_copies():
    pairs = COPIES.draw(200, 0)
    along_f, along_g = directions(16)
    torch.testing.assert_close(pairs.f @ along_f, pairs.g @ along_g)
    assert SIGNAL == 2.0
