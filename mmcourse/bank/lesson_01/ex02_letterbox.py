"""01.2: letterbox."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.preprocess import letterbox


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, high: int, wide: int, size: int, fill: float) -> Case:
        image = draw.normal(3, high, wide)
        image[:, :2, :2] = fill  # part of the picture looks like the pads
        return Case(name, {"image": image, "size": size, "fill": fill}, points)

    return [
        case("higher than wide", 1, 12, 7, 8, 0.5),
        case("wider than high", 1, 5, 15, 10, -1.5),
        case("smaller than the square", 1, 3, 5, 8, 2.0),
        case("a square", 0, 7, 7, 4, 1.0),
        case("a line", 1, 41, 1, 12, -0.5),
    ]


exercise = Function(
    about=about(__name__, answer="letterbox"),
    reference=letterbox,
    cases=cases,
)
