"""The judge: compares what a probe saw of an answer with what the same probe sees of the reference.

It never calls, compares or prints an object of the learner's: only what the probe saw.
"""

from typing import Any

from .compare import compare, wrong_gradients
from .exercise import Case, Draw, Exercise, Mistake
from .gates import gates_of
from .leaves import PlainLeaf, same_leaves
from .probe import Seen, plain, probe
from .trained import UNREADABLE, judge_trained
from .verdict import Result, Verdict


def examine(exercise: Exercise, answer: Any, seed: int) -> Verdict:
    """Both halves in one process, as in a notebook: probe the answer on each case, then judge."""
    cases = exercise.cases(Draw(seed))
    return judge(exercise, cases, observe(exercise, answer, cases), seed)


def observe(exercise: Exercise, answer: Any, cases: list[Case]) -> list[Seen]:
    """What the probe sees of `answer` on each case. After a case that ran out of time the rest are not tried."""
    seen: list[Seen] = []
    for i, case in enumerate(cases):
        if seen and seen[-1].trouble and seen[-1].trouble.kind == "TookTooLong":
            seen.append(seen[-1])
        else:
            seen.append(probe(exercise.kind, answer, case, exercise.seconds, device=i == 0))
    return seen


def judge(exercise: Exercise, cases: list[Case], yours: list[Seen], seed: int = 0) -> Verdict:
    """The verdict on what was seen (`yours`, one for each case)."""
    verdict = Verdict(
        exercise.id, exercise.title, 0, exercise.max_points, "not attempted", seed=seed, printed=yours[0].printed
    )
    if _untouched(exercise, cases, yours):
        verdict.checks = [Result(name, 0, points, False) for name, points in _lines(exercise, cases)]
        start = "Not attempted: nothing here yet."
        if exercise.find:
            start = (
                "Not attempted, or not mended yet: wherever the check looks, it does exactly what the given code does. "
                "If you changed something, that was not where the fault lies."
            )
        verdict.feedback = f'{start} Stuck? Run `hint("{exercise.id}")` in a new cell.'
        return verdict

    if exercise.kind == "value":
        verdict.checks = [_judge_value(exercise, case, seen) for case, seen in zip(cases, yours, strict=True)]
    elif exercise.kind == "trained":
        verdict.checks = judge_trained(exercise, cases[0], yours[0], _said(yours[0]))
    else:
        expected = observe(exercise, exercise.reference, cases)
        verdict.checks = [*gates_of(yours, expected), *map(_judge_case, cases, yours, expected)]

    shut = [check for check in verdict.checks if check.gate and not check.passed]
    verdict.points = 0 if shut else sum(check.points for check in verdict.checks)
    if verdict.points == verdict.max_points:
        verdict.status = "passed"
        found = recognise(exercise, cases, yours) if exercise.kind == "trained" else None
        if found:  # the score was reached all the same
            verdict.feedback = f"All points, and one thing to look at: this is also what one sees when {found.name}. "
            verdict.feedback += found.hint
    else:
        verdict.status = "partial" if verdict.points else "failed"
        broken = exercise.kind == "trained" and any(check.name in UNREADABLE for check in shut)
        found = None if broken else recognise(exercise, cases, yours)
        verdict.mistake = found.name if found else None
        verdict.feedback = _feedback(verdict, shut, found)
    return verdict


def recognise(exercise: Exercise, cases: list[Case], yours: list[Seen]) -> Mistake | None:
    """The mistake that gives exactly what was seen, if the bank has it; never a guess."""
    for mistake in exercise.mistakes:
        if mistake.matches is not None:
            hit = any(mistake.matches(seen, case) for seen, case in zip(yours, cases, strict=True) if not seen.trouble)
        elif exercise.kind == "value":
            got = {case.name: _value(seen) for case, seen in zip(cases, yours, strict=True)}
            hit = any(all(got.get(n) == plain(value) for n, value in wrong.items()) for wrong in mistake.answers)
        else:
            hit = any(_acts_as(exercise, answer, cases, yours) for answer in mistake.answers)
        if hit:
            return mistake
    return None


def _acts_as(exercise: Exercise, answer: Any, cases: list[Case], yours: list[Seen]) -> bool:
    """Whether `answer` gives what was seen, case by case: most mistakes are ruled out by the first."""
    return all(
        _same(seen, probe(exercise.kind, answer, case, exercise.seconds, device=i == 0), case)
        for i, (seen, case) in enumerate(zip(yours, cases, strict=True))
    )


