"""`mmcourse start`: the course laid out in a folder of the learner's, and kept up to date without losing work.

A manifest in that folder, `.mmcourse.json`, remembers the sha256 of every file as it was laid. A file that still
has that hash is untouched and may be replaced; any other file is the learner's and is only ever added to.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from mmcourse import __version__, fetch
from mmcourse.fetch import KINDS, CourseError

MANIFEST = ".mmcourse.json"
BACKUPS = ".mmcourse-backup"


def lay_out(folder: Path) -> Iterator[str]:
    """Lay the three editions out in a folder, or bring them up to date; yields what was done, a line a file.

    Raises CourseError where the folder is the course itself, OSError where it cannot be written.
    """
    course = fetch.course_dir()
    if folder.exists() and folder.resolve() == course.resolve():
        raise CourseError(f"{folder} is the course itself: its notebooks are there already. Name another folder.")
    editions = [path for kind in KINDS for path in sorted((course / kind).glob("*.ipynb"))]
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
    laid = _read_manifest(folder)
    try:
        for path in editions:
            yield _lay(path.read_bytes(), path.relative_to(course).as_posix(), folder, laid)
    finally:
        manifest = {"mmcourse": __version__, "files": laid}
        _write(folder / MANIFEST, (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode())
    yield f"The course is in {folder}. Open it with: mmcourse lab {folder}"


def put_back(folder: Path, exercise: str) -> str:
    """Put one exercise's cells back as they were handed out, every other cell untouched; returns what was done.

    Cells that are missing are put after the cell that precedes them in the problem set. The notebook as it was is
    kept in the folder's `.mmcourse-backup/`.

    Raises CourseError where there is no such exercise or notebook, or the notebook cannot be read.
    """
    released = fetch.edition("exercises", exercise.partition(".")[0])
    mine = folder / "exercises" / released.name
    if not mine.is_file():
        raise CourseError(f"There is no {mine}. `mmcourse start {folder}` lays the course out there.")
    if mine.samefile(released):
        raise CourseError(
            f"{mine} is the course's own copy, so there is no other to put back from. Use git for it: "
            f"`git checkout exercises/{released.name}` puts the whole problem set back as last committed. "
            "In a folder made by `mmcourse start DIR`, --reset works for single exercises."
        )
    handed_out, notebook = _read_notebook(released), _read_notebook(mine)
    if not any(_is_of(exercise, cell) for cell in handed_out["cells"]):
        known = sorted({cell["metadata"]["mmcourse"]["exercise"] for cell in handed_out["cells"] if _exercise(cell)})
        raise CourseError(f"{released.name} has no exercise {exercise}; it has {', '.join(known) or 'none'}.")
    notebook["cells"] = restored(notebook["cells"], handed_out["cells"], exercise)
    if (notebook.get("nbformat", 4), notebook.get("nbformat_minor", 0)) < (4, 5):  # cells had no ids before 4.5
        notebook["cells"] = [{key: value for key, value in cell.items() if key != "id"} for cell in notebook["cells"]]
    backup = folder / BACKUPS / f"{mine.stem}-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09d}.ipynb"
    backup.parent.mkdir(exist_ok=True)
    _write(backup, mine.read_bytes())
    _write(mine, (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode())
    return f"{exercise} is as it was handed out, in {mine}. The notebook as it was before: {backup}"


def restored(mine: list[dict], handed_out: list[dict], exercise: str) -> list[dict]:
    """A learner's cells, those of one exercise put back as handed out."""
    wanted = [cell for cell in handed_out if _is_of(exercise, cell)]
    ids = {cell.get("id") for cell in wanted} - {None}
    theirs = [_is_of(exercise, cell) or cell.get("id") in ids for cell in mine]
    home = {cell.get("id"): place for place, cell in enumerate(mine) if theirs[place] and cell.get("id") in ids}
    first = theirs.index(True) if True in theirs else _after_the_one_before(mine, handed_out, wanted[0])

    at: dict[int, list[dict]] = {}  # where each cell that is put back goes: in its old place, else after the last
    place = first
    for cell in wanted:
        place = max(place, home.get(cell.get("id"), place))
        at.setdefault(place, []).append(cell)
    cells: list[dict] = []
    for place, cell in enumerate(mine):
        cells += at.get(place, []) if theirs[place] else [*at.get(place, []), cell]
    return cells + at.get(len(mine), [])


def _after_the_one_before(mine: list[dict], handed_out: list[dict], cell: dict) -> int:
    """Where a missing cell goes: behind the nearest released cell before it that the learner still has."""
    for before in reversed(handed_out[: handed_out.index(cell)]):
        for place in reversed(range(len(mine))):
            if _same(mine[place], before):
                return place + 1
    return len(mine)


def _same(a: dict, b: dict) -> bool:
    if "id" in a and "id" in b and a["id"] == b["id"]:
        return True
    return _exercise(a) is not None and _exercise(a) == _exercise(b)


def _exercise(cell: dict) -> str | None:
    marks = cell.get("metadata", {}).get("mmcourse")
    return marks.get("exercise") if isinstance(marks, dict) else None


def _is_of(exercise: str, cell: dict) -> bool:
    return _exercise(cell) == exercise


def _lay(new: bytes, name: str, folder: Path, laid: dict[str, str]) -> str:
    """Lay one file out, and remember it in `laid`; returns what was done."""
    target, hash_of_new = folder / name, _sha256(new)
    if not target.exists():
        _write(target, new)
        laid[name] = hash_of_new
        return f"new      {name}"
    hash_of_mine = _sha256(target.read_bytes())
    if hash_of_mine == hash_of_new:
        laid[name] = hash_of_new
        return f"same     {name}"
    if laid.get(name) == hash_of_mine:
        _write(target, new)
        laid[name] = hash_of_new
        return f"updated  {name}"
    if laid.get(name) == hash_of_new:
        return f"yours    {name} (kept; nothing newer)"
    beside = _beside(name, folder, laid, hash_of_new)
    _write(folder / beside, new)
    laid[name] = laid[beside] = hash_of_new
    return f"yours    {name} (kept; the new one is {beside})"


def _beside(name: str, folder: Path, laid: dict[str, str], hash_of_new: str) -> str:
    """A name beside a kept file that is free, or holds nothing of the learner's: NAME.new.ipynb, .new2 ..."""
    count = 1
    while True:
        beside = f"{name.removesuffix('.ipynb')}.new{count if count > 1 else ''}.ipynb"
        path = folder / beside
        if not path.exists() or _sha256(path.read_bytes()) in (laid.get(beside), hash_of_new):
            return beside
        count += 1


def _read_manifest(folder: Path) -> dict[str, str]:
    """What was laid here; nothing, where the manifest is missing or broken: then every file counts as touched."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {str(name): str(value) for name, value in files.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _read_notebook(path: Path) -> dict:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(cell, dict) for cell in notebook["cells"]):
            return notebook
    raise CourseError(
        f"{path} is not a readable notebook (its JSON is broken), so it was left as it is. "
        "Rename it and run `mmcourse start` on the folder: a fresh one is laid, and nothing of yours is lost."
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever looks sees the old one or the new one, whole."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
