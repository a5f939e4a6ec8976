"""The judge of trained models: predictions on held-out data against bars."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from .case import HeldOut
from .exercise import Trained
from .leaves import TensorLeaf
from .seen import SeenModel, tensor_of
from .verdict import Result, gate


def judge_model(exercise: Trained, held_out: HeldOut, seen: SeenModel, said: str) -> tuple[list[Result], bool]:
    """Gates on what was predicted, then a line for each bar; and whether the predictions could be read at all.

    said   what to say of an answer that raised
    """
    if said:
        return [Result(bar.name, 0, bar.points, False, said) for bar in exercise.bars], True
    what = "vectors" if exercise.vectors else "logits"
    wrong = _wrong_vectors(held_out, seen) if exercise.vectors else _wrong_logits(held_out, seen)
    gates = [gate(f"shape of the {what}", wrong)]
    score, finite = float("nan"), False
    if not wrong:
        finite = all(bool(torch.isfinite(tensor_of(leaf)).all()) for leaf in seen.leaves.values())
        gates += [
            gate("finite", "" if finite else f"some {what} are nan or inf: did the training diverge?"),
            gate("alone as in company", "" if seen.alone else "an item scores differently with other neighbours"),
            gate("the same twice", "" if seen.repeats else "two calls with the same input differ"),
        ]
        if held_out.pads:
            gates.append(gate("the same with other pads", "; ".join(seen.pads.values())))
        score = exercise.score(predictions(exercise, seen), held_out.labels) if finite else score
    if exercise.limit is not None and seen.size > exercise.limit:
        gates.append(gate("size", f"{seen.size:,} parameters, at most {exercise.limit:,} are allowed"))
    lines = [
        Result(
            b.name, b.points * (score >= b.score), b.points, score >= b.score, f"{score:.3f}, the bar is {b.score:.3f}"
        )
        for b in exercise.bars
    ]
    return gates + lines, finite


def predictions(exercise: Trained, seen: SeenModel) -> Tensor:
    """What `exercise.score` sees: logits (N, classes), or cosines (N, N) of the first vectors with the second ones."""
    if not exercise.vectors:
        return seen.logits
    first, second = (normalize(tensor_of(leaf).double(), dim=1) for leaf in seen.leaves.values())
    return first @ second.T


def _wrong_logits(held_out: HeldOut, seen: SeenModel) -> str:
    out, wanted = seen.leaves.get(""), (len(held_out.labels), int(held_out.labels.max()) + 1)
    if isinstance(out, TensorLeaf) and out.shape == wanted:
        return ""
    return f"expected one tensor of logits {wanted}, got {getattr(out, 'shape', seen.shape_of)}"


def _wrong_vectors(held_out: HeldOut, seen: SeenModel) -> str:
    n = len(held_out.labels)
    shapes = [leaf.shape if isinstance(leaf, TensorLeaf) else () for leaf in seen.leaves.values()]
    good = all(len(shape) == 2 and shape[0] == n and shape[1] for shape in shapes)
    if len(shapes) == 2 and good and shapes[0] == shapes[1]:
        return ""
    said = [str(leaf.shape) if isinstance(leaf, TensorLeaf) else "no tensor" for leaf in seen.leaves.values()]
    got = ", ".join(said[:4]) or "nothing"
    return f"expected two tensors of one shape, ({n}, d) and ({n}, d), got {got}"
