"""Cases: the situations in which an answer is looked at. Each kind of exercise has a kind of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Entry:
    """One line of a value exercise: its key in the answer, and what it earns."""

    name: str
    points: int = 1


@dataclass(frozen=True)
class Case:
    """One call of a function.

    name        how the feedback calls it ('padded')
    args        name -> input, passed by position; tensors, or nested lists, tuples and dicts of them
    points      what it earns when it agrees with the reference; with 0 it is a gate: it earns nothing and must hold
    twin        inputs that differ from `args` only in what must not matter; `twin_says` names what differs
    memory      the most bytes of new tensors that may live at once while the answer runs
    gradients   whether gradients are compared too
    """

    name: str
    args: Mapping[str, Any]
    points: int = 1
    twin: Mapping[str, Any] | None = None
    twin_says: str = "only what must not matter"
    memory: int | None = None
    gradients: bool = True


@dataclass(frozen=True, kw_only=True)
class ModuleCase(Case):
    """One call of a module.

    init        the constructor's arguments
    state       its weights
    training    it is called once in training mode, and then in eval mode: both outputs count
    """

    state: Mapping[str, Tensor]
    init: Mapping[str, Any] = field(default_factory=dict)
    training: bool = False


@dataclass(frozen=True)
class HeldOut:
    """Held-out items that a trained model is asked about.

    inputs      name -> tensor with a row for each item, passed by position
    labels      the right classes, which only the judge sees
    pads        a mask's name -> the input whose pads it marks, (B, T) or (B, T, d)
    """

    name: str
    inputs: Mapping[str, Tensor]
    labels: Tensor
    pads: Mapping[str, str] = field(default_factory=dict)
