"""The judge: compares what a probe saw of an answer with what the same probe sees of the reference.

It never calls, compares or prints an object of the learner's: only what the probe saw.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from .exercise import Case, Draw, Exercise, Mistake
from .leaves import ATOL, Leaf, PlainLeaf, TensorLeaf, differs, same_leaves
from .probe import Seen, plain, probe


@dataclass(frozen=True)
class Result:
    """One line of a verdict. A gate has no points and must hold for any to count."""

    name: str
    points: int
    max_points: int
    passed: bool
    says: str = ""

    @property
    def gate(self) -> bool:
        return self.max_points == 0


@dataclass
class Verdict:
    """The outcome of one exercise. `status`: 'passed', 'partial', 'failed' or 'not attempted'."""

    id: str
    title: str
    points: int
    max_points: int
    status: str
    mistake: str | None = None
    feedback: str = ""
    checks: list[Result] = field(default_factory=list)
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


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
    verdict = Verdict(exercise.id, exercise.title, 0, exercise.max_points, "not attempted", seed=seed)
    if _untouched(exercise, cases, yours):
        verdict.checks = [Result(name, 0, points, False) for name, points in _lines(exercise, cases)]
        start = "it is as it was given" if exercise.find else "nothing here yet"
        verdict.feedback = f'Not attempted: {start}. Stuck? Run hint("{exercise.id}") in a new cell.'
        return verdict

    if exercise.kind == "value":
        verdict.checks = [_judge_value(exercise, case, seen) for case, seen in zip(cases, yours, strict=True)]
    elif exercise.kind == "trained":
        verdict.checks = _judge_trained(exercise, cases[0], yours[0])
    else:
        expected = observe(exercise, exercise.reference, cases)
        verdict.checks = [*_gates(yours, expected), *map(_judge_case, cases, yours, expected)]

    shut = [check for check in verdict.checks if check.gate and not check.passed]
    verdict.points = 0 if shut else sum(check.points for check in verdict.checks)
    if verdict.points == verdict.max_points:
        verdict.status = "passed"
    else:
        verdict.status = "partial" if verdict.points else "failed"
        found = recognise(exercise, cases, yours)
        verdict.mistake = found.name if found else None
        verdict.feedback = _feedback(verdict, shut, found)
    return verdict


def recognise(exercise: Exercise, cases: list[Case], yours: list[Seen]) -> Mistake | None:
    """The mistake that gives exactly what was seen, if the bank has it; never a guess."""
    for mistake in exercise.mistakes:
        if exercise.kind == "value":
            wrong = {name: plain(value) for name, value in mistake.answer.items()}
            got = {case.name: _value(seen) for case, seen in zip(cases, yours, strict=True)}
            hit = all(got.get(name) == value for name, value in wrong.items())
        elif mistake.matches is not None:
            hit = any(mistake.matches(seen, case) for seen, case in zip(yours, cases, strict=True) if not seen.trouble)
        else:
            hit = same_seen(yours, observe(exercise, mistake.answer, cases), cases)
        if hit:
            return mistake
    return None


def same_seen(a: list[Seen], b: list[Seen], cases: list[Case]) -> bool:
    """Whether two answers can't be told apart by anything that the probes saw."""
    return all(map(_same, a, b, cases))


def _same(a: Seen, b: Seen, case: Case) -> bool:
    if a.trouble or b.trouble:
        return bool(a.trouble and b.trouble) and (a.trouble.kind, a.trouble.message) == (b.trouble.kind, b.trouble.message)
    over = [seen.peak is not None and seen.peak > (case.memory or 0) for seen in (a, b)]
    return (
        same_leaves(a.leaves, b.leaves)
        and a.shape_of == b.shape_of
        and same_leaves(a.twin or {}, b.twin or {})
        and not _wrong_gradients(a.gradients, b.gradients)
        and (a.changed, a.repeats, a.parameters) == (b.changed, b.repeats, b.parameters)
        and a.device.startswith("mixed") == b.device.startswith("mixed")
        and over[0] == over[1]
    )


def _untouched(exercise: Exercise, cases: list[Case], yours: list[Seen]) -> bool:
    if all(seen.trouble and (seen.trouble.kind, seen.trouble.message) == ("NotImplementedError", "") for seen in yours):
        return True
    if exercise.kind == "value":
        return all(_value(seen) is None for seen in yours)
    return exercise.find and same_seen(yours, observe(exercise, exercise.given, cases), cases)


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
        return Result(case.name, 0, case.points, False, "no answer yet")
    right = got == expected and isinstance(got, bool) == isinstance(expected, bool)
    return Result(case.name, case.points * right, case.points, right, "" if right else f"not {got!r}")


