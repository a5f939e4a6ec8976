"""A lesson's notebooks are run: the lesson with its claims, the solutions, and the problem set without answers."""

import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat

from mmcourse import bank
from mmcourse.authoring.source import number_of
from mmcourse.checking.judge import examine
from mmcourse.checking.verdict import Status
from mmcourse.grading.released import checked_exercise

CELL_SECONDS = 300
LIVE = """
from mmcourse.authoring.results import deviations
off = deviations({number!r}, sample)
assert not off, "the live seed has left the one that is kept: " + "; ".join(off)"""


def of_lesson(root: Path, stem: str) -> list[str]:
    """The lesson runs, and what its prose claims holds of what its cells computed (`tests/claims/`).

    Where it has an experiment, its claims name the live seed's numbers `sample`, and those are what is kept of it.
    A page that has no number may claim nothing.
    """
    from mmcourse.authoring.experiment import experiment_code

    number = number_of(stem)
    notebook = nbformat.read(root / "notebooks" / f"{stem}.ipynb", as_version=4)
    path = root / "tests" / "claims" / (f"lesson_{number}.py" if number else f"{stem}.py")
    if number and not path.exists():
        return [f"{path.relative_to(root)} is not there: assert in it what the lesson claims of its cells' numbers"]
    claims = path.read_text("utf8") if path.exists() else ""
    if experiment_code(root / "source" / "lessons" / f"{stem}.md"):
        claims += LIVE.format(number=number)
    notebook.cells.append(nbformat.v4.new_code_cell(claims, id="claims"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{stem}.ipynb"
        nbformat.write(notebook, copy)
        run, _ = _nbval(root, copy, Path(folder))
    return [] if run.returncode == 0 else [_failed(run)]


def of_solutions(root: Path, stem: str) -> list[str]:
    """Run by nbval as the README says, the solutions have full points."""
    with tempfile.TemporaryDirectory() as folder:
        run, rows = _nbval(root, root / "solutions" / f"{stem}.ipynb", Path(folder))
    short = [row for row in (rows[0]["exercises"] if rows else []) if row["status"] != Status.PASSED]
    found = [
        f"the solution of {row['id']} has {row['points']} of {row['max_points']} points: "
        + " ".join(row["feedback"].split())
        for row in short
    ]
    return found or ([_failed(run)] if run.returncode or not rows else [])


def of_problem_set(root: Path, stem: str) -> list[str]:
    """Without answers every cell runs, and every check says 'not attempted'. In this process: it needs no kernel."""
    names: dict[str, Any] = {"__name__": stem}
    found = []
    for cell in nbformat.read(root / "exercises" / f"{stem}.ipynb", as_version=4).cells:
        if cell.cell_type != "code" or cell.metadata.get("mmcourse", {}).get("stamped"):
            continue
        id = checked_exercise(cell)
        if id is None:
            try:
                with redirect_stdout(StringIO()):
                    exec(compile(cell.source, f"{stem}, {cell.id}", "exec"), names)
            except Exception as error:
                found.append(f"the cell {cell.id} fails in the empty problem set: {type(error).__name__}: {error}")
        else:
            verdict = examine(bank.exercise(id), names.get(bank.exercise(id).answer), 0)
            if verdict.status is not Status.NOT_ATTEMPTED:
                found.append(f"{id} is {verdict.status} in the empty problem set")
    return found


def _nbval(root: Path, notebook: Path, folder: Path) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """`pytest --nbval-lax`, exactly as the README gives it, with our report."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--color=no", "-q", "-p", "no:cacheprovider"]
    command += [f"--nbval-cell-timeout={CELL_SECONDS}", f"--mmcourse-report={folder}", str(notebook)]
    env = os.environ | {"OMP_NUM_THREADS": "1"}  # they run side by side, and two threads add in another order
    run = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    report = folder / "report.json"
    return run, json.loads(report.read_text("utf8"))["submissions"] if report.exists() else []


def _failed(run: subprocess.CompletedProcess[str]) -> str:
    """The first cell that failed, by its first line, and the last words of its traceback, as nbval prints them."""
    cell = re.search(r"^Input:\n(.*?)^Traceback:\n(.*?)(?=^_{9}|^={9})", run.stdout, re.M | re.S)
    if not cell:
        return f"the notebook did not run: {(run.stderr.strip() or run.stdout.strip() or 'pytest said nothing')[-300:]}"
    code, words = ([line.strip() for line in part.split("\n") if line.strip()] for part in cell.groups())
    return f"the cell that begins with `{code[0]}` fails: {words[-1] if words else 'it says nothing'}"
