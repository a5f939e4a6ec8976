"""02.4: max pooling by hand."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.vision.pool import max_pool2d

Shape = tuple[int, int, int, int]


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, x: Shape, kernel: int, stride: int, padding: int, shift: float = 0.0) -> Case:
        args = {"x": draw.normal(*x, shift=shift, strided=points == 1)}
        return Case(name, args | {"kernel": kernel, "stride": stride, "padding": padding}, points)

    return [
        case("windows side by side", 1, (1, 2, 6, 4), 2, 2, 0),
        case("an odd size: what is left over is dropped", 1, (3, 2, 7, 5), 2, 2, 0),
        case("windows that overlap", 1, (2, 3, 7, 8), 3, 2, 0),
        case("padding, and numbers below zero", 2, (2, 2, 5, 6), 3, 2, 1, shift=-2.5),
    ]


exercise = Function(
    about=about(__name__, answer="max_pool2d"),
    reference=max_pool2d,
    cases=cases,
)
