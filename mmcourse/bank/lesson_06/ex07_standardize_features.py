"""06.7: features standardised by what training knows."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion import standardise


def cases(draw: Draw) -> list[Case]:
    def case(name: str, n: int, m: int, d: int, strided: bool = False, scales: list[float] | None = None) -> Case:
        """New vectors that lie elsewhere than the training vectors, and closer together."""
        unit = torch.ones(d, dtype=torch.float64) if scales is None else torch.tensor(scales, dtype=torch.float64)
        train = draw.normal(n, d, scale=2.0, shift=1.5, strided=strided) * unit
        other = draw.normal(m, d, scale=0.7, shift=-0.4, strided=strided) * unit
        # No gradients are asked for: the scale is set before training, and who cuts them off is right.
        return Case(name, {"train": train, "other": other}, gradients=False)

    dead = case("two features that do not vary in training", 6, 4, 5)
    train, other = dead.args["train"], dead.args["other"]
    train[:, 1] = 2.0  # a sum of these is exact, so the spread is exactly 0
    other[:, 1] = torch.tensor([2.0, 2.5, 2.0, 1.25])
    train[:, 3] = draw.normal(6, scale=1e-9, shift=-1.2e-8)  # as the text encoder's are
    other[:, 3] = draw.normal(4, scale=1e-9, shift=-1.2e-8)
    return [
        case("three new vectors", 7, 3, 4, strided=True),
        case("more new vectors than training vectors", 4, 9, 3),
        case("a single new vector", 6, 1, 5),
        case("features on very different scales", 5, 3, 4, scales=[1e-3, 1.0, 40.0, 5000.0]),
        dead,
    ]


exercise = Function(
    about=about(__name__, answer="standardise"),
    reference=standardise,
    cases=cases,
)
