"""`mmcourse verify`: what it has against a lesson it says in sentences, and a bank that is no good does not pass."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from mmcourse.authoring import scaffold
from mmcourse.authoring.source import parse_source
from mmcourse.authoring.style import style
from mmcourse.authoring.verify import bank as held
from mmcourse.authoring.verify.report import Part, report
from mmcourse.checking.exercise import About, Case, Function, Value
from mmcourse.checking.mistake import Mistake, Written
from mmcourse.fetch import CourseError, checkout

ROOT = checkout()


COUNT = list(range(99, 2, -1))


def mistake(name, answer, hint="How much? (lesson 06, 'When two are worse than one')"):
    return Mistake(name, hint, (Written(answer, "a toy"),))


SOUND = Function(
    about=About(
        "99.1",
        "double it",
        "double",
        ("How often?", "Look at x.", "Twice x."),
        (mistake("it is tripled", lambda x: x * 3), mistake("it is squared", lambda x: x**2)),
    ),
    reference=lambda x: x * 2,
    cases=lambda draw: [Case("one", {"x": draw.normal(3)}, points=3)],
)


def with_about(**changes):
    return replace(SOUND, about=replace(SOUND.about, **changes))


@pytest.fixture(autouse=True)
def two_alternatives(monkeypatch):
    monkeypatch.setattr(held, "alternatives", lambda exercise: [lambda x: x + x, lambda x: torch.add(x, x)])
    monkeypatch.setattr(held, "strays", lambda exercise: [])


class TestAnswers:
    def test_a_sound_exercise_is_all_well(self):
        assert held.of_answers(SOUND) == []

    @pytest.mark.parametrize(
        ("exercise", "says"),
        [
            (with_about(mistakes=(mistake("it is right", lambda x: 2 * x),)), "'it is right' is not rejected"),
            (with_about(mistakes=(mistake("a", lambda x: -x), mistake("b", lambda x: 0 - x))), "can't be told apart"),
            (
                with_about(mistakes=(mistake("it is new", lambda x: x * COUNT.pop()),)),
                "not do the same twice",
            ),
            (with_about(mistakes=(mistake("unknown", lambda x: nowhere),)), "raises NameError"),  # noqa: F821
            (replace(SOUND, cases=lambda draw: [Case("one", {"x": torch.ones(3)})]), "do not depend on the seed"),
            (replace(SOUND, cases=lambda draw: [Case("one", {"x": torch.rand(3)})]), "differ between two draws"),
            (
                replace(SOUND, cases=lambda draw: [Case("one", {"x": draw.normal(3) * 0}, gradients=False)]),
                "answer of nothing has 1",
            ),
            (replace(SOUND, reference=lambda x: torch.cat([x, torch.ones(1)])), "does not stay on one device"),
            (replace(SOUND, reference=lambda x: x * torch.rand(())), "own reference does not pass"),
        ],
    )
    def test_what_is_wrong_is_said(self, exercise, says):
        found = held.of_answers(exercise)
        assert any(says in line for line in found), found

    def test_a_right_answer_that_is_refused(self, monkeypatch):
        monkeypatch.setattr(held, "alternatives", lambda exercise: [lambda x: x + 2])
        found = held.of_answers(SOUND)
        assert found[0] == "it has fewer than two alternatives"
        assert "does not pass: one:" in found[1]

    def test_a_wrong_answer_that_passes(self, monkeypatch):
        monkeypatch.setattr(held, "strays", lambda exercise: [lambda x: x * 2])
        assert "the stray wrong answer 0 has full points (seed 0)" in held.of_answers(SOUND)

    def test_a_wrong_value_that_is_none(self, monkeypatch):
        monkeypatch.setattr(held, "alternatives", lambda exercise: [])
        about = replace(SOUND.about, mistakes=(Mistake("same", "?", ({"a": 1},)), Mistake("two", "?", ({"a": 2},))))
        found = held.of_value(Value(about=about, reference={"a": 1, "b": 5}))
        assert found == ["'same' is not rejected: passed, 2 of 2 points"]


class TestWords:
    def test_what_is_wrong_is_said(self):
        bad = (mistake("Big.", lambda x: x, "No section."), mistake("a", lambda x: x, "TODO (lesson 06, 'Nowhere')"))
        exercise = with_about(id="06.77", hints=("Do it.", "return x"), mistakes=bad)
        assert held.of_words(exercise) == [
            "it has 2 hints: three are asked for",
            "its first hint is no question",
            "a hint holds code: 'return x'",
            "it has 2 mistakes: three are the least",
            "the name 'Big.' follows 'when': a small letter, no full stop",
            "'Big.' does not say which section treats it (Lesson: ...)",
            "'a' names the section 'Nowhere', which is none",
            "still to be filled in: TODO (lesson 06, 'Nowhere')",
        ]


class TestReport:
    def test_a_lesson_that_is_not_there(self):
        with pytest.raises(CourseError, match="no lesson '77'; there are 00_start_here, 01_pre"):
            next(report(ROOT, "77"))

    def test_an_exercise_alone(self):
        assert [part.what for part in report(ROOT, "05.9")] == [
            "the notebooks are what the sources build",
            "05.9 Layer normalisation",
        ]
        with pytest.raises(CourseError, match=r"no exercise '05.77'; there are 05.1, 05.2"):
            next(report(ROOT, "05.77"))

    def test_where_notebooks_are_not_built_that_alone_is_said(self, monkeypatch):
        monkeypatch.setattr("mmcourse.authoring.verify.report.unbuilt", lambda root, only: ["x.ipynb: stale"])
        built, rest = report(ROOT, "05")
        assert built.problems == ["x.ipynb: stale"]
        assert rest.problems == ["it is looked at once the notebooks are built: make build"]

    def test_what_raises_is_a_sentence(self):
        from mmcourse.authoring.verify.report import _part

        part = _part("the moon", lambda: [1 / 0])
        assert part.problems == ["this could not be looked at: ZeroDivisionError: division by zero"]
        assert str(Part("the moon", ["it is full"], 0.2)) == "the moon: to mend (0 s)\n  - it is full"


def test_style_names_the_line():
    text = "---\ntitle: X\ntitle_zh: 某\nsummary: x\nstage: fusion\nminutes: 5\nobjectives: [Do, Make, TODO]\n"
    text += (
        "stands_on: []\n---\n\nThis is simply so, `simply`.\n\n```python\n" + "x = 1\n" * 25 + f"y = {'1' * 101}\n```\n"
    )
    found = list(style(parse_source(text, ROOT / "source/lessons/77_x.md")))
    assert found == [
        "source/lessons/77_x.md:7: still to be filled in: objectives: [Do, Make, TODO]",
        "source/lessons/77_x.md:11: the course does without 'simply'",
        "source/lessons/77_x.md:14: a cell has 26 lines, 25 at most: one idea a cell",
        "source/lessons/77_x.md:39: this line has 105 characters and runs out of its cell, 104 at most",
    ]


class TestNew:
    @pytest.fixture
    def root(self, tmp_path):
        """An empty checkout with one lesson."""
        for folder in ("source/lessons", "source/exercises", "mmcourse/bank", "tests/alternatives", "tests/claims"):
            (tmp_path / folder).mkdir(parents=True)
        list(scaffold.new_lesson(tmp_path, "00_start"))
        return tmp_path

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("00_other", "There is 00_start.md already. The next free number is 01."),
            ("Captions", "is called like 11_captioning"),
            ("../x", "is called like 11_captioning"),
        ],
    )
    def test_a_lesson_that_can_not_be(self, root, name, says):
        with pytest.raises(CourseError, match=says):
            list(scaffold.new_lesson(root, name))

    @pytest.mark.parametrize(
        ("id", "name", "kind", "says"),
        [
            ("00.2", "mean", "function", "next exercise of lesson 00 is 00.1"),
            ("01.1", "mean", "function", "no lesson 01 with a problem set"),
            ("0.1", "mean", "function", "Say it like"),
            ("00.1", "Mean", "function", "Say it like"),
            ("00.1", "mean", "class", "no kind 'class'; there are function, module, value, trained"),
        ],
    )
    def test_an_exercise_that_can_not_be(self, root, id, name, kind, says):
        before = sorted(root.rglob("*"))
        with pytest.raises(CourseError, match=says):
            list(scaffold.new_exercise(root, id, name, kind))
        assert sorted(root.rglob("*")) == before

    def test_an_exercise_touches_four_places_and_the_library(self, root):
        kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        list(scaffold.new_exercise(root, "00.1", "mean"))
        changed = {path for path in root.rglob("*") if path.is_file() and kept.get(path) != path.read_bytes()}
        assert {str(path.relative_to(root)) for path in changed} == {
            "source/exercises/00_start.md",
            "mmcourse/bank/lesson_00/ex01_mean.py",
            "mmcourse/bank/lesson_00/ex01_mean.md",
            "tests/alternatives/lesson_00.py",
        }

    def test_what_is_there_is_not_written_over(self, root):
        (root / "tests/claims/lesson_01.py").write_text("mine")
        with pytest.raises(CourseError, match="nothing was written over"):
            list(scaffold.new_lesson(root, "01_more"))
        assert (root / "tests/claims/lesson_01.py").read_text() == "mine"


@pytest.mark.slow
def test_what_is_new_builds_and_fails_honestly(tmp_path):
    """A lesson with an exercise of each kind, and a page without a number, in a copy of the course."""
    for name in ("mmcourse", "source", "tests", "notebooks", "exercises", "solutions"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    there = os.environ | {"PYTHONPATH": str(tmp_path), "MMCOURSE_HOME": str(tmp_path / "home")}

    def mmcourse(*words):
        command = [sys.executable, "-c", "from mmcourse.cli import app; app()", *words]
        run = subprocess.run(command, cwd=tmp_path, env=there, capture_output=True, text=True, check=False)
        assert "Traceback" not in run.stdout + run.stderr
        return run

    assert mmcourse("new", "lesson", "77_new").returncode == 0
    assert mmcourse("new", "exercise", "77.1", "some_function").returncode == 0
    for i, kind in enumerate(scaffold.KINDS[1:], 2):
        list(scaffold.new_exercise(tmp_path, f"77.{i}", f"some_{kind}", kind))
    list(scaffold.new_lesson(tmp_path, "appendix"))
    built = mmcourse("build")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "| 77 | New TODO: TODO: what the lesson holds" in (tmp_path / "README.md").read_text("utf8")
    assert (tmp_path / "notebooks/appendix.ipynb").exists()

    verified = mmcourse("verify", "77")
    assert verified.returncode == 1
    for line in [
        "source/exercises/77_new.md:3: still to be filled in: title_zh: TODO",
        "77 has an experiment and no results: run `make results ARGS=77`",
        "the empty problem set: all is well",
        "77.1 Some function: to mend",
        "  - it has 0 mistakes: three are the least",
        "  - its own reference does not pass: a batch of one: raises NotImplementedError: TODO: the reference of 77.2",
        "  - the cell that begins with `import torch` fails: NotImplementedError: TODO: show it",
        "  - the solution of 77.4 has 0 of 3 points",
    ]:
        assert line in verified.stdout, verified.stdout
