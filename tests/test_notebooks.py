"""Every notebook runs from top to bottom, as nbval runs it, and the problem sets wait to be answered."""

import json

import pytest

from mmcourse.authoring import check
from mmcourse.authoring.verify.notebooks import of_lesson, of_problem_set, of_solutions
from mmcourse.fetch import checkout

ROOT = checkout()
LESSONS = sorted(path.stem for path in (ROOT / "source/lessons").glob("*.md"))
SETS = sorted(path.stem for path in (ROOT / "source/exercises").glob("*.md"))
NOTEBOOKS = [path for kind in ("notebooks", "exercises", "solutions") for path in sorted((ROOT / kind).glob("*.ipynb"))]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path / "home"))


@pytest.mark.slow
@pytest.mark.parametrize("stem", LESSONS)
def test_lesson_runs_and_says_what_is_true(stem):
    """The lesson; behind its last cell what its prose claims; and its live seed is the one that is kept."""
    assert of_lesson(ROOT, stem) == []


@pytest.mark.slow
@pytest.mark.parametrize("stem", SETS)
def test_solutions_get_full_points(stem):
    assert of_solutions(ROOT, stem) == []


@pytest.mark.parametrize("stem", SETS)
def test_problem_sets_fail_only_as_not_attempted(stem):
    assert of_problem_set(ROOT, stem) == []


def test_no_outputs_in_git():
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            if cell["cell_type"] == "code":
                assert cell["outputs"] == [], path
                assert cell["execution_count"] is None, path


def test_built_notebooks_are_what_their_sources_build():
    assert check(ROOT) == []
