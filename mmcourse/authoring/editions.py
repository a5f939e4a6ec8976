"""From a source to its notebooks: a lesson to one, a problem set to two (answers left out; answered)."""

from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mmcourse import __version__
from mmcourse.authoring import stamps
from mmcourse.authoring.answers import stub
from mmcourse.authoring.course import Course
from mmcourse.authoring.entry import Entry
from mmcourse.authoring.examine import examine_lesson, examine_problem_set
from mmcourse.authoring.glossary import examine_terms
from mmcourse.authoring.ids import cell_ids, check_id
from mmcourse.authoring.source import Source, in_order

OWN = ("exercise", "difficulty", "minutes", "objective")  # options that stand under metadata.mmcourse


def editions(source: Source, course: Course, exercises: Mapping[str, Entry]) -> dict[str, NotebookNode]:
    """Build every edition of a source: "notebooks/NN_topic.ipynb" and so on -> notebook.

    Args:
        exercises: the bank's exercises for a problem set by id; empty for a lesson.

    Raises:
        SourceError: the source, the bank and the glossary do not agree, or a stub would not be Python.
    """
    if source.kind == "lessons":
        examine_lesson(source)
    else:
        examine_problem_set(source, exercises)
    examine_terms(source, course.terms)
    names = ["lesson"] if source.kind == "lessons" else ["problem set", "solution"]
    return {f"{stamps.FOLDERS[name]}/{source.stem}.ipynb": edition(source, name, course, exercises) for name in names}


def edition(source: Source, name: str, course: Course, exercises: Mapping[str, Entry]) -> NotebookNode:
    """Build one edition ("lesson", "problem set" or "solution") of an examined source.

    Ids are counted over all cells of the source, so that a cell has one id in every edition. nbgrader's checksum is
    not written: `nbgrader generate_assignment` adds it.
    """
    last_answer = {cell.exercise: cell for cell in source.cells if cell.role == "answer"}
    cells = [
        _stamped(new_markdown_cell(stamps.header(source, name, course, exercises)), "header"),
        _stamped(new_code_cell(stamps.setup(name, course)), "setup"),
    ]
    for cell, cell_id in zip(source.cells, cell_ids(source.cells), strict=True):
        if cell.role == "solution" and name == "problem set":
            continue
        text, entry = cell.text, exercises.get(cell.exercise or "")
        if cell.role == "statement" and entry:
            text = f"{stamps.statement_head(cell, entry)}\n\n{text}"
        elif cell.role == "answer" and name == "problem set":
            text = stub(cell, source.name)
        make = new_code_cell if cell.kind == "code" else new_markdown_cell
        metadata = to_metadata(cell.options)
        if cell.role == "answer":
            metadata["nbgrader"] = _nbgrader(cell_id, grade=False)
        cells.append(make(text, id=cell_id, metadata=metadata))
        if entry and cell is last_answer.get(cell.exercise):
            cells.append(_check_cell(entry))
    cells.append(_stamped(new_markdown_cell(stamps.navigation(source, name, course)), "navigation"))
    about = {"edition": name, "source": source.name, "built_by": "mmcourse build", "version": __version__}
    notebook = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "mmcourse": about,
        },
    )
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return notebook


def to_json(notebook: NotebookNode) -> str:
    """The notebook's file, as nbformat writes it, with a final newline."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def to_metadata(options: dict) -> dict:
    """A cell's options as notebook metadata: the course's own under `mmcourse`, tags where Jupyter has them."""
    own = {key: value for key, value in options.items() if key in OWN}
    return ({"mmcourse": own} if own else {}) | {key: value for key, value in options.items() if key not in OWN}


def to_options(metadata: Mapping[str, Any]) -> dict:
    """The way back from `to_metadata`; what editors and nbgrader add is left behind."""
    shared = {key: value for key, value in metadata.items() if key not in OWN}
    if "jupyter" in shared:  # JupyterLab notes here, too, which outputs are folded
        shared["jupyter"] = {key: value for key, value in shared["jupyter"].items() if key != "outputs_hidden"}
    return in_order({key: value for key, value in (shared | dict(metadata.get("mmcourse", {}))).items() if value != {}})


def is_stamped(cell: NotebookNode) -> bool:
    """Whether the builder wrote the cell by itself: header, set-up, navigation, or an exercise's check."""
    metadata = cell.metadata
    return "stamped" in metadata.get("mmcourse", {}) or bool(metadata.get("nbgrader", {}).get("grade"))


def _stamped(cell: NotebookNode, what: str) -> NotebookNode:
    cell.id = what
    cell.metadata["mmcourse"] = {"stamped": what}
    return cell


def _check_cell(entry: Entry) -> NotebookNode:
    cell_id = check_id(entry.id)
    metadata = {
        "mmcourse": {"exercise": entry.id},
        "nbgrader": _nbgrader(cell_id, grade=True) | {"points": entry.max_points},
        "editable": False,
        "deletable": False,
    }
    return new_code_cell(stamps.check_call(entry), id=cell_id, metadata=metadata)


def _nbgrader(grade_id: str, grade: bool) -> dict:
    """nbgrader's metadata, schema 3, of a check (graded, locked) or of an answer (a solution)."""
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "locked": grade,
        "solution": not grade,
        "task": False,
        "cell_type": "code",
    }