def _judge_case(case: Case, yours: Seen, expected: Seen) -> Result:
    says = (
        _said(yours)
        or compare(yours.leaves, expected.leaves, yours.shape_of, expected.shape_of)
        or _twin(case, yours, expected)
        or ("" if yours.changed else _wrong_gradients(yours.gradients, expected.gradients))
        or _memory(case, yours)
    )
    if yours.parameters != expected.parameters:
        says = "not run: the weights of the reference can't be copied in"
    return Result(case.name, 0 if says else case.points, case.points, not says, says)


def _said(seen: Seen) -> str:
    if not seen.trouble:
        return ""
    if seen.trouble.kind == "TookTooLong":
        return f"does not finish: {seen.trouble.message}. Is there a loop that never ends?"
    return f"raises {seen.trouble}"


def compare(yours: Mapping[str, Leaf], expected: Mapping[str, Leaf], your_shape: str = "", its_shape: str = "") -> str:
    """What differs, where and by how much; '' where nothing does."""
    lone = expected.keys() == {""} and isinstance(expected[""], PlainLeaf)
    if not lone and your_shape != its_shape or yours.keys() != expected.keys():
        return f"returns {your_shape or 'another structure'} where {its_shape or 'the reference'} is expected"
    for path, right in expected.items():
        says = _leaf(yours[path], right)
        if says:
            return f"{'at ' + path + ' ' if path else ''}{says}"
    return ""


def _leaf(got: Leaf, right: Leaf) -> str:
    if isinstance(right, PlainLeaf):
        return _plain_leaf(got, right)
    if not isinstance(got, TensorLeaf):
        return f"is {got.value!r}, expected a tensor"
    if got.shape != right.shape:
        return f"has shape {got.shape}, expected {right.shape}"
    if got.dtype != right.dtype:
        return f"has dtype {got.dtype}, expected {right.dtype}: does something inside bring its own dtype?"
    if got.device != right.device:
        return f"is on the device {got.device}, expected {right.device}"
    return "" if got.values is None or right.values is None else _values(got.values, right.values)


def _plain_leaf(got: Leaf, right: PlainLeaf) -> str:
    """A number may come as a tensor without axes; it is compared with the same tolerance."""
    value = got.value if isinstance(got, PlainLeaf) else got.values.item() if got.shape == () else "a tensor"
    numbers = [isinstance(v, int | float) and not isinstance(v, bool) for v in (value, right.value)]
    alike = math.isclose(value, right.value, rel_tol=1e-6, abs_tol=ATOL) if all(numbers) else value == right.value
    return "" if alike else f"is {_show(value)}, expected {_show(right.value)}"


def _values(got: Tensor, right: Tensor) -> str:
    wrong = differs(got, right)
    if not wrong.any():
        return ""
    where = wrong.nonzero()[0].tolist()
    at = f", first at `{where}`" if where else ""
    a, b = got[tuple(where)].item(), right[tuple(where)].item()
    note = ""
    if got.is_floating_point() and not got.isfinite().all() and right.isfinite().all():
        note = " (a nan or inf: 0/0, or a whole row of -inf?)"
    many = f"; {int(wrong.sum())} of {wrong.numel()} entries differ" if wrong.numel() > 1 else ""
    return f"differs{at}: yours {_show(a)}, expected {_show(b)}{many}{note}"


def _show(x: Any) -> str:
    return f"{x:.4g}" if isinstance(x, float) else repr(x)


def _twin(case: Case, yours: Seen, expected: Seen) -> str:
    if case.twin is None or yours.twin is None:
        return ""
    if compare(yours.twin, expected.twin):
        return f"changes when {case.twin_says}: {compare(yours.twin, expected.twin)}"
    return ""


