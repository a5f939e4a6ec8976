"""What `mmcourse verify` says of a lesson: part by part, in sentences."""

import contextlib
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import torch

from mmcourse import bank
from mmcourse.authoring.disk import stale as unbuilt
from mmcourse.authoring.disk import styled
from mmcourse.authoring.references import uncited
from mmcourse.authoring.results import stale, with_experiment
from mmcourse.authoring.source import number_of
from mmcourse.checking.exercise import Exercise
from mmcourse.fetch import CourseError

from .bank import of_answers, of_words
from .notebooks import of_lesson, of_problem_set, of_solutions


@dataclass(frozen=True)
class Part:
    """One part of the report: what was looked at, what is wrong with it (nothing, if all is well), and for how long."""

    what: str
    problems: list[str]
    seconds: float

    def __str__(self) -> str:
        verdict = "all is well" if not self.problems else "to mend"
        lines = [f"{self.what}: {verdict} ({self.seconds:.0f} s)", *(f"  - {line}" for line in self.problems)]
        return "\n".join(lines)


def report(root: Path, asked: str) -> Iterator[Part]:
    """All that concerns a lesson (06), or of that one exercise alone (06.3), as it is known.

    Lesson and solutions, which take longest, run beside the rest. Where notebooks are not what their sources build,
    that alone is said.

    Raises CourseError where there is no such lesson or exercise.
    """
    lesson, _, one = asked.partition(".")
    sources = {path.stem for kind in ("lessons", "exercises") for path in (root / "source" / kind).glob("*.md")}
    stems = sorted(stem for stem in sources if lesson in (stem, number_of(stem) or stem))
    if not stems:
        raise CourseError(f"There is no lesson {lesson!r}; there are {', '.join(sorted(sources))}.")
    (stem,) = stems
    number = number_of(stem)
    exercises = bank.exercises(number)
    if one and asked not in exercises:
        raise CourseError(f"There is no exercise {asked!r}; there are {', '.join(exercises)}.")
    yield (built := _part("the notebooks are what the sources build", lambda: unbuilt(root, only=stem)))
    if built.problems:
        yield Part("all else", ["it is looked at once the notebooks are built: make build"], 0)
        return
    if one:
        yield _of_exercise(exercises[asked])
        return
    pages = _pages(root, stem)
    torch.set_num_threads(1)  # three processes run side by side
    with ThreadPoolExecutor(2) as beside:  # nbval runs in processes of its own: a thread is enough to wait for them
        later: list[Future[Part]] = []
        if "lessons" in pages:
            later.append(beside.submit(_part, "the lesson and its claims", lambda: of_lesson(root, stem)))
        if "exercises" in pages:
            later.append(beside.submit(_part, "the solutions", lambda: of_solutions(root, stem)))
        yield _part("style and lint", lambda: [*styled(root, only=stem), *_lint(root, number)])
        yield _part("the papers that are cited", lambda: list(uncited(root, _texts(root, stem))))
        if number in with_experiment():
            yield _part("results over seeds", lambda: [line for line in [stale(number)] if line])
        if "exercises" in pages:
            yield _part("the empty problem set", lambda: _quietly(lambda: of_problem_set(root, stem)))
        yield from map(_of_exercise, exercises.values())
        for part in later:
            yield part.result()


def _pages(root: Path, stem: str) -> dict[str, Path]:
    """The sources of a lesson and of its problem set, those that are there."""
    pages = {kind: root / "source" / kind / f"{stem}.md" for kind in ("lessons", "exercises")}
    return {kind: page for kind, page in pages.items() if page.exists()}


def _texts(root: Path, stem: str) -> list[Path]:
    """What a learner reads of a lesson."""
    bank_texts = (root / "mmcourse/bank" / f"lesson_{number_of(stem)}").glob("*.md")
    return [*_pages(root, stem).values(), *sorted(bank_texts)]


def _part(what: str, look: Callable[[], list[str]]) -> Part:
    """A part's outcome; what it raises is a problem like any other, in one line."""
    begun = time.monotonic()
    try:
        problems = look()
    except Exception as error:
        problems = [f"this could not be looked at: {type(error).__name__}: {error}"]
    return Part(what, problems, time.monotonic() - begun)


def _quietly(look: Callable[[], list[str]]) -> list[str]:
    """Without the progress bars and warnings of what is run here. Not beside other threads: there is one stdout."""
    with contextlib.redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return look()


def _of_exercise(exercise: Exercise) -> Part:
    what = f"{exercise.id} {exercise.title}"
    return _part(what, lambda: _quietly(lambda: of_words(exercise) + of_answers(exercise)))


def _lint(root: Path, number: str) -> list[str]:
    """ruff's words on the lesson's own files."""
    files = [f"mmcourse/bank/lesson_{number}", f"tests/alternatives/lesson_{number}.py"]
    there = [name for name in files if (root / name).exists()]
    if not there:
        return []
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--quiet", *there]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return [line for line in run.stdout.splitlines() if line.strip()] + run.stderr.splitlines()
