"""The judge of trained models: predictions on held-out data against bars."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from .exercise import Case, Exercise
from .leaves import TensorLeaf
from .probe import Seen
from .verdict import Result, gate

UNREADABLE = ("finite", "shape of the logits", "shape of the vectors")  # where one of these is shut, nothing is scored


def judge_trained(exercise: Exercise, case: Case, seen: Seen, said: str) -> list[Result]:
    """Gates on what was predicted, then a line for each bar; `said` is what to say of an answer that raised."""
    if said:
        return [Result(bar.name, 0, bar.points, False, said) for bar in exercise.bars]
    what = "vectors" if exercise.vectors else "logits"
    wrong = _wrong_vectors(case, seen) if exercise.vectors else _wrong_logits(case, seen)
    gates = [gate(f"shape of the {what}", wrong)]
    score = float("nan")
    if not wrong:
        finite = all(bool(torch.isfinite(leaf.values).all()) for leaf in seen.leaves.values())
        gates += [
            gate("finite", "" if finite else f"some {what} are nan or inf: did the training diverge?"),
            gate("alone as in company", "" if seen.alone else "an item scores differently with other neighbours"),
            gate("the same twice", "" if seen.repeats else "two calls with the same input differ"),
        ]
        if case.pads:
            gates.append(gate("the same with other pads", "; ".join(seen.pads.values())))
        score = exercise.score(predictions(exercise, seen), case.labels) if finite else score
    if exercise.limit is not None and seen.size > exercise.limit:
        gates.append(gate("size", f"{seen.size:,} parameters, at most {exercise.limit:,} are allowed"))
    return gates + [
        Result(
            b.name, b.points * (score >= b.score), b.points, score >= b.score, f"{score:.3f}, the bar is {b.score:.3f}"
        )
        for b in exercise.bars
    ]


def predictions(exercise: Exercise, seen: Seen) -> Tensor:
    """What `exercise.score` sees: logits (N, classes), or cosines (N, N) of the first vectors with the second ones."""
    if not exercise.vectors:
        return seen.leaves[""].values
    first, second = (normalize(leaf.values.double(), dim=1) for leaf in seen.leaves.values())
    return first @ second.T


def _wrong_logits(case: Case, seen: Seen) -> str:
    out, wanted = seen.leaves.get(""), (len(case.labels), int(case.labels.max()) + 1)
    if isinstance(out, TensorLeaf) and out.shape == wanted:
        return ""
    return f"expected one tensor of logits {wanted}, got {getattr(out, 'shape', seen.shape_of)}"


def _wrong_vectors(case: Case, seen: Seen) -> str:
    n = len(case.labels)
    shapes = [leaf.shape if isinstance(leaf, TensorLeaf) else "no tensor" for leaf in seen.leaves.values()]
    good = all(len(shape) == 2 and shape[0] == n and shape[1] for shape in shapes)
    if len(shapes) == 2 and good and shapes[0] == shapes[1]:
        return ""
    got = ", ".join(map(str, shapes[:4])) or "nothing"
    return f"expected two tensors of one shape, ({n}, d) and ({n}, d), got {got}"
