"""`mmcourse check`: runs learners' notebooks under nbval, one pytest process each, and reports the points."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from mmcourse import bank

from . import report
from .released import Refused, prepare

CELL_SECONDS = 300  # nbval does not see that a kernel died; it waits this long


def check_paths(
    paths: list[Path], folder: Path | None = None, min_points: float | None = None, seed: int | None = None
) -> int:
    """Checks every notebook in `paths` (files or folders), prints the points, writes reports to `folder`.

    Returns the exit status: 0 if every notebook has full points (or at least `min_points`), else 1;
    2 if there is no notebook at all. One notebook never stops another.
    """
    notebooks = find(paths)
    if not notebooks:
        print(f"No notebooks in {', '.join(map(str, paths))}. Name a notebook, or a folder that holds some.")
        return 2
    seed = bank.seed() if seed is None else seed
    rows = [
        check_one(path, seed) for path in tqdm(notebooks, unit="notebook", disable=len(notebooks) < 2, file=sys.stdout)
    ]
    print(report.as_markdown(rows))
    if folder is not None:
        report.write(rows, Path(folder))
        print(f"Reports: {folder}/report.json, grades.csv, summary.md")
    good = all(
        row["status"] == "graded" and row["points"] >= (row["max_points"] if min_points is None else min_points)
        for row in rows
    )
    return 0 if good else 1


def find(paths: list[Path]) -> list[Path]:
    """The notebooks among files and below folders, each once; no checkpoints, backups, or those `start` laid beside.

    Raises FileNotFoundError naming a path that does not exist.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise FileNotFoundError(f"there is no {path}")
        inside = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        hidden = [
            p for p in inside if path.is_dir() and (p.name.endswith(".new.ipynb") or _hidden(p.relative_to(path)))
        ]
        found |= dict.fromkeys(p for p in inside if p not in hidden)
    return list(found)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def check_one(path: Path, seed: int) -> dict:
    """One notebook's row of the report; never raises for what the notebook is or does."""
    with tempfile.TemporaryDirectory(prefix="mmcourse-check-") as tmp:
        copy, out = Path(tmp) / "submission.ipynb", Path(tmp) / "report"
        try:
            lesson = prepare(path, copy)
        except Refused as why:
            return report.refused(str(path), str(why), seed)
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "--nbval-lax",
                "--nbval-current-env",
                f"--nbval-cell-timeout={CELL_SECONDS}",
                "-q",
                "--color=no",
                "-p",
                "no:cacheprovider",
                "-c",
                os.devnull,
                f"--rootdir={tmp}",
                f"--mmcourse-report={out}",
                copy,
            ],
            cwd=tmp,
            env=os.environ | {"MMCOURSE_SEED": str(seed), "MMCOURSE_HOME": str(Path(tmp) / "home")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        try:
            row = json.loads((out / "report.json").read_text("utf8"))["submissions"][0]
        except (OSError, ValueError, IndexError):
            last = (run.stdout + run.stderr).strip().split("\n")[-1]
            missing = {e: f"the run ended early (status {run.returncode}: {last})" for e in bank.exercises(lesson)}
            row = report.submission(str(path), lesson, {}, missing, seed)
        return row | {"notebook": str(path)}
