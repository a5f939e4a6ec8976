"""Reads an exercise's solution out of the solutions edition."""

import json

from mmcourse.checking.exercise import Exercise
from mmcourse.fetch import edition

MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")


def as_markdown(exercise: Exercise) -> str:
    """The answer cells of an exercise and the prose behind them, as Markdown.

    Raises FileNotFoundError where the lesson has no solutions yet, LookupError where they lack this exercise.
    """
    notebook = json.loads(edition("solutions", exercise.lesson).read_text("utf8"))
    parts = []
    for cell in notebook["cells"]:
        about = cell["metadata"].get("mmcourse", {})
        statement = about.get("stamped") or "difficulty" in about
        if about.get("exercise") != exercise.id or statement or cell["id"].startswith("check-"):
            continue
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{_plain(source)}\n```")
    if not parts:
        raise LookupError(f"the solutions of lesson {exercise.lesson} have nothing on {exercise.id} yet")
    return f"#### {exercise.id} {exercise.title}: a solution\n\n" + "\n\n".join(parts)


def _plain(code: str) -> str:
    """Code without the markers and without the commented start of a find-the-fault exercise."""
    lines, starter = [], False
    for line in code.split("\n"):
        mark = line.strip()
        starter = mark == "### BEGIN STARTER" or (starter and mark != "### END STARTER")
        if not starter and mark not in (*MARKERS, "### END STARTER"):
            lines.append(line)
    return "\n".join(lines)
