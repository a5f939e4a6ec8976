"""07.2: EMAP, the nearest sum."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.diagnose.tables import nearest_sum


def cases(draw: Draw) -> list[Case]:
    def table(n: int, k: int, scale: float = 1.5) -> Tensor:
        sides = draw.normal(n, 1, k, scale=scale) + draw.normal(1, n, k, scale=scale)
        return sides + draw.normal(n, n, k, shift=0.7, scale=scale)

    additive = draw.normal(5, 1, 3) + draw.normal(1, 5, 3) - torch.tensor([0.0, 1.0, 2.5])
    return [
        Case("one pair alone", {"table": table(1, 3)}),
        Case("four pairs", {"table": table(4, 2)}, 2),
        Case("six pairs, five classes, sure of themselves", {"table": table(6, 5, scale=9.0)}, 2),
        Case("a model that is a sum already", {"table": additive}),
    ]


exercise = Function(
    about=about(__name__, answer="emap"),
    reference=nearest_sum,
    cases=cases,
)
