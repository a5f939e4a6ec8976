"""00.4: the majority-class baseline."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function


def majority_accuracy(train: Tensor, test: Tensor) -> float:
    """Share of `test` labels that equal the commonest `train` label: (N,), (M,) long -> a number in 0..1."""
    return (test == train.mode().values).double().mean().item()


def cases(draw: Draw) -> list[Case]:
    def labels(counts: dict[int, int]) -> Tensor:
        values = torch.cat([torch.full((n,), label) for label, n in counts.items()])
        return values[torch.randperm(len(values), generator=draw.generator)]

    def case(name: str, points: int, train: dict[int, int], test: dict[int, int]) -> Case:
        return Case(name, {"train": labels(train), "test": labels(test)}, points, gradients=False)

    return [
        case("the same commonest label in both", 1, {0: 2, 1: 9, 2: 3}, {0: 3, 1: 5, 2: 2}),
        case("the test set has another favourite", 2, {3: 5, 0: 4, 1: 3, 5: 1}, {3: 1, 0: 9, 5: 2}),
        case("labels with gaps, and one that the test set lacks", 1, {5: 5, 2: 2, 9: 4, 11: 4}, {2: 4, 5: 3, 9: 1}),
    ]


exercise = Function(
    about=about(__name__, answer="majority_accuracy"),
    reference=majority_accuracy,
    cases=cases,
)
