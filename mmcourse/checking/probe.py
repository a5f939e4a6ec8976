"""Probes: run an answer on a case and return what was seen, as plain data.

A probe runs beside the learner's code. It knows the inputs and nothing of the right answer. There is one for each kind
of case; none raises for what the answer does, hanging included.
"""

import inspect
import io
import linecache
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .case import Case, Entry, HeldOut, ModuleCase
from .leaves import Leaf, TensorLeaf, children, flatten, rebuild, same_leaves, skeleton
from .padding import pads_matter, same_rows
from .seen import Seen, SeenCall, SeenModel, SeenModule, SeenValue, Stand, Stub, TimedOut, Trouble
from .watch import MemoryWatch, MixedDevices, OneDevice, TookTooLong, time_limit, to_meta

SECONDS = 20.0


class _Printed(io.StringIO):
    """Keeps the first of what is printed, however much it is."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, 2000 - self.tell())])
        return len(text)


@contextmanager
def _watched(answer: Any, seen: Seen, seconds: float) -> Iterator[None]:
    """What every probe does around its calls: stops them, keeps what they print, notes what they raise."""
    printed = _Printed()
    try:
        with redirect_stdout(printed), time_limit(seconds), torch.random.fork_rng(devices=[]), torch.enable_grad():
            yield
    except TookTooLong:
        seen.trouble = TimedOut("TookTooLong", f"it was stopped after {seconds:g} seconds")
    except (Exception, SystemExit) as error:
        kind = Stub if type(error) is NotImplementedError and not str(error) else Trouble
        seen.trouble = kind(type(error).__name__, str(error), _line(answer, error))
    seen.printed = printed.getvalue()


def _need_one(answer: Any) -> None:
    if answer is None:
        raise NotImplementedError  # the stub of an answer that is not a function


def probe_value(answer: Any, entry: Entry, seconds: float = SECONDS) -> SeenValue:
    """One entry of a dict of values."""
    seen = SeenValue()
    with _watched(answer, seen, seconds):
        _need_one(answer)
        if not isinstance(answer, Mapping):
            raise TypeError(f"a dict with the names of the lines was expected here, this is a {type(answer).__name__}")
        seen.value = plain(answer.get(entry.name))
    return seen


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


def probe_call(answer: Any, case: Case, seconds: float = SECONDS, stand_in: bool = False) -> SeenCall:
    """A function; `stand_in`: also on meta tensors under a mode that refuses mixed devices."""
    seen = SeenCall()
    with _watched(answer, seen, seconds):
        _need_one(answer)
        if inspect.isclass(answer) or not callable(answer):
            name = f"the class {answer.__name__}" if inspect.isclass(answer) else f"of type {type(answer).__name__}"
            raise TypeError(f"a function was expected here, this is {name}")
        _observe(answer, case, seen, {})
        if stand_in and not seen.changed:
            seen.stand = _stand_in(answer, case)
    return seen


def probe_module(answer: Any, case: ModuleCase, seconds: float = SECONDS, stand_in: bool = False) -> SeenModule:
    """A class, with the case's weights copied in; `stand_in` as in `probe_call`."""
    seen = SeenModule()
    with _watched(answer, seen, seconds):
        _need_one(answer)
        if not (inspect.isclass(answer) and issubclass(answer, nn.Module)):
            raise TypeError(
                "a class that derives from nn.Module was expected here: pass the class, not an object of it"
            )
        module = _made(answer, case)
        seen.parameters = {name: tuple(value.shape) for name, value in module.state_dict().items()}
        wanted = {name: tuple(value.shape) for name, value in case.state.items()}
        own = {name for name, _ in module.named_parameters()}  # buffers of one's own are welcome
        if {name: shape for name, shape in seen.parameters.items() if name in wanted or name in own} != wanted:
            seen.unlike = True  # the judge compares the names; other weights can't be copied in
        else:
            module.load_state_dict(case.state, strict=False)
            module.eval()
            run = _trained_and_used(module, case) if case.training else module
            _observe(run, case, seen, dict(module.named_parameters()))
            if stand_in and not case.training and not seen.changed:
                seen.stand = _stand_in(_made(answer, case).to("meta").eval(), case)
    return seen


def _made(answer: type[nn.Module], case: ModuleCase) -> nn.Module:
    return answer(**rebuild(dict(case.init), torch.clone)).double()


def _trained_and_used(module: nn.Module, case: ModuleCase) -> Callable[..., dict[str, Any]]:
    """Calls a module in training mode and then in eval mode, each time from the case's weights and statistics."""

    def run(*inputs: Any) -> dict[str, Any]:
        with torch.no_grad():
            module.load_state_dict(case.state, strict=False)
        during = module.train()(*inputs)
        # A copy: the second call may move what the first one's gradient still needs.
        return {"in training": during, "afterwards": rebuild(module, torch.clone).eval()(*inputs)}

    return run


