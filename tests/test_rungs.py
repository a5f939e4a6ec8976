"""The ladder's costs are counted, not guessed, and every fusion has a rung."""

import pytest
import torch

import mmcourse.fusion
from mmcourse.data import load
from mmcourse.encoded import Encoded
from mmcourse.experiments import fusion_comparison as ladder


@pytest.fixture(scope="module")
def pairs():
    return load("binding", "train", n=40)


def test_every_fusion_has_a_rung(pairs):
    kinds = {type(ladder.build(rung, pairs.image, pairs.text, 2)[0].fusion) for rung in ladder.RUNGS}
    fusions = {getattr(mmcourse.fusion, name) for name in mmcourse.fusion.__all__}
    fusions = {x for x in fusions if isinstance(x, type) and issubclass(x, torch.nn.Module)}
    assert kinds == fusions - {mmcourse.fusion.PairScores}  # scores alone are no fusion
    assert len(kinds) == len(ladder.RUNGS)


@pytest.mark.parametrize("rung", ladder.RUNGS)
def test_it_is_as_wide_as_the_budget_allows(rung, pairs):
    model, width = ladder.build(rung, pairs.image, pairs.text, 2)
    assert sum(w.numel() for w in model.parameters()) <= ladder.BUDGET
    if width:
        d_f, d_g = pairs.image.tokens.shape[-1], pairs.text.tokens.shape[-1]
        fused = ladder.RUNGS[rung](d_f, d_g, width + 2)
        assert sum(w.numel() for w in fused.parameters()) + 2 * (width + 2) + 2 > ladder.BUDGET


def test_nothing_fits_a_budget_of_ten(pairs):
    with pytest.raises(ValueError, match="at its narrowest: more than 10"):
        ladder.build("early", pairs.image, pairs.text, 2, budget=10)


def test_costs_are_those_of_paper_and_pencil():
    pairs = Encoded.single(torch.randn(7, 12)), Encoded.single(torch.randn(7, 5))
    plain = ladder.cost("concatenation", *pairs, 3)
    assert plain == (0, 17 * 3 + 3, 2 * 17 * 3, 17 * 4)  # one matrix, and [f; g] kept for its gradient
    form = ladder.cost("bilinear", *pairs, 3)
    assert form.weights == form.width * (12 * 5 + 1) + 3 * form.width + 3
    assert form.operations == 2 * form.width * (12 * 5 + 12) + 2 * form.width * 3


def test_pace_is_told_against_concatenation(pairs):
    paces = ladder.pace(pairs.image, pairs.text, pairs.labels, 2, turns=1)
    assert set(paces) == set(ladder.RUNGS)
    assert paces["concatenation"] == 1
    assert min(paces.values()) > 0