def same_seen(a: list[Seen], b: list[Seen], cases: list[Case]) -> bool:
    """Whether two answers can't be told apart by anything that the probes saw."""
    return all(map(_same, a, b, cases))


def _same(a: Seen, b: Seen, case: Case) -> bool:
    if a.trouble or b.trouble:
        return bool(a.trouble and b.trouble) and (a.trouble.kind, a.trouble.message) == (
            b.trouble.kind,
            b.trouble.message,
        )
    over = [seen.peak is not None and seen.peak > (case.memory or 0) for seen in (a, b)]
    return (
        same_leaves(a.leaves, b.leaves)
        and a.shape_of == b.shape_of
        and same_leaves(a.twin or {}, b.twin or {})
        and not wrong_gradients(a.gradients, b.gradients)
        and (a.changed, a.repeats, a.parameters) == (b.changed, b.repeats, b.parameters)
        and a.device.startswith("mixed") == b.device.startswith("mixed")
        and over[0] == over[1]
    )


def _untouched(exercise: Exercise, cases: list[Case], yours: list[Seen]) -> bool:
    if all(seen.trouble and (seen.trouble.kind, seen.trouble.message) == ("NotImplementedError", "") for seen in yours):
        return True
    if exercise.kind == "value":
        return all(_value(seen) is None and not seen.trouble for seen in yours)
    return exercise.find and _acts_as(exercise, exercise.given, cases, yours)


def _lines(exercise: Exercise, cases: list[Case]) -> list[tuple[str, int]]:
    if exercise.kind == "trained":
        return [(bar.name, bar.points) for bar in exercise.bars]
    return [(case.name, case.points) for case in cases]


def _value(seen: Seen) -> Any:
    leaf = seen.leaves.get("")
    return leaf.value if isinstance(leaf, PlainLeaf) else None


def _judge_value(exercise: Exercise, case: Case, seen: Seen) -> Result:
    got, expected = _value(seen), plain(exercise.reference[case.name])
    if got is None:
        return Result(case.name, 0, case.points, False, _said(seen) or "no answer yet")
    if isinstance(got, str) and not isinstance(expected, str):
        return Result(case.name, 0, case.points, False, "write it without quotation marks")
    right = got == expected and isinstance(got, bool) == isinstance(expected, bool)
    return Result(case.name, case.points * right, case.points, right, "" if right else f"not {got!r}")


def _judge_case(case: Case, yours: Seen, expected: Seen) -> Result:
    says = (
        _said(yours)
        or compare(yours.leaves, expected.leaves, yours.shape_of, expected.shape_of)
        or _twin(case, yours, expected)
        or ("" if yours.changed else wrong_gradients(yours.gradients, expected.gradients))
        or _memory(case, yours)
    )
    if yours.unlike and not yours.trouble:
        says = "not run: the weights of the reference can't be copied in"
    return Result(case.name, 0 if says else case.points, case.points, not says, says)


def _said(seen: Seen) -> str:
    if not seen.trouble:
        return ""
    if seen.trouble.kind == "TookTooLong":
        return f"does not finish: {seen.trouble.message}. Is there a loop that never ends?"
    return f"raises {seen.trouble}"


def _twin(case: Case, yours: Seen, expected: Seen) -> str:
    if case.twin is None or yours.twin is None:
        return ""
    if compare(yours.twin, expected.twin):
        return f"changes when {case.twin_says}: {compare(yours.twin, expected.twin)}"
    return ""


def _memory(case: Case, seen: Seen) -> str:
    if case.memory is None or seen.peak is None or seen.peak <= case.memory:
        return ""
    return f"gives the right values, but holds {_bytes(seen.peak)} at once where {_bytes(case.memory)} must do"


def _bytes(n: int) -> str:
    return f"{n / 2**20:.1f} MB" if n >= 2**20 else f"{n / 2**10:.0f} kB"


def _feedback(verdict: Verdict, shut: list[Result], found: Mistake | None) -> str:
    """The words below the checks' lines: what holds everything up, and the mistake if it is known."""
    said = []
    if shut:
        said.append(f"No points count until this holds: {shut[0].name}.")
    elif not found:
        wrong = next(check for check in verdict.checks if not check.passed)
        said.append(f"Look at '{wrong.name}' first; `hint(\"{verdict.id}\")` helps on.")
    if found:
        said.append(f"This is what one gets when {found.name}. {found.hint}")
    return " ".join(said)
