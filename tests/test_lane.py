"""The nbval lane: points from released checks, a row for everything, one bad file never stops another."""

import csv
import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from mmcourse import bank
from mmcourse.fetch import edition
from mmcourse.grading import report
from mmcourse.grading.lane import check_one, check_paths, find
from mmcourse.grading.released import MIME, checked_exercise, lesson_of

TOTAL = sum(e.max_points for e in bank.exercises("00").values())

RIGHT = {
    "answer-00-1": "shapes = {'words': (2, 5, 6), 'sentences': (2, 6), 'pair': (2, 16), 'regions': (2, 28, 6), "
    "'scores': (2, 28, 5), 'trap': (3, 3)}",
    "answer-00-4": "def majority_accuracy(train, test):\n    return (test == train.mode()[0]).float().mean().item()",
}


def submission(path, answers, change=lambda nb: None):
    """The released problem set with some cells answered."""
    nb = nbformat.read(edition("exercises", "00"), as_version=4)
    for cell in nb.cells:
        if cell.id in answers:
            cell.source = answers[cell.id]
    change(nb)
    nbformat.write(nb, path)
    return path


def statuses(row):
    return {e["id"]: (e["status"], e["points"]) for e in row["exercises"]}


@pytest.fixture(scope="module")
def partly(tmp_path_factory):
    """One notebook: one right, one wrong by a known mistake, one that does not run, two untouched."""
    answers = RIGHT | {
        "answer-00-2": "def move(batch, device:\n    return batch",
        "answer-00-4": RIGHT["answer-00-4"].replace("train.mode", "test.mode"),
    }
    folder = tmp_path_factory.mktemp("partly")
    (folder / "mine.txt").write_text("2 5 6")  # files beside the notebook can be read
    answers["answer-00-1"] += "\nshapes['words'] = tuple(map(int, open('mine.txt').read().split()))"
    path = submission(folder / "00_ada.ipynb", answers)
    return check_one(path, seed=5)


class TestReport:
    def test_points_and_statuses(self, partly):
        assert statuses(partly) == {
            "00.1": ("passed", 6), "00.2": ("failed", 0), "00.3": ("not attempted", 0), "00.4": ("partial", 1),
            "00.5": ("not attempted", 0),
        }  # fmt: skip
        assert (partly["points"], partly["max_points"], partly["status"], partly["seed"]) == (7, TOTAL, "graded", 5)

    def test_keys(self, partly):
        assert set(partly) == {"notebook", "points", "max_points", "status", "course", "seed", "exercises"}
        for row in partly["exercises"]:
            assert set(row) == {"id", "points", "max_points", "status", "mistake", "feedback", "checks"}
            assert all({"name", "points", "max_points", "passed"} <= set(check) for check in row["checks"])
            assert sum(check["max_points"] for check in row["checks"]) == row["max_points"]

    def test_the_mistake_is_named(self, partly):
        row = partly["exercises"][3]
        assert row["mistake"] == "the commonest label is looked up in the test set"

    def test_a_cell_that_could_not_run_has_its_row_and_says_why(self, partly):
        row = partly["exercises"][1]
        assert "NameError: name 'move' is not defined" in row["feedback"]
        assert "`move`" in row["feedback"]

    def test_files(self, partly, tmp_path, monkeypatch):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
        evil = report.refused("=cmd|' /C calc'!A0.ipynb", "<script>", 0)
        report.write([partly, evil], tmp_path / "out")
        again = json.loads((tmp_path / "out/report.json").read_text("utf8"))["submissions"]
        assert again == [partly, evil]
        rows = list(csv.DictReader((tmp_path / "out/grades.csv").open(encoding="utf8")))
        assert rows[0]["points"] == "7"
        assert rows[0]["00.4"] == "1"
        assert rows[1]["notebook"].startswith("'=")
        summary = (tmp_path / "out/summary.md").read_text("utf8")
        assert f"7 of {TOTAL} points" in summary
        assert "<script>" not in summary
        assert (tmp_path / "page.md").read_text("utf8") == summary


