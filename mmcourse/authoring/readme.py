"""The README's table of lessons: titles and summaries from the sources, exercises and points from the bank."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from mmcourse.authoring.course import Course, source_paths
from mmcourse.authoring.entry import Entry
from mmcourse.authoring.source import number_of, read_source

FILE = "README.md"
BEGIN, END = "<!-- lessons: built, do not edit -->", "<!-- end of lessons -->"


def with_lessons(root: Path, course: Course, exercises: Mapping[str, Iterable[Entry]]) -> str | None:
    """The README with its table as it is to be; None where there is no README with a place for it.

    exercises   the bank's, by the number of their lesson
    """
    path = root / FILE
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if BEGIN not in text or END not in text:
        return None
    before, rest = text.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{_table(root, course, exercises)}\n{END}{rest.split(END, 1)[1]}"


def _table(root: Path, course: Course, exercises: Mapping[str, Iterable[Entry]]) -> str:
    minutes = {(path.parent.name, path.stem): read_source(path).minutes for path in source_paths(root)}
    lines = ["| | lesson | problem set |", "|---|---|---|"]
    many, points = 0, 0.0
    for stem, front in course.lessons.items():
        entries = list(exercises.get(number_of(stem), ())) if stem in course.sets else []
        many, points = many + len(entries), points + sum(entry.max_points for entry in entries)
        problem_set = (
            f"{len(entries)} exercises, {sum(entry.max_points for entry in entries):g} points" if entries else ""
        )
        lines.append(f"| {number_of(stem)} | {front.title} {front.title_zh}: {front.summary} | {problem_set} |")
    hours = {kind: sum(m for (of, _), m in minutes.items() if of == kind) / 60 for kind in ("lessons", "exercises")}
    lines += [
        "",
        f"{len(course.lessons)} lessons; {many} exercises with {points:g} points. By their authors' estimate "
        f"{hours['lessons']:.0f} hours to read and run, and {hours['exercises']:.0f} to solve.",
    ]
    return "\n".join(lines)
