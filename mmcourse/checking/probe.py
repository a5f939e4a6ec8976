"""Probes: run an answer on a case and return what was seen, as plain data.

A probe runs beside the learner's code. It knows the inputs and nothing of the right answer.
"""

import inspect
import io
import linecache
import traceback
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .exercise import Case, Kind
from .leaves import Leaf, PlainLeaf, TensorLeaf, children, flatten, rebuild, same_leaves, skeleton
from .padding import pads_matter, same_rows
from .watch import MemoryWatch, MixedDevices, OneDevice, TookTooLong, time_limit, to_meta


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


@dataclass
class Seen:
    """What a probe saw of one answer on one case.

    leaves, shape_of   what it returned: leaves by path, and its containers
    gradients          by input or parameter, of a fixed random sum of the outputs
    twin               what it returned where only what must not matter was changed
    changed            inputs that it wrote into
    repeats            whether the same call twice gave the same
    parameters         a module's parameters and buffers: name -> shape
    unlike             whether those are not what the case's weights need
    device             '' if it ran on a stand-in for a GPU, else 'mixed: …' or 'not judged: …'
    peak               most bytes of new tensors alive at once, where the case bounds them
    alone              trained: whether predictions stay the same without the neighbours in the batch
    deaf               trained: inputs whose values make no difference
    pads               trained: what of the pads makes a difference that must not (see `pads_matter`)
    size               trained: number of parameters
    trouble, printed   what it raised; the first of what it printed, over all calls
    """

    leaves: dict[str, Leaf] = field(default_factory=dict)
    shape_of: str = ""
    gradients: dict[str, Tensor] = field(default_factory=dict)
    twin: dict[str, Leaf] | None = None
    changed: tuple[str, ...] = ()
    repeats: bool = True
    parameters: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unlike: bool = False
    device: str = ""
    peak: int | None = None
    alone: bool = True
    deaf: tuple[str, ...] = ()
    pads: dict[str, str] = field(default_factory=dict)
    size: int = 0
    trouble: Trouble | None = None
    printed: str = ""


class _Printed(io.StringIO):
    """Keeps the first of what is printed, however much it is."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, 2000 - self.tell())])
        return len(text)


def probe(kind: Kind, answer: Any, case: Case, seconds: float = 20.0, device: bool = False) -> Seen:
    """What `answer` does on `case`. Never raises for what the answer does, hanging included.

    device   also run it on meta tensors under a mode that refuses mixed devices
    """
    seen, printed = Seen(), _Printed()
    try:
        with (
            redirect_stdout(printed),
            time_limit(seconds),
            torch.random.fork_rng(devices=[]),
            torch.enable_grad(),
        ):
            if answer is None:
                raise NotImplementedError  # the stub of an answer that is not a function
            _PROBES[kind](answer, case, seen, device)
    except TookTooLong:
        seen.trouble = Trouble("TookTooLong", f"it was stopped after {seconds:g} seconds")
    except (Exception, SystemExit) as error:
        seen.trouble = Trouble(type(error).__name__, str(error), _line(answer, error))
    seen.printed = printed.getvalue()
    return seen


def _value(answer: Mapping, case: Case, seen: Seen, device: bool) -> None:
    if not isinstance(answer, Mapping):
        raise TypeError(f"a dict with the names of the lines was expected here, this is a {type(answer).__name__}")
    seen.leaves = {"": PlainLeaf(plain(answer.get(case.name)))}


def plain(value: Any) -> Any:
    """A predicted value in its plain form: shapes and lists as tuples of numbers, words in lower case."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, str):
        return str(value).strip().lower()
    if value is None or isinstance(value, bool | int | float):
        return value
    return f"an object of type {type(value).__name__}"


def _call(answer: Any, case: Case, seen: Seen, device: bool) -> None:
    if inspect.isclass(answer) or not callable(answer):
        name = f"the class {answer.__name__}" if inspect.isclass(answer) else f"of type {type(answer).__name__}"
        raise TypeError(f"a function was expected here, this is {name}")
    _observe(answer, case, seen, {}, device)


