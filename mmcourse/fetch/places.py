"""Where the course's things lie, wherever it is installed: its folders, editions, results and glossary."""

import csv
import json
import os
import tempfile
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parents[1]  # mmcourse/
KINDS = ("notebooks", "exercises", "solutions")  # the editions of a lesson


class CourseError(RuntimeError):
    """Something the course needs is not there; the message says what, and what to do about it."""


# --- folders ---------------------------------------------------------------------------------------------------


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise CourseError(
            f"The folder {path} cannot be written to ({error.strerror}). "
            f"Name another one in the environment variable {variable}."
        ) from None
    return path.resolve()


def cache_dir() -> Path:
    """The folder for what can be downloaded again: `MMCOURSE_CACHE`, else the user's cache. Raises CourseError."""
    return _folder("MMCOURSE_CACHE", platformdirs.user_cache_dir("mmcourse", appauthor=False))


def state_dir() -> Path:
    """The folder for what is the learner's (tries, guesses): `MMCOURSE_HOME`, else the user's. Raises CourseError."""
    return _folder("MMCOURSE_HOME", platformdirs.user_data_dir("mmcourse", appauthor=False))


# --- the course, wherever it is installed --------------------------------------------------------------------------


def checkout() -> Path | None:
    """The root of the git checkout that this package runs from (also by an editable install), or None."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "source").is_dir() else None


def course_dir() -> Path:
    """The folder with notebooks/, exercises/, solutions/: the checkout's root, or the wheel's. Raises CourseError."""
    root = checkout() or PACKAGE / "course"
    if not (root / "notebooks").is_dir():
        raise CourseError(
            f"No notebooks were found in {root}. Install the package again; "
            "in a checkout, `mmcourse build` makes the notebooks."
        )
    return root


def edition(kind: str, lesson: str) -> Path:
    """The notebook of a lesson: `edition("solutions", "00")` is .../solutions/00_start_here.ipynb.

    Args:
        kind: "notebooks", "exercises" or "solutions".
        lesson: its number ("00") or its whole name ("00_start_here").

    Raises CourseError, naming what there is.
    """
    if kind not in KINDS:
        raise CourseError(f"There is no edition {kind!r}; the editions are {', '.join(KINDS)}.")
    there = {path.stem: path for path in sorted((course_dir() / kind).glob("*.ipynb")) if "." not in path.stem}
    found = [
        path for stem, path in there.items() if lesson == stem or stem.startswith(f"{lesson}_") and lesson.isdigit()
    ]
    if not found:
        raise CourseError(f"There is no lesson {lesson!r} in {kind}/; it holds {', '.join(there) or 'nothing yet'}.")
    return found[0]


def results(lesson: str) -> dict:
    """What `make results` computed for a lesson over several seeds (mmcourse/results/NN.json). Raises CourseError."""
    path = PACKAGE / "results" / f"{lesson}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(
            f"There are no results for lesson {lesson!r}. In a checkout, `make results ARGS={lesson}` computes them."
        ) from None
    except json.JSONDecodeError as error:
        raise CourseError(f"{path} is not valid JSON ({error}). `make results ARGS={lesson}` makes it anew.") from None


def glossary() -> dict[str, str]:
    """The course's terms, English to Chinese: `glossary()["attention"]` is "注意力" (mmcourse/glossary.csv).

    A term with two rows there has its first one here. Raises CourseError where the file is missing.
    """
    path = PACKAGE / "glossary.csv"
    if not path.is_file():
        raise CourseError(f"The glossary {path} is missing. Install the package again.")
    terms: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            terms.setdefault(row["english"], row["chinese"])
    return terms
