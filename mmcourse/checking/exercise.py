"""What an exercise is. The bank (`mmcourse.bank`) holds one of these for each exercise of the course."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

Kind = Literal["value", "function", "module", "trained"]


class Draw:
    """Seeded inputs for cases: asymmetric values that do not saturate, in float64.

    One `Draw` is consumed from top to bottom by an exercise's `cases`, so a seed fixes every input.
    """

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int, scale: float = 1.0, shift: float = 0.0, strided: bool = False) -> Tensor:
        """Normal values of the given shape; `strided` lays them out in memory with the last two axes swapped."""
        if strided:
            shape = (*shape[:-2], shape[-1], shape[-2])
        values = torch.randn(shape, generator=self.generator, dtype=torch.float64) * scale + shift
        return values.transpose(-1, -2) if strided else values

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Integers in [low, high)."""
        return torch.randint(low, high, shape, generator=self.generator)

    def permutation(self, n: int) -> list[int]:
        """The numbers below n in random order."""
        return torch.randperm(n, generator=self.generator).tolist()

    def mask(self, *lengths: int, size: int | None = None) -> Tensor:
        """(B, size) bool, True = real: row b begins with lengths[b] real positions."""
        size = max(lengths) if size is None else size
        return torch.arange(size) < torch.tensor(lengths)[:, None]

    def module(self, module: torch.nn.Module) -> dict[str, Tensor]:
        """Weights for `module` in float64, biases included: asymmetric, small, none of them zero or one."""
        return {
            name: self.normal(*value.shape, scale=0.4, shift=0.1) if value.is_floating_point() else value.clone()
            for name, value in module.state_dict().items()
        }


@dataclass(frozen=True)
class Case:
    """One situation in which an answer is looked at.

    name        how the feedback calls it ('padded'); for a value exercise also the key of the answer
    args        name -> input, passed by position; tensors, or nested lists, tuples and dicts of them
    points      what it earns when it agrees with the reference
    init        a module's constructor arguments
    state       a module's weights
    training    a module is called once in training mode, and then in eval mode: both outputs count
    twin        inputs that differ from `args` only in what must not matter; `twin_says` names what differs
    memory      the most bytes of new tensors that may live at once while the answer runs
    gradients   whether gradients are compared too
    labels      trained exercises: the right classes, which only the judge sees
    pads        trained exercises: a mask's name -> the input whose pads it marks, (B, T) or (B, T, d)
    """

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    points: int = 1
    init: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Tensor] | None = None
    training: bool = False
    twin: Mapping[str, Any] | None = None
    twin_says: str = "only what must not matter"
    memory: int | None = None
    gradients: bool = True
    labels: Tensor | None = None
    pads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, with what to say to the one who gave it.

    name      what was done ('the pads are counted as words'), read after 'This is what one gets when'
    hint      what the answer does, the question that turns it, and where the lesson treats it
    answer    a running wrong implementation (or, for a value exercise, the entries that it gets wrong)
    matches   trained exercises only: whether what was seen of an answer is this mistake
    also      the same mistake in other forms, whose results differ from `answer`'s
    """

    name: str
    hint: str
    answer: Any
    matches: Callable[[Any, Case], bool] | None = None
    also: tuple[Any, ...] = ()

    @property
    def answers(self) -> tuple[Any, ...]:
        return (self.answer, *self.also)


@dataclass(frozen=True)
class Bar:
    """A score that a trained model must reach, and the points for it."""

    name: str
    score: float
    points: int = 1


@dataclass(frozen=True)
class Exercise:
    """One exercise. The bank owns this; its text and its solution stand in `source/exercises/`.

    reference   the right answer: a function, a class, or for a value exercise a dict {case name: value};
                None for a trained exercise
    given       a find-the-fault exercise: the implementation that the learner starts from
    bars, score trained exercises: `score(predictions, labels) -> float` against each bar
    vectors     trained exercises: the model gives two vectors for each item; `score` sees the table of their cosines
    limit       trained exercises: the most parameters
    seconds     a check that takes longer is stopped
    """

    id: str
    title: str
    kind: Kind
    answer: str
    reference: Any
    cases: Callable[[Draw], list[Case]]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, str, str]
    given: Any = None
    bars: tuple[Bar, ...] = ()
    score: Callable[[Tensor, Tensor], float] | None = None
    vectors: bool = False
    limit: int | None = None
    seconds: float = 20.0

    @property
    def lesson(self) -> str:
        return self.id.split(".")[0]

    @property
    def find(self) -> bool:
        return self.given is not None

    @property
    def max_points(self) -> int:
        if self.kind == "trained":
            return sum(bar.points for bar in self.bars)
        return sum(case.points for case in self.cases(Draw(0)))
