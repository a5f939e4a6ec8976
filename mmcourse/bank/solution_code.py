"""An exercise's solution as code: the ground that its mistakes are diffs of, and where they run."""

import ast
import json
import re
import symtable
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache, cached_property
from io import StringIO
from typing import Any, NamedTuple

from mmcourse.checking.mistake import StaleMistake
from mmcourse.fetch import CourseError, edition

_REGION = re.compile(r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION(?:\n|\Z)", re.M | re.S)
_STARTER = re.compile(r"^[ \t]*### BEGIN STARTER\n(.*?)^[ \t]*### END STARTER(?:\n|\Z)", re.M | re.S)


class Cell(NamedTuple):
    """A code cell of the solutions: its source, and the exercise that it answers, '' for a plain one."""

    source: str
    answers: str


@cache
def cells(lesson: str) -> tuple[Cell, ...]:
    """The code cells of a lesson's solutions, those that the builder stamps aside. Raises CourseError."""
    notebook = json.loads(edition("solutions", lesson).read_text("utf8"))
    found = []
    for cell in notebook["cells"]:
        about = cell["metadata"].get("mmcourse", {})
        checks = cell["metadata"].get("nbgrader", {}).get("grade")
        if cell["cell_type"] == "code" and not about.get("stamped") and not checks:
            found.append(Cell("".join(cell["source"]), about.get("exercise", "")))
    return tuple(found)


class Solution:
    """The answer cells of one exercise, and the cells of the set that stand before them.

    They are read from the course as it is installed, never from a learner's folder, and not before they are asked for.
    """

    def __init__(self, exercise: str, answer: str):
        self.exercise, self.answer = exercise, answer

    @cached_property
    def _cells(self) -> tuple[list[str], list[str]]:
        """Plain cells before it, and its answer cells. Raises StaleMistake where there are none."""
        before: list[str] = []
        answers: list[str] = []
        try:
            for cell in cells(self.exercise.split(".")[0]):
                if cell.answers == self.exercise:
                    answers.append(cell.source)
                elif not cell.answers and not answers:
                    before.append(cell.source)
        except (CourseError, OSError, ValueError) as error:
            raise StaleMistake(f"the solutions of {self.exercise} can't be read: {error}") from error
        if not answers:
            raise StaleMistake(f"the solutions have nothing on {self.exercise}")
        return before, answers

    @property
    def code(self) -> str:
        """The answer, without markers and without what the learner starts from."""
        return "\n\n".join(answer_only(cell) for cell in self._cells[1])

    @property
    def starter(self) -> str:
        """What the learner starts from, in a find-the-fault exercise. Raises StaleMistake where there is none."""
        if not any(_STARTER.search(cell) for cell in self._cells[1]):
            raise StaleMistake(f"the solution of {self.exercise} has no STARTER")
        return "\n\n".join(started(cell).rstrip() for cell in self._cells[1])

    def run(self, code: str, what: str) -> Any:
        """The answer that a code defines, behind as much of the set as it needs. Raises StaleMistake where it fails."""
        names = self._namespace(code)
        try:
            with redirect_stdout(StringIO()):
                exec(compile(code, f"<{self.exercise}: {what}>", "exec"), names)
            return names[self.answer]
        except Exception as error:
            raise StaleMistake(f"{self.exercise}, '{what}' does not run: {type(error).__name__}: {error}") from error

    def _namespace(self, code: str) -> dict[str, Any]:
        """What the statements above define that `code` needs, directly or by a detour; nothing else is run."""
        statements = [node for cell in self._cells[0] for node in ast.parse(cell).body]
        wanted, taken = _free(code), set[int]()
        while True:
            more = [i for i, node in enumerate(statements) if i not in taken and _bound(node) & wanted]
            if not more:
                break
            taken |= set(more)
            wanted |= {name for i in more for name in _free(ast.unparse(statements[i]))}
        names: dict[str, Any] = {"__name__": f"exercise_{self.exercise}"}
        tree = ast.Module([statements[i] for i in sorted(taken)], [])
        with redirect_stdout(StringIO()):
            exec(compile(tree, f"<{self.exercise}: the set above it>", "exec"), names)
        return names


def answer_only(cell: str) -> str:
    """An answer cell without its markers and without what the learner starts from."""
    return _REGION.sub(r"\1", _STARTER.sub("", cell)).rstrip()


def started(cell: str) -> str:
    """An answer cell with the starter in the place of its solution. `# x` becomes `x`, a lone `#` an empty line."""

    def uncommented(found: re.Match[str]) -> str:
        return "".join(re.sub(r"^(\s*)# ?", r"\1", line) for line in found[1].splitlines(keepends=True))

    return _STARTER.sub(uncommented, _REGION.sub("", cell))


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


@cache
def _free(code: str) -> set[str]:
    """The names that a code takes from its surroundings."""
    top = symtable.symtable(code, "code", "exec")
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used = {
        symbol.get_name()
        for table in _tables(top)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    return used - own


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement at top level defines."""
    symbols = symtable.symtable(ast.unparse(node), "statement", "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
