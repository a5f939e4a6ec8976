"""What the builder stamps: the header, the set-up cell, the navigation, and the lines at the head of an exercise."""

from collections.abc import Mapping

from mmcourse.authoring.course import Course
from mmcourse.authoring.entry import Entry
from mmcourse.authoring.front import Front
from mmcourse.authoring.source import Cell, Source, number_of

PIPELINE = ("preprocess", "image encoder", "text encoder", "fusion", "task")  # a lesson's stage; or "overview", or else
FOLDERS = {"lesson": "notebooks", "problem set": "exercises", "solution": "solutions"}
_IMPORTS = {"lesson": "predict, reveal", "problem set": "check, hint, solution", "solution": "check, hint, solution"}
_SETUP = """\
# Set-up. Does nothing where the course is installed; on Colab it installs it.
import importlib.util
import os

if importlib.util.find_spec("mmcourse") is None:
    course = os.environ.get("MMCOURSE_WHEEL", "git+{repository}")
    %pip install -q "{{course}}"
    importlib.invalidate_caches()
    if importlib.util.find_spec("mmcourse") is None:
        raise ModuleNotFoundError(
            "The course could not be installed (pip says why, above). Check the internet connection, "
            "or set MMCOURSE_WHEEL to the path of a wheel of mmcourse; then run this cell again."
        )
from mmcourse import {names}"""
_HOW = (
    "Write an answer in the place of its stub, run the cell, then run the check below it. A check says how many points "
    "the answer has, which cases agree and where the others differ; try as often as you like. Each exercise stands "
    "alone: run the cells above the first one, then any. (*Run All* stops at the first check without full points.)"
)


def setup(edition: str, course: Course) -> str:
    """The code of the first cell; its text stands here alone."""
    return _SETUP.format(repository=course.repository, names=_IMPORTS[edition])


def pipeline(stage: str) -> str:
    """The course's pipeline as one line, with `stage` in bold and said to be here; what is no part of it, behind it."""
    lit = {name: f"**{name} (this lesson)**" if name == stage else name for name in PIPELINE}
    encoders = f"{lit['image encoder']} and {lit['text encoder']}"
    line = f"picture and sentence → {lit['preprocess']} → {encoders} → {lit['fusion']} → {lit['task']}"
    if stage == "overview":
        return f"This lesson goes the whole way: {line}"
    return line if stage in PIPELINE else f"{line}. Beside it: **{stage}**"


def header(source: Source, edition: str, course: Course, exercises: Mapping[str, Entry]) -> str:
    """The first cell's Markdown."""
    front, folder = source.front, FOLDERS[edition]
    before = {"lesson": "", "problem set": "Problem set ", "solution": "Solutions "}[edition]
    colab = course.repository.replace("https://github.com", "https://colab.research.google.com/github")
    parts = [
        f"# {before}{source.number}{' · ' if source.number else ''}{front.title} {front.title_zh}",
        f"[Open in Colab]({colab}/blob/main/{folder}/{source.stem}.ipynb)",  # a badge's picture would need the net
        pipeline(front.stage),
    ]
    if edition == "lesson":
        parts += ["**You will be able to**", "\n".join(f"- {sentence}" for sentence in front.objectives)]
        minutes = f"About {_count(front.minutes, 'minute')} to read and run."
        below = [_link(stem, course.lessons[stem]) for stem in front.stands_on]
        parts.append(minutes + (f" Stands on: {' · '.join(below)}." if below else ""))
    else:
        points = _count(sum(entry.max_points for entry in exercises.values()), "point")
        size = f"{_count(len(exercises), 'exercise')}, {points}, about {_count(source.minutes, 'minute')}."
        lesson = course.lessons.get(source.stem)
        parts.append(f"Lesson: {_link(source.stem, lesson, '../notebooks/')}. {size}" if lesson else size)
        parts.append(_HOW if edition == "problem set" else "Each answer stands between its SOLUTION markers.")
    return "\n\n".join(parts)


def navigation(source: Source, edition: str, course: Course) -> str:
    """The last cell's Markdown. The solutions are linked from nowhere."""
    up = "" if edition == "lesson" else "../notebooks/"
    stems = sorted({*course.lessons, source.stem})
    at = stems.index(source.stem)
    links = []
    if edition == "lesson" and at > 0:
        links.append(f"Previous lesson: {_link(stems[at - 1], course.lessons[stems[at - 1]])}")
    if edition != "lesson" and source.stem in course.lessons:
        links.append(f"Lesson: {_link(source.stem, course.lessons[source.stem], up)}")
    if at + 1 < len(stems):
        links.append(f"Next lesson: {_link(stems[at + 1], course.lessons[stems[at + 1]], up)}")
    if edition == "lesson" and source.stem in course.sets:
        links.append(f"[Problem set {source.number}](../exercises/{source.stem}.ipynb)")
    return "---\n\n" + (" · ".join(links) or "This lesson stands alone.")


def statement_head(cell: Cell, entry: Entry) -> str:
    """What stands above an exercise's statement: title and points from the bank, the rest from its region."""
    options = cell.options
    minutes, points = _count(options["minutes"], "minute"), _count(entry.max_points, "point")
    objective = options["objective"].rstrip(". ")
    return (
        f"## {entry.id} {entry.title}\n\n"
        f"*{entry.verb} · difficulty {options['difficulty']} of 5 · about {minutes} · {points}*\n\n"
        f"You will be able to {objective[:1].lower()}{objective[1:]}. "
        f'Stuck? Run `hint("{entry.id}")`.'
    )


def check_call(entry: Entry) -> str:
    """The code of an exercise's check cell."""
    return f'check("{entry.id}", {entry.answer})'


def _link(stem: str, front: Front, up: str = "") -> str:
    number = number_of(stem)
    return f"[{number}{' · ' if number else ''}{front.title}]({up}{stem}.ipynb)"


def _count(number: float, thing: str) -> str:
    return f"{number:g} {thing}" + ("" if number == 1 else "s")
