"""An exercise's solution as a learner sees it: its code, why it is so, and after a pass what people get wrong here."""

import json
from collections.abc import Iterator
from html import escape

from mmcourse.checking.exercise import Exercise
from mmcourse.checking.mistake import Mistake
from mmcourse.fetch import edition

from .diffs import Diff
from .solution_code import answer_only


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
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{answer_only(source)}\n```")
    if not parts:
        raise LookupError(f"the solutions of lesson {exercise.lesson} have nothing on {exercise.id} yet")
    return f"#### {exercise.id} {exercise.title}: a solution\n\n" + "\n\n".join(parts)


def mistakes_as_markdown(exercise: Exercise) -> str:
    """What people get wrong in an exercise: each mistake by its name, to be opened, with the lines that make it."""
    parts = [f"#### What people get wrong in {exercise.id}"]
    for mistake in exercise.about.mistakes:
        inside = "\n\n".join([*_code(mistake), mistake.hint])
        parts.append(f"<details><summary>{escape(mistake.name)}</summary>\n\n{inside}\n\n</details>")
    return "\n\n".join(parts)


def _code(mistake: Mistake) -> Iterator[str]:
    """The diffs of a mistake that still fit the solution, and the wrong entries of a value exercise."""
    for form in mistake.forms:
        if isinstance(form, Diff) and form.fits:
            yield "\n@@\n".join(diff.strip("\n") for diff in form.diffs).join(("```diff\n", "\n```"))
        elif isinstance(form, dict):
            yield "\n".join(
                ["| entry | wrong |", "|---|---|", *(f"| {key} | `{value!r}` |" for key, value in form.items())]
            )
