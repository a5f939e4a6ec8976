"""The judge of trained models: predictions on held-out data against bars."""

import torch

from .exercise import Case, Exercise
from .leaves import TensorLeaf
from .probe import Seen
from .verdict import Result


def judge_trained(exercise: Exercise, case: Case, seen: Seen, said: str) -> list[Result]:
    """Gates on the logits, then a line for each bar; `said` is what to say of an answer that raised."""
    if seen.trouble:
        return [Result(bar.name, 0, bar.points, False, said) for bar in exercise.bars]
    out = seen.leaves.get("")
    classes = int(case.labels.max()) + 1
    good = isinstance(out, TensorLeaf) and out.shape == (len(case.labels), classes)
    says = (
        ""
        if good
        else f"expected one tensor of logits ({len(case.labels)}, {classes}), got {getattr(out, 'shape', seen.shape_of)}"
    )
    gates = [Result("shape of the logits", 0, 0, good, says)]
    if good:
        finite = bool(torch.isfinite(out.values).all())
        gates.append(
            Result("finite", 0, 0, finite, "" if finite else "some logits are nan or inf: did the training diverge?")
        )
        gates.append(
            Result(
                "alone as in company",
                0,
                0,
                seen.alone,
                "" if seen.alone else "the same item scores differently with other neighbours in its batch",
            )
        )
        gates.append(
            Result("the same twice", 0, 0, seen.repeats, "" if seen.repeats else "two calls with the same input differ")
        )
    if exercise.limit is not None:
        small = seen.size <= exercise.limit
        gates.append(
            Result(
                "size",
                0,
                0,
                small,
                "" if small else f"{seen.size:,} parameters, at most {exercise.limit:,} are allowed",
            )
        )
    score = exercise.score(out.values, case.labels) if good else float("nan")
    return gates + [
        Result(
            bar.name,
            bar.points * (score >= bar.score),
            bar.points,
            score >= bar.score,
            f"score {score:.3f}, the bar is {bar.score:.3f}",
        )
        for bar in exercise.bars
    ]
