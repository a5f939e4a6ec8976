"""07.1: accuracy with shuffled texts."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.diagnose.tables import shuffled_accuracy

from .tables import votes_table


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, k: int, r: int, image: float, text: float, both: float) -> Case:
        table, labels = votes_table(draw, n, k, image, text, both)
        orders = torch.stack([torch.tensor(draw.permutation(n)) for _ in range(r)])
        return Case(name, {"table": table, "labels": labels, "orders": orders}, points)

    return [
        case("one shuffle", 1, 41, 3, 1, 1.2, 0.8, 0.0),
        case("a model that looks at both", 2, 23, 4, 15, 1.0, 1.0, 1.5),
        case("a model that looks at the text alone", 1, 19, 3, 21, 0.0, 2.0, 0.0),
        case("few pairs, many shuffles", 1, 5, 2, 60, 0.6, 0.4, 0.5),
    ]


exercise = Function(
    about=about(__name__, answer="shuffled_accuracy"),
    reference=shuffled_accuracy,
    cases=cases,
)