def _module(answer: Any, case: Case, seen: Seen, device: bool) -> None:
    if not (inspect.isclass(answer) and issubclass(answer, nn.Module)):
        raise TypeError("a class that derives from nn.Module was expected here: pass the class, not an object of it")
    module = answer(**rebuild(dict(case.init), torch.clone)).double()
    seen.parameters = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    wanted = {name: tuple(value.shape) for name, value in case.state.items()}
    own = {name for name, _ in module.named_parameters()}  # buffers of one's own are welcome
    if {name: shape for name, shape in seen.parameters.items() if name in wanted or name in own} != wanted:
        seen.unlike = True  # the judge compares the names; other weights can't be copied in
        return
    module.load_state_dict(case.state, strict=False)
    module.eval()
    run = _trained_and_used(module, case) if case.training else module
    _observe(run, case, seen, dict(module.named_parameters()), device and not case.training)


def _trained_and_used(module: nn.Module, case: Case) -> Any:
    """Calls a module in training mode and then in eval mode, each time from the case's weights and statistics."""

    def run(*inputs: Any) -> dict[str, Any]:
        with torch.no_grad():
            module.load_state_dict(case.state, strict=False)
        during = module.train()(*inputs)
        # A copy: the second call may move what the first one's gradient still needs.
        return {"in training": during, "afterwards": rebuild(module, torch.clone).eval()(*inputs)}

    return run


def _observe(run: Any, case: Case, seen: Seen, weights: dict[str, Tensor], device: bool) -> None:
    """Calls `run` on copies of the case's inputs and fills in what was seen."""
    with torch.no_grad():
        inputs = rebuild(dict(case.args), torch.clone)
        out = run(*inputs.values())
    seen.leaves, seen.shape_of = flatten(out), skeleton(out)
    seen.changed = tuple(name for name in inputs if not same_leaves(flatten(case.args[name]), flatten(inputs[name])))

    if case.twin is not None:
        with torch.no_grad():
            seen.twin = flatten(run(*rebuild(dict(case.twin), torch.clone).values()))
    if case.memory is not None:
        inputs = rebuild(dict(case.args), torch.clone)
        known = [*weights.values()]
        rebuild(inputs, lambda t: known.append(t) or t)
        with MemoryWatch(*known) as watch:  # gradients on: a graph that is kept counts
            run(*inputs.values())
        seen.peak = watch.peak
    if case.gradients and not seen.changed:
        _gradients(run, case, seen, weights)
    elif not seen.changed:
        with torch.no_grad():
            seen.repeats = same_leaves(seen.leaves, flatten(run(*rebuild(dict(case.args), torch.clone).values())))
    if device and not seen.changed:
        seen.device = _stand_in(run, case)


def _gradients(run: Any, case: Case, seen: Seen, weights: dict[str, Tensor]) -> None:
    """A second call, with gradients: of a sum of the outputs with fixed random weights."""
    inputs = rebuild(dict(case.args), lambda t: t.clone().requires_grad_(t.is_floating_point()))
    found = {path: x for name, value in inputs.items() for path, x in _floats(value, name).items()}
    found |= weights
    out = run(*inputs.values())
    seen.repeats = same_leaves(seen.leaves, flatten(out))
    outputs = _floats(out, "")
    draw = torch.Generator().manual_seed(1)
    total = [
        (o * torch.randn(o.shape, generator=draw, dtype=o.dtype)).sum()
        for o in outputs.values()
        if o.is_floating_point() and o.device.type == "cpu"
    ]
    total = [t for t in total if t.requires_grad]
    live = {name: x for name, x in found.items() if x.requires_grad}  # not the weights that an answer has frozen
    grads = torch.autograd.grad(total, list(live.values()), allow_unused=True) if total else [None] * len(live)
    seen.gradients = {name: torch.zeros_like(x) for name, x in found.items()}
    seen.gradients |= {name: g.detach().clone() for name, g in zip(live, grads, strict=True) if g is not None}


