"""What an exercise is, kind by kind. The bank (`mmcourse.bank`) holds one object for each exercise of the course."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from .case import Case, Entry, HeldOut, ModuleCase
from .draw import Draw
from .mistake import Mistake, Running, Shown


@dataclass(frozen=True)
class About:
    """What an exercise's text says of it, besides its statement.

    id          '06.3'
    answer      the name that the learner's answer has
    hints       they climb: which idea, where to look, the steps in words
    mistakes    what people get wrong; their forms are those that the exercise's kind asks for
    given       find the fault: what the learner starts from
    """

    id: str
    title: str
    answer: str
    hints: tuple[str, ...]
    mistakes: tuple[Mistake[Any], ...] = ()
    given: Running | None = None


@dataclass(frozen=True, kw_only=True)
class Exercise(ABC):
    """One exercise. Its statement and its solution stand in `source/exercises/`.

    seconds     a check that takes longer is stopped
    """

    about: About
    seconds: float = 20.0

    @property
    def id(self) -> str:
        return self.about.id

    @property
    def title(self) -> str:
        return self.about.title

    @property
    def answer(self) -> str:
        return self.about.answer

    @property
    def hints(self) -> tuple[str, ...]:
        return self.about.hints

    @property
    def lesson(self) -> str:
        return self.id.split(".")[0]

    @property
    @abstractmethod
    def verb(self) -> str:
        """What the learner does: predict, build, find the fault, train."""

    @property
    @abstractmethod
    def lines(self) -> Sequence[tuple[str, int]]:
        """What a verdict lists: names and points."""

    @property
    def max_points(self) -> int:
        return sum(points for _, points in self.lines)


@dataclass(frozen=True, kw_only=True)
class Value(Exercise):
    """A dict of values to predict or to choose.

    reference   the right values
    """

    reference: Mapping[str, Any]

    @property
    def mistakes(self) -> tuple[Mistake[Mapping[str, Any]], ...]:
        """Their forms: the entries that are wrong, with the wrong values."""
        return self.about.mistakes

    @property
    def verb(self) -> str:
        return "predict"

    @property
    def cases(self) -> list[Entry]:
        return [Entry(name) for name in self.reference]

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(entry.name, entry.points) for entry in self.cases]


@dataclass(frozen=True, kw_only=True)
class Code(Exercise):
    """A function or a class to build, or to mend.

    reference   the right one, from the room of the library that defines it
    cases       draws the inputs
    """

    reference: Callable[..., Any]
    cases: Callable[[Draw], Sequence[Case]]

    @property
    def given(self) -> Running | None:
        """Find the fault: what the learner starts from."""
        return self.about.given

    @property
    def mistakes(self) -> tuple[Mistake[Running], ...]:
        """Their forms: running wrong answers."""
        return self.about.mistakes

    @property
    def verb(self) -> str:
        return "build" if self.given is None else "find the fault"

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(case.name, case.points) for case in self.cases(Draw(0))]


@dataclass(frozen=True, kw_only=True)
class Function(Code):
    """A function."""


@dataclass(frozen=True, kw_only=True)
class Module(Code):
    """A class whose `__init__` is given, so that weights can be copied in."""

    reference: type[nn.Module]
    cases: Callable[[Draw], Sequence[ModuleCase]]


@dataclass(frozen=True)
class Bar:
    """A score that a trained model must reach, and the points for it."""

    name: str
    score: float
    points: int = 1


@dataclass(frozen=True, kw_only=True)
class Trained(Exercise):
    """A model that was trained, judged by its predictions on held-out items.

    held_out     draws the items; it may load data, so it is called late
    bars, score  `score(predictions, labels) -> float` against each bar
    vectors      the model gives two vectors for each item; `score` sees the table of their cosines
    limit        the most parameters
    """

    held_out: Callable[[Draw], HeldOut]
    score: Callable[[Tensor, Tensor], float]
    bars: tuple[Bar, ...] = field(default=())
    vectors: bool = False
    limit: int | None = None

    @property
    def mistakes(self) -> tuple[Mistake[Shown], ...]:
        """Their forms: how they show in what was seen of a model."""
        return self.about.mistakes

    @property
    def verb(self) -> str:
        return "train"

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(bar.name, bar.points) for bar in self.bars]
