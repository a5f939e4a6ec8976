"""Every notebook runs from top to bottom, as nbval runs it, and the problem sets wait to be answered."""

import json
import re
import subprocess
import sys

import nbformat
import pytest

from mmcourse import bank
from mmcourse.fetch import checkout

ROOT = checkout()
LESSONS = sorted(path.stem for path in (ROOT / "source/lessons").glob("*.md"))
SETS = sorted(path.stem for path in (ROOT / "source/exercises").glob("*.md"))


def nbval(tmp_path, *paths):
    """`pytest --nbval-lax`, exactly as the README gives it, with our report."""
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval-lax",
            "--color=no",
            "-q",
            "-p",
            "no:cacheprovider",
            "--nbval-cell-timeout=300",
            f"--mmcourse-report={tmp_path}",
            *paths,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return run, json.loads((tmp_path / "report.json").read_text("utf8"))["submissions"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path / "home"))


@pytest.mark.slow
@pytest.mark.parametrize("stem", LESSONS)
def test_lesson_runs_and_says_what_is_true(stem, tmp_path):
    """The lesson, and behind its last cell what its prose claims, as assertions on what its cells computed."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{stem}.ipynb", as_version=4)
    claims = (ROOT / "tests/claims" / f"lesson_{stem[:2]}.py").read_text("utf8")
    notebook.cells.append(nbformat.v4.new_code_cell(claims))
    nbformat.write(notebook, tmp_path / f"{stem}.ipynb")
    run, _ = nbval(tmp_path, tmp_path / f"{stem}.ipynb")
    assert run.returncode == 0, run.stdout[-4000:]


@pytest.mark.slow
@pytest.mark.parametrize("stem", SETS)
def test_solutions_get_full_points(stem, tmp_path):
    run, rows = nbval(tmp_path, f"solutions/{stem}.ipynb")
    assert run.returncode == 0, run.stdout[-4000:]
    assert (
        rows[0]["points"] == rows[0]["max_points"] == sum(e.max_points for e in bank.exercises(stem[:2]).values()) > 0
    )
    assert {e["status"] for e in rows[0]["exercises"]} == {"passed"}


@pytest.mark.slow
@pytest.mark.parametrize("stem", SETS)
def test_problem_sets_fail_only_as_not_attempted(stem, tmp_path):
    run, rows = nbval(tmp_path, f"exercises/{stem}.ipynb")
    assert run.returncode == 1
    assert {e["status"] for e in rows[0]["exercises"]} == {"not attempted"}
    assert rows[0]["points"] == 0
    failed = re.findall(r"^FAILED", run.stdout, re.M)
    assert len(failed) == len(rows[0]["exercises"]), "something other than a check failed"
    assert run.stdout.count("CheckFailed: ") >= len(failed)


def notebooks():
    return [path for kind in ("notebooks", "exercises", "solutions") for path in sorted((ROOT / kind).glob("*.ipynb"))]


@pytest.mark.parametrize("path", notebooks(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_no_outputs_in_git(path):
    for cell in json.loads(path.read_text("utf8"))["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_built_notebooks_are_what_their_sources_build():
    from mmcourse.authoring import check

    assert check(ROOT) == []


@pytest.mark.parametrize("path", notebooks(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_cells_are_short(path):
    """One idea a cell. (An answer may be longer: it is the learner's.)"""
    for cell in json.loads(path.read_text("utf8"))["cells"]:
        if cell["cell_type"] == "code" and not cell["id"].startswith("answer-"):
            lines = "".join(cell["source"]).split("\n")
            assert len(lines) <= 25, cell["id"]
            assert max(map(len, lines)) <= 104, f"{cell['id']}: a line that runs out of the cell"


@pytest.mark.parametrize("stem", SETS)
def test_hints_and_checks_use_the_names_that_the_set_defines(stem):
    cells = json.loads((ROOT / "exercises" / f"{stem}.ipynb").read_text("utf8"))["cells"]
    checks = {
        c["metadata"]["mmcourse"]["exercise"]: "".join(c["source"]) for c in cells if c["id"].startswith("check-")
    }
    assert checks == {e.id: f'check("{e.id}", {e.answer})' for e in bank.exercises(stem[:2]).values()}
