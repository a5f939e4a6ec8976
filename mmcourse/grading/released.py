"""A learner's notebook with the released checks in place of its own."""

import re
from pathlib import Path
from typing import Any

import nbformat

from mmcourse.checking.card import MIME
from mmcourse.fetch import edition

__all__ = ["MIME", "Refused", "checked_exercise", "lesson_of", "prepare"]

_CALL = re.compile(r"""check\(\s*["'](\d\d\.\d+)["']\s*,\s*\w+\s*\)""")


class Refused(Exception):
    """A file that can't be graded; the message says why and what to do."""


def checked_exercise(cell: Any) -> str | None:
    """The id of the exercise that a cell checks, or None for any other cell.

    By its metadata, as released, or by its source, where it is a lone call `check("06.3", name)`.
    """
    if cell["cell_type"] != "code":
        return None
    about = cell["metadata"].get("mmcourse", {})
    if about.get("exercise") and cell["metadata"].get("nbgrader", {}).get("grade"):
        return about["exercise"]
    call = _CALL.fullmatch("".join(cell["source"]).strip())
    return call[1] if call else None


def lesson_of(notebook: nbformat.NotebookNode) -> str:
    """The lesson whose problem set this is. Raises Refused where nothing says so."""
    source = str(notebook.metadata.get("mmcourse", {}).get("source", ""))
    found = re.match(r"source/exercises/(\d\d)_", source)
    if found:
        return found[1]
    ids = [cell.metadata.get("mmcourse", {}).get("exercise") or checked_exercise(cell) for cell in notebook.cells]
    lessons = {id.split(".")[0] for id in ids if id}
    if len(lessons) != 1:
        raise Refused("this is not a problem set of the course: hand in one of the notebooks from exercises/")
    return lessons.pop()


def prepare(path: Path, into: Path) -> str:
    """Writes a copy of the notebook at `path` to `into`, ready to run; returns its lesson.

    Its own check cells are dropped and the released ones appended, so that an edited or deleted check changes
    nothing. It runs as if it stood in its own folder. Raises Refused.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError as error:
        raise Refused("the file is broken, it is not JSON: open it in JupyterLab, save it, try again") from error
    except UnicodeDecodeError as error:
        raise Refused("the file is not text in UTF-8: is it a notebook?") from error
    except (
        nbformat.ValidationError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise Refused("the file is not a notebook: open it in JupyterLab, save it, try again") from error
    except OSError as error:
        raise Refused(f"the file could not be read: {error.strerror}") from error
    lesson = lesson_of(notebook)
    released = nbformat.read(edition("solutions", lesson), as_version=4)  # in a fork, exercises/ is the learner's own
    checks = [cell for cell in released.cells if checked_exercise(cell)]
    setup = [cell for cell in released.cells if cell.metadata.get("mmcourse", {}).get("stamped") == "setup"]
    own = [cell for cell in notebook.cells if not checked_exercise(cell)]
    for cell in own:
        cell.metadata.pop("tags", None)  # tags such as nbval-skip steer the run
    home = nbformat.v4.new_code_cell(f"import os\nos.chdir({str(path.resolve().parent)!r})")
    again = [nbformat.v4.new_code_cell(cell.source) for cell in setup]  # check() is the course's own when checks run
    notebook.cells = [home, *own, *again, *checks]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{i}"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.write(notebook, into)
    return lesson
