"""The judge: compares what a probe saw of an answer with what the same probe sees of the reference.

It never calls, compares or prints an object of the learner's: only what the probe saw.
"""

from collections.abc import Callable, Sequence
from typing import Any

from .bench import CodeBench
from .compare import compare, wrong_gradients
from .draw import Draw
from .exercise import Code, Exercise, Trained, Value
from .gates import gates_of
from .mistake import Mistake
from .probe import plain, probe_model, probe_value
from .seen import Seen, SeenCall, SeenModule, SeenValue, Stub, TimedOut
from .trained import judge_model
from .verdict import Result, Status, Verdict


def examine(exercise: Exercise, answer: Any, seed: int, bench: CodeBench | None = None) -> Verdict:
    """Both halves in one process, as in a notebook: probe the answer on each case, then judge.

    bench   where the exercise's known answers were observed already, with this seed
    """
    if isinstance(exercise, Value):
        return _examine_value(exercise, answer, seed)
    if isinstance(exercise, Trained):
        return _examine_model(exercise, answer, seed)
    if isinstance(exercise, Code):
        bench = bench or CodeBench(exercise, seed)
        return judge_code(bench, bench.observe(answer))
    raise TypeError(f"nobody judges exercises of the kind {type(exercise).__name__}")


def _examine_value(exercise: Value, answer: Any, seed: int) -> Verdict:
    yours = [probe_value(answer, entry, exercise.seconds) for entry in exercise.cases]
    verdict = _verdict(exercise, yours, seed)
    if _are_stubs(yours) or all(seen.value is None and not seen.trouble for seen in yours):
        return _not_attempted(exercise, verdict)
    verdict.checks = [_judge_value(exercise, name, seen) for name, seen in zip(exercise.reference, yours, strict=True)]
    got = {name: seen.value for name, seen in zip(exercise.reference, yours, strict=True)}
    return _concluded(verdict, lambda: recognise_value(exercise, got))


def recognise_value(exercise: Value, got: dict[str, Any]) -> Mistake[Any] | None:
    """The mistake whose wrong entries all stand in an answer (in plain form)."""
    for mistake in exercise.mistakes:
        if any(all(got.get(name) == plain(value) for name, value in wrong.items()) for wrong in mistake.forms):
            return mistake
    return None


def _examine_model(exercise: Trained, answer: Any, seed: int) -> Verdict:
    held_out = exercise.held_out(Draw(seed))
    seen = probe_model(answer, held_out, exercise.seconds)
    verdict = _verdict(exercise, [seen], seed)
    if _are_stubs([seen]):
        return _not_attempted(exercise, verdict)
    verdict.checks, readable = judge_model(exercise, held_out, seen, _said(seen))

    def found() -> Mistake[Any] | None:
        signs = ((mistake, sign) for mistake in exercise.mistakes for sign in mistake.forms)
        hit = (mistake for mistake, sign in signs if not seen.trouble and sign.matches(seen, held_out))
        return next(hit, None) if readable else None

    verdict = _concluded(verdict, found)
    if verdict.status is Status.PASSED and (mistake := found()):  # the score was reached all the same
        verdict.feedback = f"All points, and one thing to look at: this is also what one sees when {mistake.name}. "
        verdict.feedback += mistake.hint
    return verdict


def judge_code(bench: CodeBench, yours: Sequence[SeenCall]) -> Verdict:
    """The verdict on what was seen of a function or a module on the bench, case by case."""
    exercise = bench.exercise
    verdict = _verdict(exercise, yours, bench.seed)
    if _are_stubs(yours) or bench.is_given(yours):
        return _not_attempted(exercise, verdict)
    lines = [_judge_call(bench, i, mine) for i, mine in enumerate(yours)]
    verdict.checks = [*gates_of(yours, bench.expected), *lines]
    return _concluded(verdict, lambda: bench.recognise(yours))


def _verdict(exercise: Exercise, yours: Sequence[Seen], seed: int) -> Verdict:
    """An empty one."""
    return Verdict(
        exercise.id, exercise.title, 0, exercise.max_points, Status.NOT_ATTEMPTED, seed=seed, printed=yours[0].printed
    )


def _are_stubs(yours: Sequence[Seen]) -> bool:
    return all(isinstance(seen.trouble, Stub) for seen in yours)


def _not_attempted(exercise: Exercise, verdict: Verdict) -> Verdict:
    verdict.checks = [Result(name, 0, points, False) for name, points in exercise.lines]
    start = "Not attempted: nothing here yet."
    if isinstance(exercise, Code) and exercise.given is not None:
        start = (
            "Not attempted, or not mended yet: wherever the check looks, it does exactly what the given code does. "
            "If you changed something, that was not where the fault lies."
        )
    verdict.feedback = f'{start} Stuck? Run `hint("{exercise.id}")` in a new cell.'
    return verdict


def _concluded(verdict: Verdict, recognise: Callable[[], Mistake[Any] | None]) -> Verdict:
    """With points, status and feedback, from its checks."""
    shut = [check for check in verdict.checks if check.gate and not check.passed]
    verdict.points = 0 if shut else sum(check.points for check in verdict.checks)
    if verdict.points == verdict.max_points:
        verdict.status = Status.PASSED
        return verdict
    verdict.status = Status.PARTIAL if verdict.points else Status.FAILED
    found = recognise()
    verdict.mistake = found.name if found else None
    verdict.feedback = _feedback(verdict, shut, found)
    return verdict


def _judge_value(exercise: Value, name: str, seen: SeenValue) -> Result:
    got, expected = seen.value, plain(exercise.reference[name])
    if got is None:
        return Result(name, 0, 1, False, _said(seen) or "no answer yet")
    if isinstance(got, str) and not isinstance(expected, str):
        return Result(name, 0, 1, False, "write it without quotation marks")
    right = got == expected and isinstance(got, bool) == isinstance(expected, bool)
    return Result(name, int(right), 1, right, "" if right else f"not {got!r}")


def _judge_call(bench: CodeBench, i: int, yours: SeenCall) -> Result:
    case, expected = bench.cases[i], bench.expected[i]
    says = (
        _said(yours)
        or compare(yours.leaves, expected.leaves, yours.shape_of, expected.shape_of)
        or _twin(bench, i, yours)
        or ("" if yours.changed else wrong_gradients(yours.gradients, expected.gradients))
        or _memory(case.memory, yours)
    )
    if isinstance(yours, SeenModule) and yours.unlike and not yours.trouble:
        says = "not run: the weights of the reference can't be copied in"
    return Result(case.name, 0 if says else case.points, case.points, not says, says)


def _said(seen: Seen) -> str:
    if isinstance(seen.trouble, TimedOut):
        return f"does not finish: {seen.trouble.message}. Is there a loop that never ends?"
    return f"raises {seen.trouble}" if seen.trouble else ""


def _twin(bench: CodeBench, i: int, yours: SeenCall) -> str:
    case, expected = bench.cases[i], bench.expected[i]
    if case.twin is None or yours.twin is None or expected.twin is None:
        return ""
    says = compare(yours.twin, expected.twin)
    return f"changes when {case.twin_says}: {says}" if says else ""


def _memory(limit: int | None, seen: SeenCall) -> str:
    if limit is None or seen.peak is None or seen.peak <= limit:
        return ""
    return f"gives the right values, but holds {_bytes(seen.peak)} at once where {_bytes(limit)} must do"


def _bytes(n: int) -> str:
    return f"{n / 2**20:.1f} MB" if n >= 2**20 else f"{n / 2**10:.0f} kB"


def _feedback(verdict: Verdict, shut: list[Result], found: Mistake[Any] | None) -> str:
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