def _observe(run: Callable[..., Any], case: Case, seen: SeenCall, weights: dict[str, Tensor]) -> None:
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
        with MemoryWatch(*weights.values(), *_tensors(inputs)) as watch:  # gradients on: a graph that is kept counts
            run(*inputs.values())
        seen.peak = watch.peak
    if case.gradients and not seen.changed:
        _gradients(run, case, seen, weights)
    elif not seen.changed:
        with torch.no_grad():
            seen.repeats = same_leaves(seen.leaves, flatten(run(*rebuild(dict(case.args), torch.clone).values())))


def _gradients(run: Callable[..., Any], case: Case, seen: SeenCall, weights: dict[str, Tensor]) -> None:
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


def _tensors(value: Any) -> list[Tensor]:
    """The tensors of a nested value."""
    return [value] if isinstance(value, Tensor) else [x for _, part in children(value) or () for x in _tensors(part)]


def _floats(value: Any, path: str) -> dict[str, Tensor]:
    """The floating-point tensors of a nested value, by path."""
    if isinstance(value, Tensor):
        return {path: value} if value.is_floating_point() else {}
    return {p: x for step, part in children(value) or () for p, x in _floats(part, path + step).items()}


def _stand_in(run: Callable[..., Any], case: Case) -> Stand:
    """Whether `run` stays on its inputs' device, tried with meta tensors in place of a GPU's."""
    try:
        with torch.no_grad(), OneDevice():
            out = run(*rebuild(dict(case.args), to_meta).values())
    except MixedDevices as error:
        return Stand(judged=True, mixed=str(error))
    except Exception:  # what depends on values can't run without them: no verdict
        return Stand(judged=False)
    strays = [leaf.device for leaf in flatten(out).values() if isinstance(leaf, TensorLeaf) and leaf.device != "meta"]
    return Stand(judged=True, mixed=f"the result is on the {strays[0]}" if strays else "")


def probe_model(answer: Any, held_out: HeldOut, seconds: float = SECONDS) -> SeenModel:
    """A trained model, or any function that predicts."""
    seen = SeenModel()
    with _watched(answer, seen, seconds):
        _need_one(answer)
        if inspect.isclass(answer):
            raise TypeError(
                f"a trained model was expected here, this is the class {answer.__name__}: make an object of it"
            )
        if not callable(answer):
            raise TypeError(f"a trained model was expected here, this is a {type(answer).__name__}")
        if not isinstance(answer, nn.Module):
            _predictions(answer, torch.device("cpu"), held_out, seen)
            return seen
        training = answer.training
        seen.size = sum(p.numel() for p in answer.parameters())
        try:
            home = next((p.device for p in answer.parameters()), torch.device("cpu"))
            _predictions(answer.eval(), home, held_out, seen)
        finally:
            answer.train(training)
    return seen


def _predictions(answer: Callable[..., Any], home: torch.device, held_out: HeldOut, seen: SeenModel) -> None:
    """Predictions as they are, for three items alone, with other pads, and with each input's rows in another order."""

    @torch.no_grad()
    def predict(inputs: Mapping[str, Any]) -> dict[str, Leaf]:
        return flatten(answer(*rebuild(dict(inputs), lambda t: t.clone().to(home)).values()))

    seen.leaves = predict(held_out.inputs)
    seen.shape_of = "tensor" if set(seen.leaves) == {""} else "not a single tensor"
    rows = len(next(iter(held_out.inputs.values())))
    if not _a_row_each(seen.leaves, rows):
        return  # the judge says what shape is wanted
    seen.repeats = same_leaves(seen.leaves, predict(held_out.inputs))
    first = torch.arange(rows) < 3
    seen.alone = same_rows(predict(rebuild(dict(held_out.inputs), lambda t: t[first])), seen.leaves, first)
    if seen.repeats and seen.alone:  # else other pads are not what makes the difference
        seen.pads = pads_matter(predict, held_out, seen.leaves)
    order = torch.arange(rows).roll(1)
    for name in held_out.inputs:
        turned = {k: v[order] if k == name else v for k, v in held_out.inputs.items()}
        if same_leaves(seen.leaves, predict(turned)):
            seen.deaf += (name,)


def _a_row_each(leaves: Mapping[str, Leaf], rows: int) -> bool:
    """Whether predictions are tensors with a row for each item."""
    return all(isinstance(leaf, TensorLeaf) and leaf.shape[:1] == (rows,) for leaf in leaves.values())


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
