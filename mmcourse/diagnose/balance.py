"""A set in which a question alone tells nothing: each of its answers equally often."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor


def balanced(questions: Sequence[str], labels: Sequence[int] | Tensor) -> Tensor:
    """Rows (M,) of a set, in rising order, among which every question has each of its answers equally often.

    Of a question's answers the rarest sets the number, and of the others the first so many are kept. Whoever reads
    only the question is then right on one of its answers in however many it has: one half where it has two.
    Source: the idea of VQA v2, Goyal et al. 2017, arXiv:1612.00837, who collected a second picture for each question
    where this drops questions.
    """
    rows: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, (question, label) in enumerate(zip(questions, torch.as_tensor(labels).tolist(), strict=True)):
        rows[question][label].append(i)
    kept = [i for of in rows.values() for some in of.values() for i in some[: min(map(len, of.values()))]]
    return torch.tensor(sorted(kept), dtype=torch.long)
