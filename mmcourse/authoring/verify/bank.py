"""An exercise of the bank is held to account: its check rejects what it must, names it, and accepts what is right."""

import importlib
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from mmcourse.authoring.style import TODO
from mmcourse.checking.bench import CodeBench
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Code, Exercise, Module, Trained, Value
from mmcourse.checking.judge import examine, judge_code
from mmcourse.checking.leaves import TensorLeaf, flatten, rebuild, same_leaves
from mmcourse.checking.mistake import Mistake, Running, StaleMistake
from mmcourse.checking.verdict import Status, Verdict
from mmcourse.fetch import CourseError, checkout

SEEDS = (0, 1, 20261123)
CODE_IN_A_HINT = re.compile(r"return |```")
SECTION = re.compile(r"\(lesson (\d\d), '(.+?)'\)")


def alternatives(exercise: Exercise) -> Sequence[Any]:
    """Right answers that are written differently, from `tests/alternatives/` of the checkout."""
    return _from_tests(f"alternatives.lesson_{exercise.lesson}", exercise.id)


def strays(exercise: Exercise) -> Sequence[Any]:
    """Wrong answers that people tried and the bank does not name, from `tests/strays.py`."""
    return _from_tests("strays", exercise.id)


def _from_tests(module: str, id: str) -> Sequence[Any]:
    root = checkout()
    if root is None:
        raise CourseError("Alternatives stand in tests/ of a checkout, which the installed package does not hold.")
    if str(root / "tests") not in sys.path:
        sys.path.insert(0, str(root / "tests"))
    try:
        return importlib.import_module(module).ANSWERS.get(id, [])
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise
        return []


def of_words(exercise: Exercise) -> list[str]:
    """Hints and names are whole; no hint gives code away; each mistake says where the lesson treats it."""
    found, mistakes = [], exercise.about.mistakes
    if len(exercise.hints) != 3:
        found.append(f"it has {len(exercise.hints)} hints: three are asked for")
    if exercise.hints and not exercise.hints[0].endswith("?"):
        found.append("its first hint is no question")
    found += [f"a hint holds code: {hint!r}" for hint in exercise.hints if CODE_IN_A_HINT.search(hint)]
    if len(mistakes) < 3:
        found.append(f"it has {len(mistakes)} mistakes: three are the least")
    names = [mistake.name for mistake in mistakes]
    found += [f"two mistakes are called {name!r}" for name in sorted({n for n in names if names.count(n) > 1})]
    found += [f"the name {n!r} follows 'when': a small letter, no full stop" for n in names if n != _as_clause(n)]
    found += [f"{m.name!r} has no form" for m in mistakes if not m.forms]
    for mistake in mistakes:
        if f"(lesson {exercise.lesson}" not in mistake.hint:
            found.append(f"{mistake.name!r} does not say which section treats it (Lesson: ...)")
        found += [f"{mistake.name!r} names the section {s!r}, which is none" for s in _missing_sections(mistake)]
    texts = [exercise.title, *exercise.hints, *(text for m in mistakes for text in (m.name, m.hint))]
    found += [f"still to be filled in: {text[:80]}" for text in texts if TODO.search(text)]
    if exercise.max_points < 3:
        found.append(f"it has {exercise.max_points} points: three are the least")
    return found


def _as_clause(name: str) -> str:
    return (name[:1].lower() + name[1:]).rstrip(".")


def _missing_sections(mistake: Mistake[Any]) -> Iterator[str]:
    """Sections that a mistake names of lessons that are written, and that they do not have."""
    root = checkout()
    for lesson, section in SECTION.findall(mistake.hint):
        sources = list((root / "source/lessons").glob(f"{lesson}_*.md")) if root else []
        if sources and section not in re.findall(r"^#+ (.*)$", sources[0].read_text("utf8"), re.M):
            yield section


