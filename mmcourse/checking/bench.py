"""The bench on which answers are looked at: cases of one seed, on which each known answer is observed once."""

import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from .case import Case, ModuleCase
from .compare import wrong_gradients
from .draw import Draw
from .exercise import Code
from .leaves import same_leaves
from .mistake import Mistake, Running, StaleMistake
from .probe import probe_call, probe_module
from .seen import SeenCall, SeenModule, TimedOut


class CodeBench:
    """The bench of a function or a module.

    What the reference, the given code and the bank's mistakes do is observed when it is first asked for, case by case,
    and kept: most mistakes are told from an answer by the first case.
    """

    def __init__(self, exercise: Code, seed: int):
        self.exercise, self.seed = exercise, seed
        self.cases: Sequence[Case] = exercise.cases(Draw(seed))
        self._kept: dict[int, tuple[Running, list[SeenCall]]] = {}

    def look(self, answer: Any, i: int) -> SeenCall:
        """What is seen of an answer on case i."""
        case = self.cases[i]
        if isinstance(case, ModuleCase):
            return probe_module(answer, case, self.exercise.seconds, stand_in=i == 0)
        return probe_call(answer, case, self.exercise.seconds, stand_in=i == 0)

    def observe(self, answer: Any) -> list[SeenCall]:
        """What is seen of an answer on each case. After a case that ran out of time the rest are not tried."""
        seen: list[SeenCall] = []
        for i in range(len(self.cases)):
            late = seen and isinstance(seen[-1].trouble, TimedOut)
            seen.append(seen[-1] if late else self.look(answer, i))
        return seen

    @cached_property
    def expected(self) -> list[SeenCall]:
        """What is seen of the reference."""
        return self.observe(self.exercise.reference)

    def seen_of(self, form: Running, i: int) -> SeenCall:
        """What is seen of a known answer on case i; observed once. Raises StaleMistake."""
        _, seen = self._kept.setdefault(id(form), (form, []))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a wrong answer of the bank makes torch warn of is not the learner's
            while len(seen) <= i:
                seen.append(self.look(form.running(), len(seen)))
        return seen[i]

    def acts_as(self, form: Running, yours: Sequence[SeenCall]) -> bool:
        """Whether a known answer gives what was seen, case by case."""
        return all(self.alike(seen, self.seen_of(form, i), i) for i, seen in enumerate(yours))

    def is_given(self, yours: Sequence[SeenCall]) -> bool:
        """Whether it is still the code that the learner was given."""
        given = self.exercise.given
        return given is not None and self._acts_as_if_it_can(given, yours)

    def recognise(self, yours: Sequence[SeenCall]) -> Mistake[Running] | None:
        """The mistake that gives exactly what was seen, if the bank has it; never a guess."""
        hit = (m for m in self.exercise.mistakes for form in m.forms if self._acts_as_if_it_can(form, yours))
        return next(hit, None)

    def _acts_as_if_it_can(self, form: Running, yours: Sequence[SeenCall]) -> bool:
        try:
            return self.acts_as(form, yours)
        except StaleMistake:  # a test says so to the author; to a learner the mistake is left unnamed
            return False

    def alike(self, a: SeenCall, b: SeenCall, i: int) -> bool:
        """Whether two answers can't be told apart by anything that was seen on case i.

        Where they would stop on a GPU is left out: that is a gate of its own, and any mistake may come with it.
        """
        if a.trouble and b.trouble:
            return (a.trouble.kind, a.trouble.message) == (b.trouble.kind, b.trouble.message)
        if a.trouble or b.trouble:
            return False
        limit = self.cases[i].memory or 0
        over = [seen.peak is not None and seen.peak > limit for seen in (a, b)]
        parameters = [seen.parameters if isinstance(seen, SeenModule) else {} for seen in (a, b)]
        return (
            same_leaves(a.leaves, b.leaves)
            and a.shape_of == b.shape_of
            and same_leaves(a.twin or {}, b.twin or {})
            and not wrong_gradients(a.gradients, b.gradients)
            and (a.changed, a.repeats) == (b.changed, b.repeats)
            and parameters[0] == parameters[1]
            and over[0] == over[1]
        )