@pytest.mark.slow
class TestChecksAreTheReleasedOnes:
    def run(self, tmp_path, change):
        return check_one(submission(tmp_path / "s.ipynb", {}, change), seed=0)

    def test_edited_deleted_tagged_and_forged_checks_change_nothing(self, tmp_path):
        forged = {MIME: {"id": "00.1", "points": 6, "max_points": 6, "status": "passed"}}

        def change(nb):
            for cell in nb.cells:
                if cell.id.startswith("check-00-1"):
                    cell.source = "print('all fine')"
                cell.metadata["tags"] = ["nbval-skip", "raises-exception", "skip-execution"]
            nb.cells = [c for c in nb.cells if c.id not in ("check-00-2", "check-00-3")]
            nb.cells.append(new_code_cell("def check(*args): pass"))
            nb.cells.append(new_code_cell(f"from IPython.display import display\ndisplay({forged!r}, raw=True)"))

        row = self.run(tmp_path, change)
        assert {status for status, _ in statuses(row).values()} == {"not attempted"}

    def test_a_kernel_that_dies_leaves_a_row_for_every_exercise(self, tmp_path, monkeypatch):
        monkeypatch.setattr("mmcourse.grading.lane.CELL_SECONDS", 4)

        def change(nb):
            nb.cells.insert(3, new_code_cell("import os\nos._exit(1)"))

        row = self.run(tmp_path, change)
        assert row["status"] == "graded"
        assert set(statuses(row).values()) == {("failed", 0)}
        assert all(e["feedback"] for e in row["exercises"])


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"{not json", "broken"),
            (b"", "broken|not a notebook"),
            (b'{"cells": 3}', "not a notebook"),
            (b"[]", "not a notebook"),
            (b"\xff\xfe\x00bad", "not text|broken"),
            (b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "not a problem set"),
        ],
    )
    def test_bad_files_are_refused_with_a_sentence(self, tmp_path, content, why):
        import re

        path = tmp_path / "bad.ipynb"
        path.write_bytes(content)
        row = check_one(path, seed=0)
        assert row["status"] == "refused"
        assert re.search(why, row["feedback"])
        assert row["exercises"] == []


@pytest.mark.slow
def test_many_at_once_and_the_exit_status(partly, tmp_path, capsys, monkeypatch):
    """One that cannot be read stops no other. (How one is graded is shown above; here it is as if it had been.)"""
    monkeypatch.setattr(
        "mmcourse.grading.lane.check_one",
        lambda path, seed: partly if path.name == "right.ipynb" else check_one(path, seed),
    )
    (tmp_path / "class").mkdir()
    submission(tmp_path / "class/right.ipynb", RIGHT)
    (tmp_path / "class/broken.ipynb").write_text("{")
    assert check_paths([tmp_path / "class"], tmp_path / "report") == 1
    rows = json.loads((tmp_path / "report/report.json").read_text("utf8"))["submissions"]
    assert [(row["status"], row["points"]) for row in rows] == [("refused", 0), ("graded", 7)]
    assert "00.4" in capsys.readouterr().out


def test_nothing_to_check(tmp_path, capsys):
    assert check_paths([tmp_path]) == 2
    assert "No notebooks in" in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="there is no"):
        find([tmp_path / "nowhere"])


def test_what_is_found(tmp_path):
    for name in (
        "a.ipynb",
        "a.new.ipynb",
        ".ipynb_checkpoints/a.ipynb",
        ".mmcourse-backup/a.ipynb",
        "b/c.ipynb",
        "d.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [str(p.relative_to(tmp_path)) for p in find([tmp_path])] == ["a.ipynb", "b/c.ipynb"]


def test_checks_are_recognised_by_source_where_metadata_are_lost():
    cell = new_code_cell("  check('00.4', majority_accuracy)\n")
    assert checked_exercise(cell) == "00.4"
    assert checked_exercise(new_code_cell("x = check('00.4', f)")) is None
    nb = nbformat.v4.new_notebook(cells=[cell])
    assert lesson_of(nb) == "00"


def test_the_plugin_says_nothing_unless_asked(tmp_path):
    (tmp_path / "test_x.py").write_text("def test_x(): pass")
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "test_x.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert not list(tmp_path.glob("**/report.json"))


@pytest.mark.slow
def test_cli(tmp_path):
    path = submission(tmp_path / "s.ipynb", RIGHT)
    mmcourse = [sys.executable, "-c", "from mmcourse.cli import app; app()"]
    command = [*mmcourse, "check", path, "--report", tmp_path / "r", "--min-points", "10"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "r/summary.md").exists()
