"""The judge of trained models: predictions on held-out data against bars."""

import torch

from .exercise import Case, Exercise
from .leaves import TensorLeaf
from .probe import Seen
from .verdict import Result, gate


def judge_trained(exercise: Exercise, case: Case, seen: Seen, said: str) -> list[Result]:
    """Gates on the logits, then a line for each bar; `said` is what to say of an answer that raised."""
    if said:
        return [Result(bar.name, 0, bar.points, False, said) for bar in exercise.bars]
    out = seen.leaves.get("")
    wanted = (len(case.labels), int(case.labels.max()) + 1)
    good = isinstance(out, TensorLeaf) and out.shape == wanted
    got = getattr(out, "shape", seen.shape_of)
    gates = [gate("shape of the logits", "" if good else f"expected one tensor of logits {wanted}, got {got}")]
    if good:
        finite = bool(torch.isfinite(out.values).all())
        gates += [
            gate("finite", "" if finite else "some logits are nan or inf: did the training diverge?"),
            gate("alone as in company", "" if seen.alone else "an item scores differently with other neighbours"),
            gate("the same twice", "" if seen.repeats else "two calls with the same input differ"),
        ]
    if exercise.limit is not None and seen.size > exercise.limit:
        gates.append(gate("size", f"{seen.size:,} parameters, at most {exercise.limit:,} are allowed"))
    score = exercise.score(out.values, case.labels) if good else float("nan")
    return gates + [
        Result(
            b.name, b.points * (score >= b.score), b.points, score >= b.score, f"{score:.3f}, the bar is {b.score:.3f}"
        )
        for b in exercise.bars
    ]
