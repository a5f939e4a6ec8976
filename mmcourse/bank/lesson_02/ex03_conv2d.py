"""02.3: convolution by hand, with stride and padding."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.vision.conv import conv2d

Shape = tuple[int, int, int, int]


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, x: Shape, weight: Shape, stride: int, padding: int, strided: bool = False) -> Case:
        args = {"x": draw.normal(*x, strided=strided), "weight": draw.normal(*weight), "bias": draw.normal(weight[0])}
        return Case(name, args | {"stride": stride, "padding": padding}, points)

    return [
        case("one channel, one kernel", 1, (1, 1, 5, 6), (1, 1, 3, 3), 1, 0),
        case("more channels, more kernels", 1, (3, 4, 6, 7), (5, 4, 2, 3), 1, 0, strided=True),
        case("padding", 1, (2, 3, 5, 4), (4, 3, 3, 3), 1, 2),
        case("a stride that leaves pixels over", 1, (2, 2, 8, 11), (3, 2, 3, 3), 3, 0),
        case("stride and padding", 1, (1, 3, 7, 6), (2, 3, 3, 2), 2, 1),
    ]


exercise = Function(
    about=about(__name__, answer="conv2d"),
    reference=conv2d,
    cases=cases,
)
