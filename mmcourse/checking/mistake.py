"""Mistakes: wrong answers that people really give, each with what to say to the one who gave it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from .case import HeldOut
    from .seen import SeenModel

Form = TypeVar("Form", covariant=True)


@dataclass(frozen=True)
class Mistake(Generic[Form]):
    """A wrong answer that people really give.

    name    what was done ('the pads are counted as words'), read after 'This is what one gets when'
    hint    what the answer does, the question that turns it, and where the lesson treats it
    forms   the answer, in each form that gives different results: what `Value`, `Function` and the others say
    """

    name: str
    hint: str
    forms: tuple[Form, ...]


class Running(Protocol):
    """A form of a mistake that can be run: a wrong function or a wrong class."""

    def running(self) -> Any:
        """The wrong answer. Raises StaleMistake where it can't be made."""


class Shown(Protocol):
    """A form of a mistake that shows in what was seen of a trained model."""

    def matches(self, seen: "SeenModel", held_out: "HeldOut") -> bool:
        """Whether what was seen of a model is this mistake."""

    def model(self) -> Any:
        """A model that shows it."""


class StaleMistake(ValueError):
    """A wrong answer that can't be made any more, since what it was made from has changed."""


@dataclass(frozen=True)
class Written:
    """A wrong answer that is written out, and in a line why it is no diff of the solution."""

    answer: Any
    why: str = ""

    def running(self) -> Any:
        return self.answer


@dataclass(frozen=True)
class Sign:
    """How a mistake shows in a trained model.

    matches   whether what was seen of a model is this mistake
    model     makes a model that shows it
    """

    matches: "Callable[[SeenModel, HeldOut], bool]"
    model: Callable[[], Any]
