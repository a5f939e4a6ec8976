"""01.1: pixels normalised with given statistics."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.preprocess import normalise


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, high: int, wide: int) -> Case:
        images = draw.integers(0, 256, batch, 3, high, wide).to(torch.uint8)
        mean = torch.tensor([0.48, 0.41, 0.29]) + draw.normal(3, scale=0.01).float()
        std = torch.tensor([0.31, 0.22, 0.14]) + draw.normal(3, scale=0.005).float()
        return Case(name, {"images": images, "mean": mean, "std": std}, points, gradients=False)  # given numbers

    return [
        case("pictures three pixels wide", 1, 2, 5, 3),
        case("pictures of another width", 2, 3, 4, 6),
        case("a batch of one", 1, 1, 2, 5),
    ]


exercise = Function(
    about=about(__name__, answer="normalise"),
    reference=normalise,
    cases=cases,
)
