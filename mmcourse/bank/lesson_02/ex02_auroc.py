"""02.2: AUROC, with ties."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.metrics import auroc


def cases(draw: Draw) -> list[Case]:
    def case(name: str, positives: int, negatives: int, scores: Tensor, points: int = 1) -> Case:
        labels = torch.tensor([1] * positives + [0] * negatives)
        order = draw.normal(len(labels)).argsort()
        return Case(name, {"scores": scores[order], "labels": labels[order]}, points, gradients=False)

    def normal(positives: int, negatives: int, apart: float, scale: float = 1.0, shift: float = 0.0) -> Tensor:
        """Scores of the positives first: theirs are `apart` higher on average."""
        return draw.normal(positives + negatives, scale=scale, shift=shift) + apart * (
            torch.arange(positives + negatives) < positives
        )

    upside_down = draw.normal(13).sort().values  # all positives below all negatives ...
    upside_down[[2, 9]] = upside_down[[9, 2]]  # ... but for one of each
    return [
        case("no two scores alike", 4, 7, normal(4, 7, 0.7)),
        case("few positives", 2, 15, normal(2, 15, 0.7)),
        case("a model that has it the wrong way round", 7, 6, upside_down),
        case("many ties", 6, 9, draw.integers(0, 4, 15) + (torch.arange(15) < 6).double(), points=2),
        case("very sure scores", 5, 6, normal(5, 6, 1.0, scale=4, shift=60)),
    ]


exercise = Function(
    about=about(__name__, answer="auroc"),
    reference=auroc,
    cases=cases,
)
