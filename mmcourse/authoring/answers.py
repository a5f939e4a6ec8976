"""Answers and stubs: what stands between the markers of an answer cell, and what the learner gets instead.

`### BEGIN SOLUTION` ... `### END SOLUTION` (nbgrader's markers) become `raise NotImplementedError` in a function and
`NAME = None` outside of one. A `### BEGIN STARTER` ... `### END STARTER` region below, its code commented out, is what
the problem set shows in the solution's place (for find-the-fault exercises).
"""

import ast
import re
from collections.abc import Iterable, Iterator

from mmcourse.authoring.errors import refuse
from mmcourse.authoring.source import Cell

_MARKER = re.compile(r"(\s*)### (BEGIN|END) (SOLUTION|STARTER)\s*")
_LIKE_A_MARKER = re.compile(r"\s*(#+\s*(BEGIN|END)\W+(SOL|START)\w*\W*$|###.*\b(SOLUTION|STARTER)\b)", re.IGNORECASE)
_SCOPES = {ast.FunctionDef: "function", ast.AsyncFunctionDef: "function", ast.ClassDef: "class"}


def has_markers(text: str) -> bool:
    """Whether any line is a marker, or is so like one that its author meant one."""
    return any(_LIKE_A_MARKER.match(line) for line in text.split("\n"))


def parse(text: str, line: int, name: str, what: str = "this cell") -> ast.Module:
    """The tree of a cell's code; `line` is its first line in the source.

    Raises:
        SourceError: it is not plain Python. Magics are for the stamped set-up cell alone.
    """
    try:
        return ast.parse(text)
    except SyntaxError as error:
        where = (error.text or "").strip()
        raise refuse(
            name,
            line + (error.lineno or 1) - 1,
            f"{what} is not Python ({error.msg}, at {where!r}). Mend the code; leave magics (%, !) to the set-up cell.",
        ) from None


def bound_names(nodes: Iterable[ast.AST]) -> list[str]:
    """The names that these statements bind in their own scope, in order, each once (imports and `_` aside)."""
    names: dict[str, None] = {}

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.setdefault(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id != "_":
            names.setdefault(node.id)
        elif isinstance(node, ast.AugAssign):
            visit(node.value)
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            for child in ast.iter_child_nodes(node):
                visit(child)

    for node in nodes:
        visit(node)
    return list(names)


def stub(cell: Cell, name: str) -> str:
    """The text of an answer cell in the problem set.

    Raises:
        SourceError: a marker is missing, misspelt or out of place, a region holds no whole statement, a starter's line
            is not commented out, or what is left is not Python.
    """
    lines = cell.text.split("\n")
    tree = parse(cell.text, cell.line, name)
    regions = list(_regions(lines, cell.line, name))
    if not any(kind == "SOLUTION" for kind, _, _ in regions):
        raise refuse(name, cell.line, "an answer cell needs ### BEGIN SOLUTION and ### END SOLUTION around its answer.")
    kept, done = [], 0
    for (kind, first, last), (following, start, end) in zip(regions, [*regions[1:], ("", 0, 0)], strict=True):
        kept += lines[done:first]
        done = last + 1
        if kind == "SOLUTION" and following == "STARTER":
            kept += _uncommented(lines[start + 1 : end], cell.line + start + 1, name)
        elif kind == "SOLUTION":
            kept += _placeholder(tree, lines[first], first, last, cell.line, name)
    text = "\n".join([*kept, *lines[done:]]).rstrip()
    parse(text, cell.line, name, f"what remains without the solution is no stub:\n{text}\nIt")
    return text


def _regions(lines: list[str], top: int, name: str) -> Iterator[tuple[str, int, int]]:
    """(SOLUTION or STARTER, index of its BEGIN, index of its END), in order."""
    opened: tuple[str, int] | None = None
    previous = None
    for index, line in enumerate(lines):
        marker = _MARKER.fullmatch(line)
        if not marker and not _LIKE_A_MARKER.match(line):
            continue
        if not marker:
            raise refuse(name, top + index, f"{line.strip()!r} is no marker. Write it exactly as: ### BEGIN SOLUTION.")
        _, edge, kind = marker.groups()
        if edge == "BEGIN" and opened:
            raise refuse(
                name, top + opened[1], f"### BEGIN {opened[0]} has no ### END {opened[0]} before the next BEGIN."
            )
        if edge == "BEGIN":
            if kind == "STARTER" and previous != "SOLUTION":
                raise refuse(name, top + index, "a STARTER stands right below the SOLUTION that it takes the place of.")
            opened = (kind, index)
        elif opened is None or opened[0] != kind:
            raise refuse(name, top + index, f"### END {kind} has no ### BEGIN {kind} before it.")
        else:
            yield kind, opened[1], index
            previous, opened = kind, None
    if opened:
        raise refuse(
            name, top + opened[1], f"### BEGIN {opened[0]} has no ### END {opened[0]}. Add it below the answer."
        )


def _uncommented(lines: list[str], top: int, name: str) -> list[str]:
    """A starter's lines as code. `# x` becomes `x`, a lone `#` an empty line."""
    code = []
    for number, line in enumerate(lines, top):
        comment = re.fullmatch(r"(\s*)#( ?)(.*)", line)
        if line.strip() and not comment:
            raise refuse(
                name, number, "a STARTER is written as comments, so that it does not run here: put '# ' first."
            )
        code.append((comment[1] + comment[3]).rstrip() if comment else "")
    return code


def _placeholder(tree: ast.Module, begin: str, first: int, last: int, top: int, name: str) -> list[str]:
    """What stands in the place of the solution between the lines `first` and `last` (from 0) of a cell."""
    found = list(_statements(tree, "module", first + 1, last + 1))
    if not found or any((node.end_lineno or node.lineno) > last for node, _ in found):
        raise refuse(name, top + first, "between the SOLUTION markers stand whole statements, at least one.")
    indent = begin[: len(begin) - len(begin.lstrip())]
    if found[0][1] == "function":
        return [f"{indent}raise NotImplementedError"]
    names = bound_names([node for node, _ in found])
    return [f"{indent}{bound} = None" for bound in names] or [f"{indent}pass"]


def _statements(node: ast.AST, scope: str, first: int, last: int) -> Iterator[tuple[ast.stmt, str]]:
    """The outermost statements that begin between two lines (from 1), each with the kind of scope it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and first < child.lineno < last:
            yield child, scope
        else:
            yield from _statements(child, _SCOPES.get(type(child), scope), first, last)
