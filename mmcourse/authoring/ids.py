"""Cell ids: from the nearest heading above and a count within it, so that an edit moves no id of another section."""

import hashlib
import re
from collections.abc import Sequence

from mmcourse.authoring.source import Cell, prose

_LONGEST = 44  # of a slug; a count and a few "-again" fit behind it within nbformat's 64


def slug(heading: str) -> str:
    """A heading as part of an id: "Shapes and axes" -> "shapes-and-axes"; one without a letter of ours is hashed."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].rstrip("-")
    return text or "section-" + hashlib.sha256(heading.strip().encode()).hexdigest()[:8]


def headings(text: str) -> list[str]:
    """The texts of a Markdown cell's headings, code aside."""
    found = re.findall(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", prose(text), re.MULTILINE)
    return [heading for heading in found if heading]


def check_id(exercise: str) -> str:
    """The id of an exercise's check cell: "00.1" -> "check-00-1"."""
    return "check-" + exercise.replace(".", "-")


def cell_ids(cells: Sequence[Cell]) -> list[str]:
    """One id a cell: `statement-00-1`, `answer-00-1`, `answer-00-1-2`, else its section's slug and a count."""
    section, ids = "start", []
    counts: dict[str, int] = {}
    sections: set[str] = set()
    seen = {"header", "setup", "navigation"} | {check_id(cell.exercise) for cell in cells if cell.exercise}

    def enter(name: str) -> str:
        while name in sections:
            name += "-again"
        sections.add(name)
        return name

    def count(name: str) -> int:
        counts[name] = counts.get(name, 0) + 1
        return counts[name]

    for cell in cells:
        number = (cell.exercise or "").replace(".", "-")
        if cell.role == "statement":
            section = enter(f"exercise-{number}")
            wanted = f"statement-{number}"
        elif cell.role == "answer":
            nth = count(f"answer-{number}")
            wanted = f"answer-{number}" + (f"-{nth}" if nth > 1 else "")
        else:
            titles = [enter(slug(title)) for title in headings(cell.text)] if cell.kind == "markdown" else []
            wanted = f"{(titles or [section])[0]}-{count((titles or [section])[0])}"
            section = (titles or [section])[-1]
        while wanted in seen:
            wanted = "x" + wanted
        seen.add(wanted)
        ids.append(wanted)
    return ids