def of_answers(exercise: Exercise, trained: int = 1) -> list[str]:
    """What a check says of the reference, of each mistake, of alternatives and strays, of zeros and of the stub.

    trained   how many alternatives of an exercise that is trained are trained
    """
    if isinstance(exercise, Value):
        return of_value(exercise)
    if isinstance(exercise, Trained):
        return of_trained(exercise, trained)
    assert isinstance(exercise, Code)
    return of_code(exercise)


def of_value(exercise: Value) -> list[str]:
    """The reference and its alternatives pass; each wrong value is named; an empty form is no attempt."""
    found = list(_must_pass(exercise, [exercise.reference, *alternatives(exercise)]))
    for mistake in exercise.mistakes:
        for wrong in mistake.forms:
            found += _must_be_named(mistake, examine(exercise, {**exercise.reference, **wrong}, 0))
    zeros = {name: 0 if isinstance(v, int) else tuple(0 for _ in v) for name, v in exercise.reference.items()}
    equal = {name: EqualToAll() for name in exercise.reference}
    return found + _must_earn_nothing(exercise, None, zeros, equal)


def of_code(exercise: Code) -> list[str]:
    """For each seed everything known is observed once, on one bench; on the first, mistakes a second time."""
    found = [] if len(alternatives(exercise)) >= 2 else ["it has fewer than two alternatives"]
    found += _draws(exercise)
    for seed in SEEDS:
        wrong = [f"{line} (seed {seed})" for line in _on_bench(CodeBench(exercise, seed), again=seed == SEEDS[0])]
        found += wrong
        if wrong:
            break  # other seeds would mostly say the same again
    stub = exercise.given.running() if exercise.given else stub_of(exercise)
    return found + _must_earn_nothing(exercise, stub, zeros_of(exercise), equal_to_all(exercise))


def _on_bench(bench: CodeBench, again: bool) -> Iterator[str]:
    exercise = bench.exercise
    verdict = judge_code(bench, bench.expected)
    if verdict.status is not Status.PASSED or verdict.feedback:
        yield f"its own reference does not pass: {_broken(verdict)}"
    tensors = any(isinstance(leaf, TensorLeaf) for leaf in flatten(dict(bench.cases[0].args)).values())
    if tensors and bench.expected[0].stand and bench.expected[0].stand.mixed:
        yield f"its reference does not stay on one device: {bench.expected[0].stand.mixed}"
    known: list[tuple[str, Running]] = [("the given code", exercise.given)] if exercise.given else []
    for mistake in exercise.mistakes:
        for form in mistake.forms:
            try:
                seen = [bench.seen_of(form, i) for i in range(len(bench.cases))]
            except StaleMistake as stale:
                yield str(stale)
                continue
            known.append((repr(mistake.name), form))
            yield from (
                f"{mistake.name!r} raises NameError: {one.trouble.message}"
                for one in seen
                if one.trouble and one.trouble.kind == "NameError"
            )
            yield from _must_be_named(mistake, judge_code(bench, seen))
            if again and not bench.acts_as(form, bench.observe(form.running())):
                yield f"{mistake.name!r} does not do the same twice"
    for (one, a), (other, b) in itertools.combinations(known, 2):
        if one == other and not again:
            continue  # two forms of one mistake need to differ in one draw only
        if bench.acts_as(a, [bench.seen_of(b, i) for i in range(len(bench.cases))]):
            yield f"{one} and {other} can't be told apart"
    yield from _must_pass(exercise, alternatives(exercise), bench)
    for i, stray in enumerate(strays(exercise)):
        if examine(exercise, stray, bench.seed, bench).points >= exercise.max_points:
            yield f"the stray wrong answer {i} has full points"


def _draws(exercise: Code) -> Iterator[str]:
    """Cases are fixed by the seed, and differ between seeds."""
    one, again, other = ([flatten(dict(case.args)) for case in exercise.cases(Draw(seed))] for seed in (3, 3, 4))
    if not all(map(same_leaves, one, again)):
        yield "its cases differ between two draws from one seed"
    if all(map(same_leaves, one, other)):
        yield "its cases do not depend on the seed"


