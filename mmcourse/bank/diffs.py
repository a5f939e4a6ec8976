"""Mistakes as diffs of an exercise's solution."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mmcourse.checking.mistake import StaleMistake

from .solution_code import Solution


def patched(code: str, diff: str) -> str:
    """The code with a diff put in.

    A diff's lines begin with - (taken away), + (put in) or a blank (left as they are). Those that are there already
    must stand in the code together, and in one place only; `@@` begins another place.

    Raises ValueError, naming the lines, where they do not.
    """
    for hunk in _hunks(diff):
        old = [line[1:].rstrip() for line in hunk if line[:1] in "- "]
        new = [line[1:].rstrip() for line in hunk if line[:1] in "+ "]
        lines = [line.rstrip() for line in code.split("\n")]
        places = [i for i in range(len(lines) - len(old) + 1) if lines[i : i + len(old)] == old]
        if not old or len(places) != 1:
            raise ValueError(f"{' / '.join(line.strip() for line in old)!r} stands {len(places)} times in it, not once")
        lines[places[0] : places[0] + len(old)] = new
        code = "\n".join(lines)
    return code


def _hunks(diff: str) -> list[list[str]]:
    hunks: list[list[str]] = [[]]
    for line in diff.strip("\n").split("\n"):
        if line.startswith("@@"):
            hunks.append([])
        elif line[:1] in ("-", "+", " ", ""):
            hunks[-1].append(line or " ")
        else:
            raise ValueError(f"a line of a diff begins with -, + or a blank: {line!r}")
    return [hunk for hunk in hunks if hunk]


@dataclass(frozen=True)
class Diff:
    """A wrong answer as diffs of the solution, put in one after the other. Made when first asked for, and kept."""

    name: str
    diffs: tuple[str, ...]
    solution: Solution

    @property
    def code(self) -> str:
        """The wrong answer's code. Raises StaleMistake where the solution is no longer what it is a diff of."""
        code = self.solution.code
        for diff in self.diffs:
            try:
                code = patched(code, diff)
            except ValueError as error:
                raise StaleMistake(
                    f"{self.solution.exercise}, '{self.name}' is no diff of its solution: {error}"
                ) from error
        return code

    @property
    def fits(self) -> bool:
        """Whether the solution still is what it is a diff of."""
        try:
            return bool(self.code)
        except StaleMistake:
            return False

    def running(self) -> Any:
        return self._answer

    @cached_property
    def _answer(self) -> Any:
        return self.solution.run(self.code, self.name)


@dataclass(frozen=True)
class Starter:
    """What the learner starts from in a find-the-fault exercise."""

    solution: Solution

    def running(self) -> Any:
        return self._answer

    @cached_property
    def _answer(self) -> Any:
        return self.solution.run(self.solution.starter, "what the learner starts from")
