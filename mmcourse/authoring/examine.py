"""What is asked of a source before it is built: that it and the bank agree, and that nothing gives an answer away."""

from collections.abc import Mapping

from mmcourse.authoring.answers import bound_names, has_markers, parse, stub
from mmcourse.authoring.entry import Entry
from mmcourse.authoring.errors import refuse
from mmcourse.authoring.source import Cell, Source


def examine_lesson(source: Source) -> None:
    """Raise SourceError where a lesson has code that is not Python, or holds what belongs in a problem set."""
    for cell in source.cells:
        if cell.role != "plain" or (cell.kind == "code" and has_markers(cell.text)):
            raise refuse(source.name, cell.line, "exercises and solutions belong in source/exercises, not in a lesson.")
        if cell.kind == "code":
            parse(cell.text, cell.line, source.name)


def examine_problem_set(source: Source, exercises: Mapping[str, Entry]) -> None:
    """Raise SourceError where a problem set and the bank's exercises for it do not fit together."""
    _refuse_shared_names(source, exercises)
    stated: dict[str, Cell] = {}
    answered: dict[str, set[str]] = {}
    current = None  # the exercise whose statement was read last
    for cell in source.cells:
        line, exercise = cell.line, cell.exercise
        if exercise is not None and exercise not in exercises:
            known = ", ".join(exercises) or "none"
            raise refuse(source.name, line, f"the bank has no exercise {exercise} for this lesson (it has: {known}).")
        if exercise is not None and cell.role == "statement":
            if exercise in stated:
                where = stated[exercise].line
                raise refuse(source.name, line, f"{exercise} has a second statement (first in line {where}). Keep one.")
            _examine_statement(cell, source.name)
            stated[exercise], current = cell, exercise
        elif exercise is not None and cell.role == "answer":
            if exercise != current:
                raise refuse(source.name, line, f"this answer cell must stand below the statement of {exercise}.")
            stub(cell, source.name)
            answered.setdefault(exercise, set()).update(bound_names(parse(cell.text, line, source.name).body))
        elif cell.kind == "code":
            if has_markers(cell.text):
                raise refuse(
                    source.name, line, 'SOLUTION markers stand in answer cells alone: ```python exercise="..."'
                )
            parse(cell.text, line, source.name)
    for exercise, entry in exercises.items():
        if exercise not in stated:
            region = f'<!-- #region exercise="{exercise}" difficulty=... minutes=... objective="..." -->'
            raise refuse(source.name, None, f"{exercise} is in the bank, but has no statement here. Write a {region}.")
        if exercise not in answered:
            fence = f'```python exercise="{exercise}"'
            raise refuse(
                source.name, stated[exercise].line, f"{exercise} has no answer cell. Add a {fence} cell below."
            )
        if entry.answer not in answered[exercise]:
            message = (
                f"the bank checks {entry.answer!r} in {exercise}, but no answer cell here defines it at top level."
            )
            raise refuse(source.name, stated[exercise].line, message)


def _examine_statement(cell: Cell, name: str) -> None:
    options, number = cell.options, cell.exercise
    difficulty, minutes, objective = (options.get(key) for key in ("difficulty", "minutes", "objective"))
    if type(difficulty) is not int or not 1 <= difficulty <= 5:
        raise refuse(name, cell.line, f"{number}: difficulty is a number from 1 to 5, not {difficulty!r}.")
    if type(minutes) is not int or minutes < 1:
        raise refuse(name, cell.line, f"{number}: say how long it takes, minutes=10, not {minutes!r}.")
    if not isinstance(objective, str) or not objective.strip():
        raise refuse(name, cell.line, f'{number}: say what it is for, objective="verb ...", not {objective!r}.')


def _refuse_shared_names(source: Source, exercises: Mapping[str, Entry]) -> None:
    owners: dict[str, str] = {}
    for exercise, entry in exercises.items():
        first = owners.setdefault(entry.answer, exercise)
        if first != exercise:
            message = (
                f"{first} and {exercise} both ask for {entry.answer!r}: the later answer would hide the earlier one."
            )
            raise refuse(source.name, None, f"{message} Rename one in the bank.")
