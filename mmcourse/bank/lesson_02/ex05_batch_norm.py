"""02.5: batch norm, in training and in eval."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.vision.norm import batch_norm

Shape = tuple[int, int, int, int]


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, shape: Shape, training: bool, momentum: float, eps: float = 1e-5) -> Case:
        c = shape[1]
        args = {
            "x": draw.normal(*shape, scale=1.7, shift=0.8, strided=not training),
            "mean": draw.normal(c),
            "var": draw.normal(c).square() + 0.4,
            "weight": draw.normal(c, shift=1.0),
            "bias": draw.normal(c),
        }
        return Case(name, args | {"training": training, "momentum": momentum, "eps": eps}, points, gradients=training)

    return [
        case("in training", 2, (3, 4, 2, 5), True, 0.1),
        case("in training, one picture, another momentum", 1, (1, 2, 3, 4), True, 0.7),
        case("in training, a large eps", 1, (2, 3, 4, 2), True, 0.1, eps=0.5),
        case("in eval", 2, (3, 2, 4, 5), False, 0.1),
    ]


exercise = Function(
    about=about(__name__, answer="batch_norm"),
    reference=batch_norm,
    cases=cases,
)
