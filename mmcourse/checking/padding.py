"""Pads must not matter to a trained model: how many there are, and what stands in them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from .case import HeldOut
from .leaves import Leaf, TensorLeaf, rebuild
from .seen import PadsLeak

Predict = Callable[[Mapping[str, Any]], dict[str, Leaf]]
NARROWEST = 4  # places: some layers can't look at fewer


WORDS: dict[PadsLeak, str] = {"other": "other numbers at its pads", "fewer": "fewer pads behind it"}


def pads_matter(predict: Predict, held_out: HeldOut, leaves: Mapping[str, Leaf]) -> dict[PadsLeak, str]:
    """What of the pads changes the predictions `leaves`, though it must not: 'fewer', 'other' or 'raises' -> words."""
    found: dict[PadsLeak, str] = {}
    for name, inputs, rows in _repadded(held_out):
        what = WORDS[name]
        try:
            if not same_rows(predict(inputs), leaves, rows):
                found[name] = f"an item with {what} scores differently"
        except Exception as error:
            found["raises"] = f"an item with {what} raises {type(error).__name__}: {error}"
    return found


def _repadded(held_out: HeldOut) -> Iterator[tuple[PadsLeak, dict[str, Any], Tensor]]:
    """The inputs with other pads, and which of its rows (N,) they are.

    Other pads are real places of other items. Fewer, never more: a table that was learnt for 16 places has no
    seventeenth. They can be left out where they all stand behind.
    """
    draw = torch.Generator().manual_seed(0)
    for name, padded in held_out.pads.items():
        mask, value = held_out.inputs[name], held_out.inputs[padded]  # (N, T), (N, T, ...)
        other, real = value.clone(), value[mask]  # (R, ...)
        other[~mask] = real[torch.randint(len(real), mask.shape, generator=draw)[~mask]]
        yield "other", {**held_out.inputs, padded: other}, torch.ones(len(mask), dtype=torch.bool)
        lengths, places = mask.sum(1), mask.shape[1]
        longest = max(places // 2, int(lengths.min()), NARROWEST)
        if longest < places and bool((mask[:, 1:] <= mask[:, :-1]).all()):
            rows = lengths <= longest
            few = rebuild(dict(held_out.inputs), lambda t, rows=rows: t[rows])
            yield "fewer", few | {n: few[n][:, :longest] for n in (name, padded)}, rows


def same_rows(some: Mapping[str, Leaf], leaves: Mapping[str, Leaf], rows: Tensor) -> bool:
    """Whether predictions for some items are nearly those that the same items, `rows` (N,), have among all."""
    return some.keys() == leaves.keys() and all(_near(some[path], leaves[path], rows) for path in some)


def _near(few: Leaf, leaf: Leaf, rows: Tensor) -> bool:
    """Within a thousandth: sums taken in another order move float32 logits by some millionths."""
    if not isinstance(few, TensorLeaf) or not isinstance(leaf, TensorLeaf) or few.values is None or leaf.values is None:
        return False
    if few.shape != (int(rows.sum()), *leaf.shape[1:]):
        return False
    alone, among = few.values.double(), leaf.values[rows].double()
    size = min(1.0, among.abs().max().item()) if among.numel() else 1.0
    return torch.allclose(alone, among, rtol=1e-3, atol=1e-3 * size, equal_nan=True)
