"""What an answer returned, as plain data: nested containers taken apart into named leaves."""

import copy
import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class TensorLeaf:
    """A tensor as seen: `values` is a copy on the CPU, or None where the tensor has none (meta)."""

    shape: tuple[int, ...]
    dtype: str
    device: str
    values: Tensor | None

    @classmethod
    def of(cls, tensor: Tensor) -> "TensorLeaf":
        values = None if tensor.is_meta else tensor.detach().cpu().clone().as_subclass(Tensor)
        return cls(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), tensor.device.type, values)


@dataclass(frozen=True)
class PlainLeaf:
    """A number, a string, a bool or None; anything else is seen by the name of its type."""

    value: Any


Leaf = TensorLeaf | PlainLeaf


def flatten(value: Any, path: str = "") -> dict[str, Leaf]:
    """Leaves by path: `['image']`, `[0]`, `.mask`; a lone tensor's path is ''."""
    if isinstance(value, Tensor):
        return {path: TensorLeaf.of(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return {path: PlainLeaf(value)}
    parts = children(value)
    if parts is None:
        return {path: PlainLeaf(f"an object of type {type(value).__name__}")}
    return {p: leaf for step, part in parts for p, leaf in flatten(part, path + step).items()}


def skeleton(value: Any) -> str:
    """The containers of a nested value: `dict(image: tensor, words: list(tensor, tensor))`."""
    if isinstance(value, Tensor):
        return "tensor"
    parts = children(value)
    if parts is None:
        return type(value).__name__
    return f"{type(value).__name__}({', '.join(f'{step}: {skeleton(part)}' for step, part in parts)})"


def children(value: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container with the step that leads to each, or None for what is not a container."""
    if isinstance(value, Mapping):
        return [(f"[{key!r}]", part) for key, part in value.items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(f".{name}", getattr(value, name)) for name in value._fields]
    if isinstance(value, list | tuple):
        return [(f"[{i}]", part) for i, part in enumerate(value)]
    if isinstance(value, nn.Module):  # its weights and statistics; not its mode, which an answer may set
        return [(f".{name}", tensor) for name, tensor in value.state_dict().items()]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(f".{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value)]
    return None


def rebuild(value: Any, change) -> Any:
    """The same nested value with `change` applied to each tensor; containers are new, other leaves the same.

    A module is a container of its weights and statistics.

    Not built on `device.move`: an exercise re-derives that, and probes must run where its reference is not.
    """
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        kind: Callable[..., Any] = type(value)
        return kind({key: rebuild(part, change) for key, part in value.items()})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(rebuild(part, change) for part in value))
    if isinstance(value, list | tuple):
        return type(value)(rebuild(part, change) for part in value)
    if isinstance(value, nn.Module):
        return _rebuilt(value, change)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value, **{f.name: rebuild(getattr(value, f.name), change) for f in dataclasses.fields(value)}
        )
    return value


def _rebuilt(module: nn.Module, change) -> nn.Module:
    module = copy.deepcopy(module)
    for part in module.modules():
        for name, weight in part._parameters.items():
            if weight is not None:
                part._parameters[name] = nn.Parameter(change(weight.detach()).detach(), weight.requires_grad)
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = change(buffer).detach()
    return module


def same_leaf(a: Leaf, b: Leaf) -> bool:
    """Whether two leaves are alike: dtype, device, shape, and values within the tolerance below (NaN = NaN).

    A number may come as a tensor without axes.
    """
    if isinstance(a, PlainLeaf) or isinstance(b, PlainLeaf):
        x, y = plain_value(a), plain_value(b)
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in (x, y)):
            return math.isclose(x, y, rel_tol=RTOL_NUMBER, abs_tol=ATOL) or (math.isnan(x) and math.isnan(y))
        return x == y
    if (a.shape, a.dtype, a.device) != (b.shape, b.dtype, b.device):
        return False
    return a.values is None or b.values is None or close(a.values, b.values)


def plain_value(leaf: Leaf) -> Any:
    """The value of a leaf that is one number or word; 'a tensor' for any other tensor."""
    if isinstance(leaf, PlainLeaf):
        return leaf.value
    return leaf.values.item() if leaf.shape == () and leaf.values is not None else "a tensor"


def same_leaves(a: Mapping[str, Leaf], b: Mapping[str, Leaf]) -> bool:
    """Whether two answers have the same leaves at the same paths."""
    return a.keys() == b.keys() and all(same_leaf(a[path], b[path]) for path in a)


RTOL, ATOL = 1e-7, 1e-9  # float64; what another order of summation may change
RTOL_NUMBER = 1e-6  # a Python number, which may have been a float32
RTOL_SINGLE, ATOL_SINGLE = 1e-4, 1e-5  # float32


def close(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors of one shape and dtype agree within the tolerance."""
    return bool(differs(a, b).logical_not().all())


def differs(a: Tensor, b: Tensor) -> Tensor:
    """Where two tensors of one shape and dtype differ by more than the tolerance. Bool, same shape."""
    if not a.is_floating_point():
        return a != b
    rtol, atol = (RTOL, ATOL) if a.dtype == torch.float64 else (RTOL_SINGLE, ATOL_SINGLE)
    return ~torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
