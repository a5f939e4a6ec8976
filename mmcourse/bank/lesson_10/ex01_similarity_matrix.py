"""10.1: find the fault in a similarity matrix."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.match import similarity


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, m: int, d: int, lengths: float = 1.0) -> Case:
        """Row i is `lengths` to the power i as long as the first."""
        longer = [lengths ** torch.arange(rows, dtype=torch.float64)[:, None] for rows in (n, m)]
        image = draw.normal(n, d, shift=0.3, strided=True) * longer[0]
        return Case(name, {"image": image, "text": draw.normal(m, d, shift=-0.2) * longer[1]}, points)

    return [
        case("one picture, three texts", 1, 1, 3, 4),
        case("more pictures than texts", 1, 5, 2, 3),
        case("vectors of very different lengths", 1, 3, 4, 5, lengths=10.0),
        case("as many pictures as texts as features", 1, 4, 4, 4, lengths=0.5),
    ]


exercise = Function(
    about=about(__name__, answer="similarity", find=True),
    reference=similarity,
    cases=cases,
)
