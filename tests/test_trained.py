"""A trained exercise's bars: its solution clears them with a margin on five seeds; one modality alone does not."""

import json

import pytest

from mmcourse import bank
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Trained
from mmcourse.checking.judge import examine
from mmcourse.checking.probe import probe_model
from mmcourse.checking.trained import predictions
from mmcourse.fetch import edition

TRAINED = [e for lesson in bank.lessons() for e in bank.exercises(lesson).values() if isinstance(e, Trained)]


def solve(exercise, seed, change=lambda code: code):
    """What the solution makes with another seed: the notebook's own cells up to the exercise's answer."""
    cells = json.loads(edition("solutions", exercise.lesson).read_text("utf8"))["cells"]
    names = {}
    for cell in cells:
        about = cell["metadata"].get("mmcourse", {})
        if cell["cell_type"] != "code" or about.get("stamped") or cell["id"].startswith("check-"):
            continue
        code = "".join(cell["source"])
        last = about.get("exercise") == exercise.id
        if last:
            assert "torch.manual_seed(0)" in code, "a trained solution says its seed"
            code = change(code.replace("torch.manual_seed(0)", f"torch.manual_seed({seed})"))
        exec(code, names)
        if last:
            break
    return names[exercise.answer]


def score(exercise, model):
    held_out = exercise.held_out(Draw(0))
    seen = probe_model(model, held_out)
    assert not seen.trouble
    return exercise.score(predictions(exercise, seen), held_out.labels)


@pytest.mark.long
@pytest.mark.parametrize("exercise", TRAINED, ids=lambda e: e.id)
def test_the_solution_clears_every_bar_on_five_seeds(exercise):
    scores = [score(exercise, solve(exercise, seed)) for seed in range(5)]
    assert min(scores) > max(bar.score for bar in exercise.bars) + 0.02, scores


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "silent", "bar"),
    [
        ("00.5", "self.image(images).vector", 1),
        ("00.5", "self.text(ids, mask).vector", 2),
        ("09.8", "self.image(vectors)", 1),
        ("09.8", "self.text(ids, mask).vector", 2),
    ],
    ids=["00.5 names alone", "00.5 pictures alone", "09.8 names alone", "09.8 pictures alone"],
)
def test_one_modality_alone_stays_below_its_bar(id, silent, bar):
    exercise = bank.exercise(id)
    model = solve(exercise, 1, lambda code: code.replace(silent, f"{silent} * 0"))
    assert score(exercise, model) < exercise.bars[bar].score


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_sum_of_the_same_encoders_earns_nothing(seed):
    exercise = bank.exercise("06.8")
    bends = "nn.Sequential(nn.Linear(2 * d, d), nn.ReLU(), nn.Linear(d, 2))"
    model = solve(exercise, seed, lambda code: code.replace(bends, "nn.Linear(2 * d, 2)"))
    verdict = examine(exercise, model, 0)
    assert verdict.points == 0
    assert verdict.mistake.startswith("the score is a sum")