def _floats(value: Any, path: str) -> dict[str, Tensor]:
    """The floating-point tensors of a nested value, by path."""
    if isinstance(value, Tensor):
        return {path: value} if value.is_floating_point() else {}
    return {p: x for step, part in children(value) or () for p, x in _floats(part, path + step).items()}


def _stand_in(run: Any, case: Case) -> str:
    """Whether `run` stays on its inputs' device, tried with meta tensors in place of a GPU's."""
    if isinstance(run, nn.Module):
        run = type(run)(**rebuild(dict(case.init), torch.clone)).double().to("meta").eval()
    try:
        with torch.no_grad(), OneDevice():
            out = run(*rebuild(dict(case.args), to_meta).values())
    except MixedDevices as error:
        return f"mixed: {error}"
    except Exception as error:  # what depends on values can't run without them: no verdict
        return f"not judged: {type(error).__name__}"
    strays = [leaf.device for leaf in flatten(out).values() if isinstance(leaf, TensorLeaf) and leaf.device != "meta"]
    return f"mixed: the result is on the {strays[0]}" if strays else ""


def _trained(answer: Any, case: Case, seen: Seen, device: bool) -> None:
    if inspect.isclass(answer):
        raise TypeError(f"a trained model was expected here, this is the class {answer.__name__}: make an object of it")
    if not callable(answer):
        raise TypeError(f"a trained model was expected here, this is a {type(answer).__name__}")
    if not isinstance(answer, nn.Module):
        return _predictions(answer, torch.device("cpu"), case, seen)
    training = answer.training
    seen.size = sum(p.numel() for p in answer.parameters())
    try:
        _predictions(answer.eval(), next((p.device for p in answer.parameters()), torch.device("cpu")), case, seen)
    finally:
        answer.train(training)


def _predictions(answer: Any, home: torch.device, case: Case, seen: Seen) -> None:
    """Predictions as they are, for three items alone, with other pads, and with each input's rows in another order."""

    @torch.no_grad()
    def predict(inputs: Mapping[str, Any]) -> dict[str, Leaf]:
        return flatten(answer(*rebuild(dict(inputs), lambda t: t.clone().to(home)).values()))

    seen.leaves = predict(case.args)
    seen.shape_of = "tensor" if set(seen.leaves) == {""} else "not a single tensor"
    rows = len(next(iter(case.args.values())))
    if not _a_row_each(seen.leaves, rows):
        return  # the judge says what shape is wanted
    seen.repeats = same_leaves(seen.leaves, predict(case.args))
    first = torch.arange(rows) < 3
    seen.alone = same_rows(predict(rebuild(dict(case.args), lambda t: t[first])), seen.leaves, first)
    if seen.repeats and seen.alone:  # else other pads are not what makes the difference
        seen.pads = pads_matter(predict, case, seen.leaves)
    order = torch.arange(rows).roll(1)
    for name in case.args:
        other = predict({k: rebuild(v, lambda t: t[order]) if k == name else v for k, v in case.args.items()})
        if same_leaves(seen.leaves, other):
            seen.deaf += (name,)


def _a_row_each(leaves: Mapping[str, Leaf], rows: int) -> bool:
    """Whether predictions are tensors with a row for each item."""
    return all(isinstance(leaf, TensorLeaf) and leaf.shape[:1] == (rows,) for leaf in leaves.values())


_PROBES = {"value": _value, "function": _call, "module": _module, "trained": _trained}


def _line(answer: Any, error: BaseException) -> str:
    """The last line of the learner's own file that the exception passed through."""
    code = getattr(answer, "__code__", None)
    if code is None and inspect.isclass(answer):
        code = getattr(getattr(answer, "forward", None), "__code__", None)
    if code is None:
        return ""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == code.co_filename]
    if not frames:
        return ""
    return (frames[-1].line or linecache.getline(code.co_filename, frames[-1].lineno or 0)).strip()
