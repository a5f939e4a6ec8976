"""`mmcourse build --from NOTEBOOK`: bring edits made in a built notebook back to the source it was built from."""

import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from mmcourse.authoring.course import Course, read_course
from mmcourse.authoring.disk import Bank, default_bank, write_atomically
from mmcourse.authoring.editions import edition, editions, is_stamped, to_options
from mmcourse.authoring.entry import Entry
from mmcourse.authoring.errors import SourceError, refuse
from mmcourse.authoring.ids import cell_ids
from mmcourse.authoring.source import STEM, Cell, Source, parse_source, read_source, trimmed, write_text
from mmcourse.authoring.stamps import FOLDERS, statement_head


def bring_home(notebook: Path, root: Path, *, bank: Bank | None = None) -> Path:
    """Write the source of an edited built notebook anew; return the source's path.

    A lesson and a solution notebook are the whole source, their stamped cells aside. Of a problem set, prose and plain
    code come home; answers and what only the solution shows are kept as the source has them. Front matter is kept.
    Edits of stamped cells have no place in the source: a warning names them.

    Raises:
        SourceError: the notebook was not built here, an edit cannot be brought home, or the source that it would give
            does not build. Nothing is written then.
    """
    notebook, root = Path(notebook), Path(root)
    name = notebook.name
    try:
        node = nbformat.read(notebook, as_version=4)
    except Exception as error:  # nbformat raises several kinds
        raise refuse(name, None, f"this is not a notebook that can be read ({error}).") from None
    about = node.metadata.get("mmcourse", {})
    kind, path = about.get("edition"), str(about.get("source"))
    if kind not in FOLDERS or not re.fullmatch(rf"source/(lessons|exercises)/{STEM}\.md", path):
        raise refuse(name, None, "`mmcourse build` did not write this notebook. Write its text into a source instead.")
    if not (root / path).exists():
        raise refuse(name, None, f"{path}, from which it was built, is not there. Bring it back first (git restore).")
    source, course = read_source(root / path), read_course(root)
    exercises = {} if source.kind == "lessons" else (bank or default_bank)(source.number)
    cells = [cell for cell in node.cells if cell.source.strip()]
    if kind == "problem set":
        cells = _with_answers(cells, source, course, exercises, name)
    else:
        cells = [_author_cell(cell, exercises, name) for cell in cells if not is_stamped(cell)]
    text = write_text(source.front_text, cells)
    written = parse_source(text, root / path)
    if len(written.cells) != len(cells) or not all(map(Cell.same_as, written.cells, cells)):
        raise refuse(
            name, None, "a cell would not survive as Markdown (does one begin with %%? is a fence left open?)."
        )
    try:
        editions(written, course, exercises)
    except SourceError as problem:
        raise refuse(name, None, f"nothing was written, for its source would be refused:\n{problem}") from None
    _warn_of_lost_edits(node, edition(written, kind, course, exercises), name)
    write_atomically(root / path, text)
    return root / path


def _author_cell(cell: NotebookNode, exercises: Mapping[str, Entry], name: str) -> Cell:
    """A notebook's cell as its author would have written it."""
    where = f"{name}, cell {cell.get('id', '?')}"
    if cell.cell_type not in ("markdown", "code"):
        raise refuse(where, None, f"a {cell.cell_type} cell has no place in a source. Make it Markdown.")
    if cell.get("attachments"):
        raise refuse(where, None, "a pasted picture cannot be kept. Save it as a file, or draw it in a code cell.")
    made = Cell(cell.cell_type, trimmed(cell.source), to_options(cell.metadata))
    if made.exercise is None or made.role != "statement":
        return made
    if made.exercise not in exercises:
        raise refuse(where, None, f"the bank has no exercise {made.exercise}.")
    try:
        head = statement_head(made, exercises[made.exercise])
    except KeyError as missing:
        raise refuse(where, None, f"its metadata lack {missing}. Bring them back (git), or edit the source.") from None
    if not made.text.startswith(head):
        message = "these lines are stamped above the statement (title and points are the bank's). Put them back as\n"
        raise refuse(where, None, message + head)
    return Cell(made.kind, made.text[len(head) :].strip("\n"), made.options)


def _with_answers(
    cells: Iterable[NotebookNode], source: Source, course: Course, exercises: Mapping[str, Entry], name: str
) -> list[Cell]:
    """A problem set's cells, with the source's answers in the place of their stubs and its solution-only cells."""
    editions(source, course, exercises)  # refuses a source that does not build
    stubs = {cell.id: cell.source for cell in edition(source, "problem set", course, exercises).cells}
    kept = {cell_id: cell for cell_id, cell in zip(cell_ids(source.cells), source.cells, strict=True)}
    answers = {cell_id for cell_id, cell in kept.items() if cell.role == "answer"}
    mine = [(_key(cell), cell) for cell in cells if not is_stamped(cell)]
    keys = [key for key, _ in mine]
    followers = _followers(kept, keys)
    home = followers.get(None, [])
    for key, cell in mine:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            if key not in answers or cell.source.rstrip() != stubs[key] or keys.count(key) > 1:
                raise refuse(name, None, f"{key} was edited. Edit answers in solutions/{source.stem}.ipynb instead.")
            home.append(kept[key])
        else:
            home.append(_author_cell(cell, exercises, name))
        home += followers.get(key, [])
    if missing := sorted(answers.difference(keys)):
        raise refuse(
            name, None, f"{', '.join(missing)} is gone. Delete answers in solutions/{source.stem}.ipynb instead."
        )
    return home


def _key(cell: NotebookNode) -> str:
    """What names a built cell, even where an editor gave it another id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def _followers(kept: Mapping[str, Cell], keys: Iterable[str]) -> dict[str | None, list[Cell]]:
    """The solution-only cells of a source, by the cell still there that they stood behind (None: the top)."""
    there, before = set(keys), None
    found: dict[str | None, list[Cell]] = {}
    for cell_id, cell in kept.items():
        if cell.role == "solution":
            found.setdefault(before, []).append(cell)
        elif cell_id in there:
            before = cell_id
    return found


def _warn_of_lost_edits(node: NotebookNode, built: NotebookNode, name: str) -> None:
    stamped = {cell.source.strip() for cell in built.cells if is_stamped(cell)}
    lost = [cell.get("id", "?") for cell in node.cells if is_stamped(cell) and cell.source.strip() not in stamped]
    if lost:
        message = f"{name}: {', '.join(lost)} is stamped by the builder; what was changed there is left behind."
        warnings.warn(message, stacklevel=3)
