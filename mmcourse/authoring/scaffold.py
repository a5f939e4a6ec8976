"""`mmcourse new`: what a lesson or an exercise begins as. It builds, fails honestly, and says what to fill in."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from mmcourse.authoring.disk import write_atomically
from mmcourse.authoring.source import STEM, number_of
from mmcourse.fetch import CourseError

KINDS = ("function", "module", "value", "trained")
_TEMPLATES = Path(__file__).parent / "templates"


def new_lesson(root: Path, stem: str) -> Iterator[str]:
    """Lays out a lesson, `11_captioning`, or a page that has no number; yields what was made and is to be filled in.

    Raises CourseError for a name that is none, or one whose number is taken.
    """
    if not re.fullmatch(STEM, stem):
        raise CourseError(
            f"A lesson is called like 11_captioning, a page like appendix, in small letters; not {stem!r}."
        )
    number = number_of(stem)
    taken = [path.name for path in (root / "source/lessons").glob("*.md") if path.stem == stem or _is(path, number)]
    if taken:
        raise CourseError(f"There is {taken[0]} already. The next free number is {_free(root)}.")
    words = {"number": number, "title": stem.removeprefix(f"{number}_").replace("_", " ").capitalize()}
    if not number:
        yield _make(root, f"source/lessons/{stem}.md", "page.md", words, "the page")
        return
    yield _make(root, f"source/lessons/{stem}.md", "lesson.md", words, "the lesson")
    yield _make(root, f"source/exercises/{stem}.md", "problem_set.md", words, "its problem set")
    yield _make(root, f"mmcourse/bank/lesson_{number}/__init__.py", "bank_init.py.txt", words, "its exercises' checks")
    yield _make(root, f"tests/alternatives/lesson_{number}.py", "alternatives.py.txt", words, "right answers, two each")
    yield _make(root, f"tests/claims/lesson_{number}.py", "claims.py.txt", words, "what the lesson claims, asserted")
    yield "mmcourse/glossary.csv: each term that it defines, with its Chinese"
    yield "source/references.bib: each paper that it cites"
    yield f"Next: `mmcourse new exercise {number}.1 NAME`, `make build`, `mmcourse verify {number}`."


def new_exercise(root: Path, id: str, name: str, kind: str = "function") -> Iterator[str]:
    """Lays out an exercise, `11.1`, of an operation; yields what was made and is to be filled in.

    name   the operation, which names its files and, unless changed, the answer: masked_mean
    kind   one of KINDS

    Raises CourseError for an id, a name or a kind that is none, a lesson that is not there, or a number that is not
    its next.
    """
    if kind not in KINDS:
        raise CourseError(f"There is no kind {kind!r}; there are {', '.join(KINDS)}.")
    match = re.fullmatch(r"(\d\d)\.(\d+)", id)
    if not match or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise CourseError(f"Say it like: mmcourse new exercise 11.1 masked_mean; not {id} {name}.")
    lesson = match[1]
    sets = [path for path in (root / "source/exercises").glob("*.md") if _is(path, lesson)]
    bank, others = root / "mmcourse/bank" / f"lesson_{lesson}", root / "tests/alternatives" / f"lesson_{lesson}.py"
    if not sets or not bank.is_dir() or not others.exists():
        raise CourseError(
            f"There is no lesson {lesson} with a problem set. `mmcourse new lesson {lesson}_TOPIC` makes one."
        )
    following = 1 + max((int(path.name[2:4]) for path in bank.glob("ex[0-9][0-9]_*.py")), default=0)
    if int(match[2]) != following:
        raise CourseError(
            f"The next exercise of lesson {lesson} is {lesson}.{following}: numbers are never skipped or reused."
        )
    answer = "".join(map(str.capitalize, name.split("_"))) if kind == "module" else name
    words = {"id": id, "name": answer, "title": name.replace("_", " ").capitalize()}
    words["answer"] = _filled(f"answer_{kind}.py.txt", words).rstrip()
    _append(sets[0], _filled("statement.md", words))
    yield f"{sets[0].relative_to(root)}: the statement, the stub and the solution, at its end"
    module = f"mmcourse/bank/lesson_{lesson}/ex{following:02}_{name}"
    yield _make(root, f"{module}.py", f"bank_{kind}.py.txt", words, "the reference, and the cases with their points")
    yield _make(root, f"{module}.md", "exercise.md", words, "the title, three hints, and the mistakes, three at least")
    _answers(others, id)
    yield f"{others.relative_to(root)}: two right answers, written differently"
    yield "a room of the library (mmcourse/...): the reference, written by hand, unless it is there already"
    yield f"Next: `make build`, `mmcourse verify {id}`, which says what is still to do."


def _is(path: Path, number: str) -> bool:
    return bool(number) and number_of(path.stem) == number


def _free(root: Path) -> str:
    taken = {number_of(path.stem) for path in (root / "source/lessons").glob("*.md")}
    return next(number for number in (f"{n:02}" for n in range(100)) if number not in taken)


def _filled(template: str, words: dict[str, str]) -> str:
    return Template((_TEMPLATES / template).read_text("utf8")).substitute(words)


def _make(root: Path, name: str, template: str, words: dict[str, str], what: str) -> str:
    if (root / name).exists():
        raise CourseError(f"{name} is there already; nothing was written over.")
    write_atomically(root / name, _filled(template, words))
    return f"{name}: {what}"


def _append(path: Path, text: str) -> None:
    write_atomically(path, path.read_text("utf8").rstrip("\n") + "\n" + text)


def _answers(path: Path, id: str) -> None:
    """A line for the exercise at the end of the file's ANSWERS. Raises CourseError where it has no such end."""
    text = path.read_text("utf8").rstrip("\n")
    if not text.endswith("}"):
        raise CourseError(f"{path.name} does not end with its ANSWERS = {{...}}: put {id!r} there by hand.")
    write_atomically(path, f'{text[:-1]}    "{id}": [],  # TODO: two right answers, written differently\n}}\n')
