"""The bank is held to account: every check rejects what it must, names it, and accepts right answers of all kinds."""

import pytest
import torch

from mmcourse import bank
from mmcourse.authoring.verify.bank import alternatives, of_answers, of_words
from mmcourse.checking.exercise import Code, Trained
from mmcourse.checking.judge import examine

ALL = [e for lesson in bank.lessons() for e in bank.exercises(lesson).values()]
TRAINED = [e for e in ALL if isinstance(e, Trained)]


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_words(exercise):
    assert of_words(exercise) == []


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_answers(exercise):
    """Reference, alternatives, mistakes and their names, strays, zeros, the stub.

    Of those that are trained, here the solution alone is (test_notebooks).
    """
    assert of_answers(exercise, trained=0) == []


@pytest.mark.long
@pytest.mark.parametrize("exercise", TRAINED, ids=lambda e: e.id)
def test_all_trained_alternatives_pass(exercise):
    assert of_answers(exercise, trained=len(alternatives(exercise))) == []


def test_ids_follow_the_files_and_the_order_of_the_set():
    for lesson in bank.lessons():
        ids = list(bank.exercises(lesson))
        assert ids == [f"{lesson}.{n}" for n in range(1, len(ids) + 1)]


def test_nearly_all_mistakes_of_code_are_diffs_and_the_others_say_why():
    from mmcourse.bank.about import Named
    from mmcourse.bank.diffs import Diff

    forms = [form for e in ALL if isinstance(e, Code) for m in e.mistakes for form in m.forms]
    written = [form for form in forms if isinstance(form, Named)]
    assert all(form.why for form in written)
    assert sum(isinstance(form, Diff) for form in forms) + len(written) == len(forms)
    assert len(written) < 0.05 * len(forms)


@pytest.mark.parametrize("pick", ["min", "max", "median"])
def test_a_label_at_some_place_in_the_order_earns_at_most_the_easy_point(pick):
    verdict = examine(bank.exercise("00.4"), lambda a, b: (b == getattr(a, pick)()).double().mean().item(), 0)
    assert verdict.points <= 1


def test_not_moving_at_all_earns_nothing():
    assert examine(bank.exercise("00.2"), lambda batch, device: batch, 0).points == 0


def test_a_model_that_diverged_is_not_called_deaf():
    verdict = examine(bank.exercise("00.5"), lambda images, ids, mask: torch.full((len(images), 9), float("nan")), 0)
    assert verdict.mistake is None
    assert "finite" in verdict.feedback


def test_transposed_logits_are_told_their_shape():
    verdict = examine(bank.exercise("00.5"), lambda images, ids, mask: torch.zeros(9, len(images)), 0)
    assert "expected one tensor of logits (688, 9), got (9, 688)" in verdict.checks[0].says


def test_an_object_in_place_of_a_class_is_told_so():
    verdict = examine(bank.exercise("05.2"), bank.exercise("05.2").reference(8, 2), 0)
    assert "pass the class, not an object of it" in verdict.checks[-1].says
