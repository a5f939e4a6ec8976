"""From an exercise's text to what the engine knows of it."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmcourse.checking.case import HeldOut
from mmcourse.checking.exercise import About
from mmcourse.checking.mistake import Mistake
from mmcourse.checking.seen import SeenModel

from .diffs import Diff, Starter
from .solution_code import Solution
from .text import Entry, Text, read

_FILE = re.compile(r"ex(\d\d)_\w+")
_NAMES_A_SECTION = re.compile(r"\(lesson \d\d")


def about(module: str, answer: str, find: bool = False) -> About:
    """What the text beside a bank module says: `about(__name__, answer="mix")`.

    answer   the name that the learner's answer has
    find     find the fault: the learner starts from what the solution's STARTER holds

    Raises TextError, or FileNotFoundError where there is no text.
    """
    path = Path(str(sys.modules[module].__file__))
    lesson, number = path.parent.name.removeprefix("lesson_"), _FILE.fullmatch(path.stem)
    if number is None:
        raise ValueError(f"{path.name}: a bank module is called exNN_operation.py")
    id = f"{lesson}.{int(number[1])}"
    text, solution = read(path.with_suffix(".md")), Solution(id, answer)
    return About(
        id=id,
        title=text.title,
        answer=answer,
        hints=text.hints,
        mistakes=tuple(_mistake(entry, text, lesson, module, solution) for entry in text.mistakes),
        given=Starter(solution) if find else None,
    )


@dataclass(frozen=True)
class Named:
    """Something in the bank module that the text names: a wrong function or class, or how a mistake shows."""

    module: str
    name: str
    why: str

    def _there(self) -> Any:
        return getattr(sys.modules[self.module], self.name)

    def running(self) -> Any:
        return self._there()

    def matches(self, seen: SeenModel, held_out: HeldOut) -> bool:
        return self._there().matches(seen, held_out)

    def model(self) -> Any:
        return self._there().model()


def _mistake(entry: Entry, text: Text, lesson: str, module: str, solution: Solution) -> Mistake[Any]:
    diffs = (Diff(entry.name, chain, solution) for chain in entry.diffs)
    named = (Named(module, name, why) for name, why in entry.named)
    return Mistake(entry.name, _hint(entry, text, lesson), (*diffs, *named, *entry.wrong))


def _hint(entry: Entry, text: Text, lesson: str) -> str:
    """The words, and which section treats it, unless they say that themselves."""
    if _NAMES_A_SECTION.search(entry.words):
        return entry.words
    section = entry.section or text.section
    other = re.fullmatch(r"(\d\d), (.+)", section)
    where = f"lesson {lesson} stands on lesson {other[1]}, '{other[2]}'" if other else f"lesson {lesson}, '{section}'"
    return f"{entry.words} ({where})"
