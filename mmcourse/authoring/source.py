"""Sources: read one Markdown file into cells, each with its line, and write cells back as Markdown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat import NotebookNode, ValidationError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mmcourse.authoring.errors import refuse
from mmcourse.authoring.front import Front, read_front, split_front

OPTIONS = ("exercise", "difficulty", "minutes", "objective", "tags", "jupyter")  # in the order they are written
STEM = r"(?:\d\d_)?[a-z][a-z0-9_]*"  # a page without a number belongs to no lesson: an appendix
_REGION = re.compile(r"<!--\s*#(end)?(region|markdown|md|raw)\b")


@dataclass(frozen=True)
class Cell:
    """One cell as its author wrote it: `options` are those of its fence or region, `line` is its first line's."""

    kind: str  # "markdown" | "code"
    text: str
    options: dict
    line: int = 0

    @property
    def exercise(self) -> str | None:
        return self.options.get("exercise")

    @property
    def role(self) -> str:
        """ "statement", "answer", "solution" (left out of the problem set) or "plain"."""
        if "solution" in self.options.get("tags", []):
            return "solution"
        if self.exercise is None:
            return "plain"
        return "answer" if self.kind == "code" else "statement"

    def same_as(self, other: "Cell") -> bool:
        """Whether both say the same, wherever they stand."""
        return (self.kind, self.text, self.options) == (other.kind, other.text, other.options)


@dataclass(frozen=True)
class Source:
    """A lesson, a problem set or a page: `source/lessons/NN_topic.md`, `exercises/NN_topic.md`, `lessons/topic.md`."""

    name: str  # "source/lessons/NN_topic.md", for metadata and errors
    kind: str  # "lessons" | "exercises"
    stem: str  # "NN_topic"
    front_text: str
    front: Front
    cells: tuple[Cell, ...]

    @property
    def number(self) -> str:
        return number_of(self.stem)

    @property
    def minutes(self) -> int:
        """What it takes: a lesson says so, a problem set's exercises do."""
        stated = (cell.options.get("minutes", 0) for cell in self.cells if cell.role == "statement")
        return self.front.minutes or sum(minutes for minutes in stated if isinstance(minutes, int))


def number_of(stem: str) -> str:
    """'06' of '06_concatenation_fusion'; '' of a page without a number."""
    found = re.match(r"\d\d(?=_)", stem)
    return found[0] if found else ""


def read_source(path: Path) -> Source:
    """Read a source file. Raises SourceError where the text is not what the builder can turn into a notebook."""
    return parse_source(path.read_text(encoding="utf-8"), path)


def parse_source(text: str, path: Path) -> Source:
    """As `read_source`, of a text that is (or is going to be) at `path`."""
    name, kind = "/".join(path.parts[-3:]), path.parent.name
    if kind not in ("lessons", "exercises") or not re.fullmatch(STEM, path.stem):
        raise refuse(
            name,
            None,
            "a source is called source/lessons/NN_topic.md or source/exercises/NN_topic.md; a page, lessons/topic.md.",
        )
    if kind == "exercises" and not number_of(path.stem):
        raise refuse(name, None, "a problem set has a number, which is that of its exercises: NN_topic.md.")
    front_text, body = split_front(text, name)
    front = read_front(front_text, kind, name)
    return Source(name, kind, path.stem, front_text, front, tuple(_cells(body, front_text.count("\n"), name)))


def write_text(front_text: str, cells: Iterable[Cell]) -> str:
    """The normal form of a source: its front matter as it was, then its cells in jupytext's Markdown."""
    made = {"markdown": new_markdown_cell, "code": new_code_cell}
    nodes = [made[cell.kind](cell.text, metadata=in_order(cell.options)) for cell in cells]
    filters = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "all"}
    body = jupytext.writes(new_notebook(cells=nodes, metadata={"jupytext": filters}), fmt="md")
    return f"{front_text.rstrip()}\n\n{body.strip()}\n"


def in_order(options: dict) -> dict:
    """The options that the course knows, in the order in which they are written; others are left behind."""
    return {key: options[key] for key in OPTIONS if key in options}


def trimmed(text: str) -> str:
    """A cell's text without the empty lines around it, which Markdown does not keep."""
    return text.strip("\n").rstrip()


