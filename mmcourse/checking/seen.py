"""What a probe saw of one answer on one case, as plain data."""

from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from .leaves import Leaf

PadsLeak = Literal["other", "fewer", "raises"]


@dataclass(frozen=True)
class Trouble:
    """An exception that an answer raised: its type, its message, and the line of the answer that raised it."""

    kind: str
    message: str
    line: str = ""

    def __str__(self) -> str:
        where = f", in the line `{self.line}`" if self.line else ""
        message = self.message.strip().split("\n")[0]
        return f"{self.kind}{': ' + message if message else ''}{where}"


@dataclass(frozen=True)
class Stub(Trouble):
    """What the problem set hands out: it raises NotImplementedError and says nothing, or is None."""


@dataclass(frozen=True)
class TimedOut(Trouble):
    """It was stopped."""


@dataclass(frozen=True)
class Stand:
    """How a call went in which meta tensors stood in for a GPU's.

    judged   whether anything can be said: what depends on values can't run so
    mixed    what brought two devices together; '' if nothing did
    """

    judged: bool
    mixed: str = ""


@dataclass
class Seen:
    """What it raised, if it did, and the first of what it printed, over all calls."""

    trouble: Trouble | None = None
    printed: str = ""


@dataclass
class SeenValue(Seen):
    """`value`: one entry of the answer in its plain form; None where there is none."""

    value: Any = None


@dataclass
class SeenCall(Seen):
    """A function's call.

    leaves, shape_of   what it returned: leaves by path, and its containers
    gradients          by input or parameter, of a fixed random sum of the outputs
    twin               what it returned where only what must not matter was changed
    changed            inputs that it wrote into
    repeats            whether the same call twice gave the same
    stand              on a stand-in for a GPU; None where that was not tried
    peak               most bytes of new tensors alive at once, where the case bounds them
    """

    leaves: dict[str, Leaf] = field(default_factory=dict)
    shape_of: str = ""
    gradients: dict[str, Tensor] = field(default_factory=dict)
    twin: dict[str, Leaf] | None = None
    changed: tuple[str, ...] = ()
    repeats: bool = True
    stand: Stand | None = None
    peak: int | None = None


@dataclass
class SeenModule(SeenCall):
    """A module's call.

    parameters   its parameters and buffers: name -> shape
    unlike       whether those are not what the case's weights need
    """

    parameters: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unlike: bool = False


@dataclass
class SeenModel(Seen):
    """A trained model's predictions.

    leaves, shape_of   what it returned for all items
    repeats            whether the same call twice gave the same
    alone              whether predictions stay the same without the neighbours in the batch
    deaf               inputs whose values make no difference
    pads               what of the pads makes a difference that must not, and in words which (see `pads_matter`)
    size               number of parameters
    """

    leaves: dict[str, Leaf] = field(default_factory=dict)
    shape_of: str = ""
    repeats: bool = True
    alone: bool = True
    deaf: tuple[str, ...] = ()
    pads: dict[PadsLeak, str] = field(default_factory=dict)
    size: int = 0

    @property
    def logits(self) -> Tensor:
        """What it returned, where that is one tensor. Raises KeyError where it is not."""
        return tensor_of(self.leaves[""])


def tensor_of(leaf: Leaf) -> Tensor:
    """The values of a leaf that is a tensor. Raises TypeError for any other."""
    values = getattr(leaf, "values", None)
    if values is None:
        raise TypeError(f"{leaf!r} holds no tensor")
    return values
