"""05.4: sinusoidal position encodings."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.text.positions import sinusoids


def cases(draw: Draw) -> list[Case]:
    start = draw.integers(20, 90, 1).double()

    def case(name: str, places: Tensor, d: int) -> Case:
        return Case(name, {"places": places, "d": d}, gradients=False)  # nobody learns where a word stands

    return [
        case("the first place", torch.zeros(1, dtype=torch.float64), 6),
        case("seven places, eight features", torch.arange(7, dtype=torch.float64), 8),
        case("places further on, in any order", start + draw.normal(5, scale=9).round(), 10),
    ]


exercise = Function(
    about=about(__name__, answer="sinusoids"),
    reference=sinusoids,
    cases=cases,
)
