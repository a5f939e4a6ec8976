"""The bank: every exercise of the course, a module and a text each, and what a learner calls on it.

`check("04.1", masked_mean)` says whether an answer is right and, if it is not, which idea went wrong;
`hint("04.1")` gives the next of three hints; `solution("04.1")` the solution, once it was tried.
"""

import importlib
import os
import pkgutil
from functools import cache
from typing import Any

from mmcourse import __version__
from mmcourse.checking import store
from mmcourse.checking.card import CheckFailed, bundle, score
from mmcourse.checking.exercise import Exercise
from mmcourse.checking.judge import examine
from mmcourse.checking.verdict import Status


def lessons() -> list[str]:
    """The lessons that have exercises: ['00', '04', …]."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name.removeprefix("lesson_") for name in names if name.startswith("lesson_"))


@cache
def exercises(lesson: str) -> dict[str, Exercise]:
    """The exercises of one lesson by id, in order: what its modules `exNN_operation` hold. Empty where it has none."""
    if lesson not in lessons():
        return {}
    package = importlib.import_module(f"{__name__}.lesson_{lesson}")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name.startswith("ex"))
    found = [importlib.import_module(f"{package.__name__}.{name}").exercise for name in names]
    return {exercise.id: exercise for exercise in found}


def exercise(id: str) -> Exercise:
    """One exercise. Raises KeyError, naming those that exist, for an unknown id."""
    found = exercises(id.split(".")[0])
    if id not in found:
        known = ", ".join(found) or ", ".join(i for lesson in lessons() for i in exercises(lesson))
        raise KeyError(f"there is no exercise {id!r}; there are {known}")
    return found[id]


def seed() -> int:
    """The seed that public checks draw their cases from: MMCOURSE_SEED, or 0."""
    return int(os.environ.get("MMCOURSE_SEED") or 0)


def check(id: str, answer: Any) -> None:
    """Checks an answer and shows a card: what is right, what differs, where, by how much.

    Raises `CheckFailed` (shown as one line) unless it earns full points, so that Run All and nbval stop there.
    """
    from IPython.display import display

    verdict = examine(exercise(id), answer, seed())
    if verdict.status is not Status.NOT_ATTEMPTED:
        with store.changing() as kept:
            kept["tries"][id] = kept["tries"].get(id, 0) + 1
            if verdict.status is Status.PASSED:
                kept["passed"][id] = True
    if verdict.printed:
        print(verdict.printed.rstrip("\n"))
    display(bundle(verdict, __version__), raw=True)
    if verdict.status is not Status.PASSED:
        raise CheckFailed(f"{id}: {score(verdict)} (the card above says why)")


def hint(id: str) -> None:
    """Shows the next of an exercise's three hints, with those before it."""
    found = exercise(id)
    with store.changing() as kept:
        taken = min(kept["hints"].get(id, 0) + 1, len(found.hints))
        kept["hints"][id] = taken
    for number, text in enumerate(found.hints[:taken], 1):
        print(f"Hint {number} of {len(found.hints)}: {text}")
    if taken == len(found.hints):
        print(f'That was the last. solution("{id}") shows the solution.')


def solution(id: str) -> None:
    """Shows an exercise's solution, and why, once it was tried or its hints are used up.

    After a pass also what people get wrong there.
    """
    from IPython.display import Markdown, display

    found = exercise(id)
    kept = store.read()
    if not kept["tries"].get(id) and kept["hints"].get(id, 0) < len(found.hints):
        print(f'First a try: answer {id} and run its check once, or take all hints: hint("{id}").')
        return
    from .solution_text import as_markdown, mistakes_as_markdown

    display(Markdown(as_markdown(found)))
    if kept["passed"].get(id):
        display(Markdown(mistakes_as_markdown(found)))
