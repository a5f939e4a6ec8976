"""10.6: the first few reranked."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.search import rerank


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, m: int, k: int, again: Tensor | None = None) -> Case:
        again = draw.normal(n, k, scale=2.0, shift=-0.5) if again is None else again
        return Case(name, {"scores": draw.normal(n, m, scale=0.5, strided=True), "again": again}, points)

    scales = torch.tensor([[3e4], [1.0], [1e-6]])
    return [
        case("one picture, all texts looked at again", 1, 1, 5, 5),
        case("the first three of eight", 2, 4, 8, 3),
        case("the first six of nine", 1, 3, 9, 6),
        # Long lists: on a short one torch's sort keeps equal numbers in their order though it does not promise to.
        case("a matcher that can't decide everywhere", 1, 3, 120, 100, draw.integers(0, 3, 3, 100).double()),
        case("a matcher on another scale", 1, 6, 9, 5, draw.normal(6, 5) * scales.repeat(2, 1)),
    ]


exercise = Function(
    about=about(__name__, answer="rerank"),
    reference=rerank,
    cases=cases,
)
