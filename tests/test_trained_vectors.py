"""A trained exercise whose model gives two vectors for each item: what is read, what is refused, what luck earns."""

import pytest
import torch
from torch.nn import functional as F

from mmcourse import bank
from mmcourse.checking.exercise import About, Bar, HeldOut, Trained
from mmcourse.checking.judge import examine
from mmcourse.checking.mistake import Mistake, Sign
from mmcourse.tasks.match import recall_at

N = 40


def recall(table, right):
    return recall_at(5, table, F.one_hot(right, table.shape[1]).bool())


def held_out(draw):
    """Texts are the pictures themselves, in another order: the cosine of the two as they come is perfect."""
    image, order = draw.normal(N, 6).float(), torch.tensor(draw.permutation(N))
    return HeldOut("held out", {"images": image, "texts": image[order]}, order.argsort())


TOY = Trained(
    about=About(
        id="99.1",
        title="toy",
        answer="model",
        hints=("?", "", ""),
        mistakes=(Mistake("it is called a mistake", "Is it?", (Sign(lambda seen, asked: True, lambda: None),)),),
    ),
    held_out=held_out,
    score=recall,
    vectors=True,
    bars=(Bar("past luck", 0.3, 1), Bar("nearly all", 0.9, 2)),
)


def says(verdict):
    return " ".join(check.says for check in verdict.checks)


@pytest.mark.parametrize(
    "model",
    [
        lambda images, texts: (images, texts),
        lambda images, texts: [7 * images.double(), 1e-4 * texts.double()],
        lambda images, texts: {"image": images, "text": texts},
    ],
)
def test_the_judge_ranks_by_cosine_whatever_the_lengths(model):
    verdict = examine(TOY, model, 0)
    assert (verdict.status, verdict.points) == ("passed", 3)
    assert "1.000" in says(verdict)


@pytest.mark.parametrize(
    "model",
    [
        lambda images, texts: (torch.eye(N)[: len(images)], torch.eye(N)[: len(images)]),  # row b with row b
        lambda images, texts: (images, images),
        lambda images, texts: (texts, texts),
        lambda images, texts: (texts, images.flip(1)),
        lambda images, texts: (torch.ones_like(images), torch.ones_like(texts)),  # all tie: 5 of 40
        lambda images, texts: (torch.zeros_like(images), texts),
    ],
)
def test_what_does_not_look_at_both_earns_nothing(model):
    assert examine(TOY, model, 0).points == 0


def test_ties_earn_what_luck_earns():
    verdict = examine(TOY, lambda images, texts: (torch.ones_like(images), torch.ones_like(texts)), 0)
    assert f"{5 / N:.3f}" in says(verdict)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda images, texts: images @ texts.T, "got (40, 40)"),
        (lambda images, texts: (images @ texts.T, texts), "got (40, 40), (40, 6)"),
        (lambda images, texts: (images.T, texts.T), "got (6, 40), (6, 40)"),
        (lambda images, texts: (images, texts[:, :5]), "got (40, 6), (40, 5)"),
        (lambda images, texts: (images[1:], texts[1:]), "got (39, 6), (39, 6)"),
        (lambda images, texts: (images[:, :0], texts[:, :0]), "got (40, 0), (40, 0)"),
        (lambda images, texts: (images, None), "no tensor"),
        (lambda images, texts: (images, texts, images), "(40, 6), (40, 6), (40, 6)"),
        (lambda images, texts: (), "got nothing"),
        (lambda images, texts: (images.sum(), texts.sum()), "got (), ()"),
    ],
)
def test_another_shape_is_told_and_not_scored(model, told):
    verdict = examine(TOY, model, 0)
    assert (verdict.points, verdict.mistake) == (0, None)
    assert "two tensors of one shape, (40, d) and (40, d)" in verdict.checks[0].says
    assert told in verdict.checks[0].says


@pytest.mark.parametrize("worst", [float("nan"), float("inf")])
@pytest.mark.parametrize("side", [0, 1])
def test_one_number_that_is_none_shuts_the_gate(worst, side):
    def model(images, texts):
        out = [images.clone(), texts.clone()]
        out[side][0, 0] = worst
        return out

    verdict = examine(TOY, model, 0)
    assert (verdict.points, verdict.mistake) == (0, None)
    assert "finite" in verdict.feedback


@pytest.mark.parametrize("size", [1, 1e-4])
def test_neighbours_are_noticed_on_either_side_however_short_the_vectors(size):
    for model in (
        lambda images, texts: (size * (images - images.mean(0)), size * texts),
        lambda images, texts: (size * images, size * (texts - texts.mean(0))),
    ):
        assert "alone as in company" in examine(TOY, model, 0).feedback


def test_something_random_is_noticed():
    verdict = examine(TOY, lambda images, texts: (images, F.dropout(texts, 0.1)), 0)
    assert verdict.points == 0
    assert "the same twice" in [check.name for check in verdict.checks if not check.passed]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_names_of_10_7_come_in_another_order(seed):
    """An identity that ignores its input, and a model that returns one side twice, find what luck finds."""
    exercise = bank.exercise("10.7")
    for model in (
        lambda images, texts: (images[:, :384], images[:, :384]),
        lambda images, texts: (texts, texts),
        lambda images, texts: (torch.eye(356)[: len(images)], torch.eye(356)[: len(images)]),
    ):
        assert examine(exercise, model, seed).points == 0
