"""10.4: recall at k, with ties and several right answers."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.match import recall_at


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, k: int, scores: Tensor, right: Tensor) -> Case:
        return Case(name, {"k": k, "scores": scores, "right": right}, points)

    def one_each(n: int, m: int) -> Tensor:
        right = torch.zeros(n, m, dtype=torch.bool)
        right[torch.arange(n), draw.integers(0, m, n)] = True
        return right

    def several(n: int, m: int, share: int) -> Tensor:
        return (draw.integers(0, share, n, m) == 0) | one_each(n, m)

    def few_values(n: int, m: int, values: int) -> Tensor:
        return draw.integers(0, values, n, m).double() / 2 - 0.3

    some_without = several(30, 9, 5)
    some_without[draw.permutation(30)[:8]] = False
    tied, of_ten = few_values(47, 10, 4), several(47, 10, 4)
    tied[:3], of_ten[:3] = 0.2, torch.arange(10) % 4 == 1  # all ten tie, three of them right: 1 - 35/120, not 9/10
    return [
        case("one right answer, no ties", 1, 2, draw.normal(40, 7, strided=True), one_each(40, 7)),
        case("several right answers", 1, 2, draw.normal(31, 9), several(31, 9, 4)),
        case("queries without a right answer", 1, 3, draw.normal(30, 9), some_without),
        case("a model that scores all alike", 1, 1, torch.full((45, 8), 0.7, dtype=torch.float64), one_each(45, 8)),
        case("ties, one right answer", 1, 2, few_values(53, 6, 3), one_each(53, 6)),
        case("ties, several right answers", 1, 3, tied, of_ten),
    ]


exercise = Function(
    about=about(__name__, answer="recall_at"),
    reference=recall_at,
    cases=cases,
)
