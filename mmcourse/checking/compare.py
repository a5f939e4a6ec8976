"""What differs between two answers, where and by how much, in words; '' where nothing does."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from .leaves import Leaf, PlainLeaf, TensorLeaf, differs, plain_value, same_leaf


def compare(yours: Mapping[str, Leaf], expected: Mapping[str, Leaf], your_shape: str = "", its_shape: str = "") -> str:
    """What differs, where and by how much; '' where nothing does."""
    lone = expected.keys() == {""} and isinstance(expected[""], PlainLeaf)
    if not lone and your_shape != its_shape or yours.keys() != expected.keys():
        return f"returns {your_shape or 'another structure'} where {its_shape or 'the reference'} is expected"
    for path, right in expected.items():
        says = _leaf(yours[path], right)
        if says:
            return f"{'at ' + path + ' ' if path else ''}{says}"
    return ""


def _leaf(got: Leaf, right: Leaf) -> str:
    if isinstance(right, PlainLeaf):
        return "" if same_leaf(got, right) else f"yours {_show(plain_value(got))}, expected {_show(right.value)}"
    if not isinstance(got, TensorLeaf):
        return f"is {got.value!r}, expected a tensor"
    if got.shape != right.shape:
        return f"has shape {got.shape}, expected {right.shape}"
    if got.dtype != right.dtype:
        return f"has dtype {got.dtype}, expected {right.dtype}: does something inside bring its own dtype?"
    if got.device != right.device:
        return f"is on the device {got.device}, expected {right.device}"
    return "" if got.values is None or right.values is None else _values(got.values, right.values)


def _values(got: Tensor, right: Tensor) -> str:
    wrong = differs(got, right)
    if not wrong.any():
        return ""
    where = wrong.nonzero()[0].tolist()
    at = f", first at `{where}`" if where else ""
    a, b = got[tuple(where)].item(), right[tuple(where)].item()
    yours, expected = _show(a), _show(b)
    if yours == expected and isinstance(a, float):
        yours, expected = f"{a:.12g}", f"{b:.12g}"
    note = ""
    if got.is_floating_point() and not got.isfinite().all() and right.isfinite().all():
        note = " (a nan or inf: 0/0, or a whole row of -inf?)"
    many = f"; {int(wrong.sum())} of {wrong.numel()} entries differ" if wrong.numel() > 1 else ""
    return f"differs{at}: yours {yours}, expected {expected}{many}{note}"


def _show(x: Any) -> str:
    return f"{x:.4g}" if isinstance(x, float) else repr(x)


def wrong_gradients(yours: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str:
    """Which gradient is missing or another one, and how; '' where they agree."""
    for name, right in expected.items():
        got = yours.get(name)
        if got is None or got.shape != right.shape:
            return f"gives no gradient for {name}"
        if differs(got, right).any():
            if not got.any():
                return (
                    f"gives the right values, but no gradient reaches {name}: was it cut off (.detach, .item, .data)?"
                )
            return f"gives the right values, but another gradient for {name}: {_values(got, right)}"
    return ""
