"""What the course remembers of a learner, on this machine only: tries, hints taken, guesses, passes.

One small JSON file. Losing it costs convenience and nothing else, so a file that can't be read is laid
aside, and one that can't be written is said so once.
"""

import json
import os
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmcourse.fetch import CourseError, state_dir

EMPTY = ("tries", "hints", "guesses", "passed")


def path() -> Path:
    """Where it lies."""
    return state_dir() / "progress.json"


def read() -> dict[str, Any]:
    """The whole store; an empty one where there is none or it can't be read (that file is kept as .broken)."""
    try:
        text = path().read_text("utf8")
    except (OSError, CourseError):  # none yet, or nowhere to keep one: `changing` says so
        return {key: {} for key in EMPTY}
    try:
        kept = json.loads(text)
        if not isinstance(kept, dict):
            raise ValueError("not a dictionary")
        return {key: kept.get(key) if isinstance(kept.get(key), dict) else {} for key in EMPTY}
    except ValueError as error:
        aside = path().with_suffix(".broken")
        os.replace(path(), aside)
        warnings.warn(
            f"Your progress file could not be read ({error}); starting afresh. The old one: {aside}", stacklevel=2
        )
        return {key: {} for key in EMPTY}


@contextmanager
def changing():
    """`with changing() as kept:` change the dictionary; it is written back whole, in one step."""
    kept = read()
    yield kept
    try:
        with tempfile.NamedTemporaryFile("w", dir=path().parent, delete=False, encoding="utf8") as file:
            json.dump(kept, file, indent=1, ensure_ascii=False)
        os.replace(file.name, path())
    except (OSError, CourseError) as error:
        warnings.warn(f"Your progress could not be saved ({error}). Checks work all the same.", stacklevel=2)
