"""`mmcourse build` and `mmcourse build --check`: write the editions of a checkout, or say where they are stale."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from mmcourse.authoring.course import read_course, source_paths
from mmcourse.authoring.editions import editions, to_json
from mmcourse.authoring.entry import Entry
from mmcourse.authoring.errors import SourceError, refuse
from mmcourse.authoring.readme import FILE, with_lessons
from mmcourse.authoring.source import number_of, read_source
from mmcourse.authoring.stamps import FOLDERS
from mmcourse.authoring.style import style

Bank = Callable[[str], Mapping[str, Entry]]  # "00" -> {"00.1": Exercise, ...}


def build(root: Path, only: str | None = None, *, bank: Bank | None = None) -> list[Path]:
    """Write the notebooks that differ from what their sources build; return the paths written.

    Args:
        root: the checkout.
        only: build one lesson and its problem set alone: "00" or "00_start_here".
        bank: gives a lesson's exercises by id; `mmcourse.bank.exercises` unless told otherwise.

    Raises:
        SourceError: a source cannot be built. Every such source is named, one line each, and nothing is written.
    """
    root = Path(root)
    built, problems = _build_all(root, only, bank)
    if problems:
        raise SourceError("\n".join(problems))
    texts = {name: to_json(notebook) for name, notebook in built.items()}
    if readme := _readme(root, bank):
        texts[FILE] = readme
    written = []
    for name, text in texts.items():
        path = root / name
        if not path.exists() or path.read_bytes() != text.encode():
            write_atomically(path, text)
            written.append(path)
    return written


def check(root: Path, only: str | None = None, *, bank: Bank | None = None) -> list[str]:
    """Say what the builder has against a checkout: notebooks that are not what their sources build, and style.

    only   look at one lesson and its problem set alone
    """
    return [*stale(root, only, bank=bank), *styled(root, only)]


def styled(root: Path, only: str | None = None) -> list[str]:
    """Say, one line each, what a source's style has against it (`style.py`); a source that cannot be read has none."""
    found: list[str] = []
    for path in _asked_for(Path(root), only):
        try:
            found += style(read_source(path))
        except SourceError:  # `stale` says so
            continue
    return found


def stale(root: Path, only: str | None = None, *, bank: Bank | None = None) -> list[str]:
    """Say, one line a notebook, how those in git differ from what the sources build. An empty list: they do not."""
    root = Path(root)
    try:
        built, problems = _build_all(root, only, bank)
        readme = _readme(root, bank)
    except SourceError as problem:
        return str(problem).split("\n")
    for name, notebook in built.items():
        if not (root / name).exists():
            problems.append(f"{name}: missing. Run: mmcourse build")
        elif (root / name).read_bytes() != to_json(notebook).encode():
            differences = _differences(notebook, (root / name).read_text(encoding="utf-8"))
            keep = f"to keep edits made in the notebook, first: mmcourse build --from {name}"
            problems.append(f"{name}: stale: {'; '.join(differences)}. Run: mmcourse build ({keep})")
    if readme is not None and readme != (root / FILE).read_text(encoding="utf-8"):
        problems.append(f"{FILE}: its table of lessons is stale. Run: mmcourse build")
    stems = {kind: {path.stem for path in source_paths(root) if path.parent.name == kind} for kind in _SOURCES.values()}
    for folder, kind in _SOURCES.items():
        for path in sorted((root / folder).glob("*.ipynb")):
            if path.stem not in stems[kind] and only is None:
                source = f"source/{kind}/{path.stem}.md"
                problems.append(
                    f"{folder}/{path.name}: orphaned: {source} is not there. Write it, or delete the notebook."
                )
    return problems


def default_bank(lesson: str) -> Mapping[str, Entry]:
    """The course's own bank, loaded when first needed."""
    from mmcourse.bank import exercises

    return exercises(lesson)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", text=False)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.chmod(temporary, path.stat().st_mode if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


_SOURCES = {folder: "lessons" if edition == "lesson" else "exercises" for edition, folder in FOLDERS.items()}


def _build_all(root: Path, only: str | None, bank: Bank | None) -> tuple[dict[str, NotebookNode], list[str]]:
    """Every notebook that can be built, by name, and what is wrong with the sources of the others."""
    paths = _asked_for(root, only)
    if only is not None and not paths:
        raise refuse("source", None, f"no lesson and no problem set is called {only!r}. Say 00, or 00_start_here.")
    course = read_course(root)
    built: dict[str, NotebookNode] = {}
    problems: list[str] = []
    for path in paths:
        try:
            source = read_source(path)
            exercises = {} if source.kind == "lessons" else (bank or default_bank)(source.number)
            built.update(editions(source, course, exercises))
        except SourceError as problem:
            problems.append(str(problem))
    return built, problems


def _asked_for(root: Path, only: str | None) -> list[Path]:
    """The sources of one lesson, or all."""
    return [path for path in source_paths(root) if only is None or only in (path.stem, number_of(path.stem))]


def _readme(root: Path, bank: Bank | None) -> str | None:
    """The README with its table of lessons; None where there is no place for it."""
    course = read_course(root)
    entries = {number_of(stem): (bank or default_bank)(number_of(stem)).values() for stem in course.sets}
    return with_lessons(root, course, entries)


def _differences(built: NotebookNode, text: str) -> list[str]:
    """In which ways a notebook's file is not what was built."""
    try:
        found = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
        theirs = {cell.get("id", f"(cell {number})"): cell for number, cell in enumerate(found["cells"], 1)}
    except Exception as error:  # nbformat raises several kinds; whatever it is, this is no notebook
        return [f"this is not a notebook that can be read ({type(error).__name__})"]
    ours = {cell.id: cell for cell in built.cells}
    run = [name for name, cell in theirs.items() if cell.get("outputs") or cell.get("execution_count")]
    both = [name for name in ours if name in theirs]
    sources = [name for name in both if theirs[name].get("source") != ours[name].source]
    others = [
        name
        for name in both
        if (theirs[name].get("metadata"), theirs[name].get("cell_type")) != (ours[name].metadata, ours[name].cell_type)
    ]
    differences = [
        f"{what} {', '.join(names)}"
        for what, names in {
            "it was run, outputs are stored in": run,
            "it lacks": [name for name in ours if name not in theirs],
            "it has in addition": [name for name in theirs if name not in ours],
            "another text in": sources,
            "other metadata in": others,
        }.items()
        if names
    ]
    if both != [name for name in theirs if name in ours]:
        differences.append("its cells stand in another order")
    if found.get("metadata") != built.metadata or found.get("nbformat_minor") != built.nbformat_minor:
        differences.append("other notebook metadata")
    return differences or ["the same cells, but its JSON is not written as nbformat writes it"]