def _wrong_gradients(yours: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str:
    for name, right in expected.items():
        got = yours.get(name)
        if got is None or got.shape != right.shape:
            return f"gives no gradient for {name}"
        if differs(got, right).any():
            if not got.any():
                return f"gives the right values, but no gradient reaches {name}: was it cut off (.detach, .item, .data)?"
            return f"gives the right values, but another gradient for {name}: {_values(got, right)}"
    return ""


def _memory(case: Case, seen: Seen) -> str:
    if case.memory is None or seen.peak is None or seen.peak <= case.memory:
        return ""
    return f"gives the right values, but holds {_bytes(seen.peak)} at once where {_bytes(case.memory)} must do"


def _bytes(n: int) -> str:
    return f"{n / 2**20:.1f} MB" if n >= 2**20 else f"{n / 2**10:.0f} kB"


def _gates(yours: list[Seen], expected: list[Seen]) -> list[Result]:
    """What must hold for any point to count: each is judged on every case that ran."""
    ran = [seen for seen in yours if not seen.trouble]
    gates = []
    if expected[0].parameters:
        gates.append(Result("parameters", 0, 0, *_parameters(yours[0], expected[0])))
    changed = sorted({name for seen in ran for name in seen.changed})
    gates.append(Result("inputs left as they were", 0, 0, not changed,
                        f"your answer writes into {', '.join(changed)}; whoever passed it in still needs it" if changed else ""))
    steady = all(seen.repeats for seen in ran)
    gates.append(Result("the same twice", 0, 0, steady, "" if steady else
                        "two calls with the same input differ: is something random at work, or dropout on in eval?"))
    device = yours[0].device
    if not expected[0].device and not device.startswith("not judged"):
        gates.append(Result("any device", 0, 0, not device, "" if not device else
                            f"on a GPU this would stop ({device.removeprefix('mixed: ')}): a tensor is made on the CPU. "
                            "Take device and dtype from an input"))
    return gates


def _parameters(yours: Seen, expected: Seen) -> tuple[bool, str]:
    if yours.trouble and not yours.parameters:
        return True, ""  # it could not even be built: the cases say why
    mine, right = yours.parameters, expected.parameters
    missing = [f"{name} {right[name]}" for name in right if name not in mine]
    extra = [f"{name} {mine[name]}" for name in mine if name not in right]
    other = [f"{name} is {mine[name]}, expected {right[name]}" for name in right if name in mine and mine[name] != right[name]]
    said = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not expected: {', '.join(extra)}"] * bool(extra) + other
    note = " (a plain Python list hides modules from the optimiser: nn.ModuleList)" if missing else ""
    return not said, "; ".join(said) + note if said else ""


def _judge_trained(exercise: Exercise, case: Case, seen: Seen) -> list[Result]:
    if seen.trouble:
        return [Result(bar.name, 0, bar.points, False, _said(seen)) for bar in exercise.bars]
    out = seen.leaves.get("")
    classes = int(case.labels.max()) + 1
    good = isinstance(out, TensorLeaf) and out.shape == (len(case.labels), classes)
    says = "" if good else f"expected one tensor of logits ({len(case.labels)}, {classes}), got {getattr(out, 'shape', seen.shape_of)}"
    gates = [Result("shape of the logits", 0, 0, good, says)]
    if good:
        finite = bool(torch.isfinite(out.values).all())
        gates.append(Result("finite", 0, 0, finite, "" if finite else "some logits are nan or inf: did the training diverge?"))
        gates.append(Result("alone as in company", 0, 0, seen.alone, "" if seen.alone else
                            "the same item scores differently with other neighbours in its batch"))
        gates.append(Result("the same twice", 0, 0, seen.repeats, "" if seen.repeats else "two calls with the same input differ"))
    if exercise.limit is not None:
        small = seen.size <= exercise.limit
        gates.append(Result("size", 0, 0, small, "" if small else
                            f"{seen.size:,} parameters, at most {exercise.limit:,} are allowed"))
    score = exercise.score(out.values, case.labels) if good else float("nan")
    return gates + [
        Result(bar.name, bar.points * (score >= bar.score), bar.points, score >= bar.score,
               f"score {score:.3f}, the bar is {bar.score:.3f}")
        for bar in exercise.bars
    ]


def _feedback(verdict: Verdict, shut: list[Result], found: Mistake | None) -> str:
    """The words below the checks' lines: what holds everything up, and the mistake if it is known."""
    said = []
    if shut:
        said.append(f"No points count until this holds: {shut[0].name}. {shut[0].says[:1].upper()}{shut[0].says[1:]}.")
    elif not found:
        wrong = next(check for check in verdict.checks if not check.passed)
        said.append(f"Look at '{wrong.name}' first.")
    if found:
        said.append(f"This is what one gets when {found.name}. {found.hint}")
    return " ".join(said)