def prose(text: str) -> str:
    """A Markdown text with its fenced code made blank, line for line."""
    lines: list[str] = []
    fence: str | None = None
    for line in text.split("\n"):
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if fence is None and mark:
            fence = mark[1]
            lines.append("")
        elif fence is not None:
            closes = mark and mark[1].startswith(fence) and line.strip() == mark[1]
            fence = None if closes else fence
            lines.append("")
        else:
            lines.append(line)
    return "\n".join(lines)


def _cells(body: str, offset: int, name: str) -> Iterable[Cell]:
    """Read jupytext's Markdown, find each cell's place in it, and refuse what is not prose or ```python."""
    lines, at = body.split("\n"), 0  # `at`: where the search for the next cell begins
    for node in _jupytext_cells(body, lines, offset, name):
        text = node.source
        if not text.strip():
            continue
        code = node.cell_type == "code"
        start = _find(lines, text.split("\n"), at, code)
        if start is None:  # jupytext put a %%language line on top of it
            start = _find(lines, text.split("\n")[1:], at, code)
            found = lines[start - 1].strip() if start else text.split("\n")[0]
            line = offset + start if start else None
            raise refuse(name, line, f"a {found} fence would become a cell. Write ```python for code, ```text to show.")
        first, end = offset + start + 1, start + text.count("\n") + 1
        above = next((line for line in reversed(lines[:start]) if line.strip()), "")
        below = next((line for line in lines[end:] if line.strip()), "")
        if code and not below.startswith("```"):
            raise refuse(name, first - 1, "this ```python fence is never closed. Add a line with ``` after the code.")
        if code and not re.match(r"```+\s*python(\s|$)", above):
            raise refuse(name, first - 1, f"a {above} fence would become a cell. Write ```python for code.")
        opened = not code and _REGION.match(above) and "#end" not in above
        if opened and not re.match(r"<!--\s*#end", below):
            raise refuse(name, first - 1, "this region is never closed. Add <!-- #endregion --> after its text.")
        if not code:
            _refuse_stray_region(text, first, name)
        _refuse_options(node, first - 1, name)
        blank = len(text) - len(text.lstrip("\n"))
        yield Cell(node.cell_type, trimmed(text), in_order(node.metadata), first + blank)
        at = end


def _jupytext_cells(body: str, lines: list[str], offset: int, name: str) -> list[NotebookNode]:
    try:
        return jupytext.reads(body, fmt="md").cells
    except ValidationError as error:  # options that no notebook may have: in practice tags that are no list
        line = next((number for number, line in enumerate(lines, offset + 1) if re.search(r"tags=(?!\[)", line)), None)
        raise refuse(name, line, f'{error.message}. Tags must be a list of texts: tags=["solution"].') from None


def _find(lines: list[str], wanted: list[str], at: int, code: bool) -> int | None:
    """Where `wanted` stands in `lines`, from `at` on; code only right below a fence."""
    for start in range(at, len(lines) - len(wanted) + 1):
        if lines[start : start + len(wanted)] == wanted:
            above = next((line for line in reversed(lines[:start]) if line.strip()), "")
            if not code or above.startswith("```"):
                return start
    return None


def _refuse_stray_region(text: str, first: int, name: str) -> None:
    for number, line in enumerate(prose(text).split("\n"), first):
        if _REGION.match(line):
            raise refuse(
                name, number, f"{line.strip()} has no partner. Regions stand one after the other, never nested."
            )


def _refuse_options(node, line: int, name: str) -> None:
    """Refuse what jupytext could not read, and words that the course does not know (mistyped ones above all)."""
    options = {key: value for key, value in node.metadata.items() if not key.startswith("lines_to_")}
    if node.cell_type == "raw":
        raise refuse(name, line, "a raw cell shows nothing. Use <!-- #region --> for Markdown.")
    if unknown := [key for key in options if key not in OPTIONS]:
        raise refuse(name, line, f'{", ".join(unknown)} is not one of: {", ".join(OPTIONS)}. Write key="value".')
    if not isinstance(options.get("exercise", ""), str):
        raise refuse(name, line, f'exercise={options["exercise"]} needs quotes: exercise="00.1".')