def of_trained(exercise: Trained, trained: int) -> list[str]:
    """Each mistake's model is named; the first alternatives, as many as are to be trained, pass."""
    found = [] if len(alternatives(exercise)) >= 2 else ["it has fewer than two alternatives"]
    for mistake in exercise.mistakes:
        for sign in mistake.forms:
            found += _must_be_named(mistake, examine(exercise, sign.model(), 0))
    found += _must_pass(exercise, [make() for make in alternatives(exercise)[:trained]])
    return found + _must_earn_nothing(exercise, None, zeros_of(exercise))


def _must_pass(exercise: Exercise, answers: Sequence[Any], bench: CodeBench | None = None) -> Iterator[str]:
    for i, answer in enumerate(answers):
        verdict = examine(exercise, answer, bench.seed if bench else 0, bench)
        if verdict.status is not Status.PASSED:
            yield f"the right answer {getattr(answer, '__name__', i)} does not pass: {_broken(verdict)}"


def _must_be_named(mistake: Mistake[Any], verdict: Verdict) -> Iterator[str]:
    if verdict.status not in (Status.PARTIAL, Status.FAILED) or verdict.points >= verdict.max_points:
        yield f"{mistake.name!r} is not rejected: {verdict.status}, {verdict.points} of {verdict.max_points} points"
    elif verdict.mistake != mistake.name or mistake.hint not in verdict.feedback:
        yield f"{mistake.name!r} is named {verdict.mistake!r}"


def _must_earn_nothing(exercise: Exercise, stub: Any, *empty: Any) -> list[str]:
    verdict, found = examine(exercise, stub, 0), []
    if verdict.status is not Status.NOT_ATTEMPTED or verdict.mistake or "Not attempted" not in verdict.feedback:
        found.append(f"what is handed out is not 'not attempted': {verdict.status} ({verdict.mistake})")
    for answer in empty:
        verdict = examine(exercise, answer, 0)
        if verdict.points or verdict.status is not Status.FAILED:
            found.append(f"an answer of nothing has {verdict.points} points ({verdict.status})")
    return found


def _broken(verdict: Verdict) -> str:
    return "; ".join(f"{check.name}: {check.says}" for check in verdict.checks if not check.passed) or verdict.feedback


def stub_of(exercise: Code) -> Any:
    """What the problem set hands out, where it is not a program with a fault."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    return type("Stub", (exercise.reference,), {"forward": answer}) if isinstance(exercise, Module) else answer


def zeros_of(exercise: Code | Trained) -> Any:
    """Zeros of the right shape, wherever the reference gives a tensor, and no words where it gives words."""
    if isinstance(exercise, Trained):
        labels = exercise.held_out(Draw(0)).labels
        wide = 8 if exercise.vectors else int(labels.max()) + 1

        def predict(*inputs: Any) -> Any:
            out = torch.zeros(len(inputs[0]), wide)
            return (out, out) if exercise.vectors else out

        return predict
    if isinstance(exercise, Module):
        return type(
            "Zeros", (exercise.reference,), {"forward": lambda self, *a: exercise.reference.forward(self, *a) * 0}
        )

    def answer(*args: Any) -> Any:
        out = exercise.reference(*args)
        if isinstance(out, list) and all(isinstance(part, str) for part in out):
            return ["" for _ in out]
        if isinstance(out, float):
            return out * 0
        return rebuild(out, torch.zeros_like)

    return answer


class EqualToAll:
    """An object that says of everything that it is equal to it."""

    def __eq__(self, other: object) -> bool:
        return True


def equal_to_all(exercise: Code) -> Any:
    """An answer that gives such an object."""
    if isinstance(exercise, Module):
        return type("Always", (nn.Module,), {"forward": lambda *a: EqualToAll()})
    return lambda *args: EqualToAll()
