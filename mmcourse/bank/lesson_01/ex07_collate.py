"""01.7: a collate function with two masks."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.preprocess import collate


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *sizes: tuple[int, int, int]) -> Case:
        items = []
        for label, (high, wide, length) in enumerate(sizes):
            image = draw.normal(3, high, wide)
            image[:, 0, :1] = 0  # a black pixel is a pixel
            items.append((image, draw.integers(1, 50, length), (2 * label + 1) % 5))
        return Case(name, {"items": items}, points)

    return [
        case("pictures of one size", 1, (4, 5, 2), (4, 5, 6), (4, 5, 3)),
        case("sentences of one length", 1, (3, 5, 4), (6, 2, 4)),
        case("all sizes differ", 2, (3, 7, 2), (6, 4, 5), (5, 5, 3)),
        case("a batch of one", 1, (2, 3, 4)),
        case("no words at all", 1, (3, 4, 0), (5, 2, 0)),
    ]


exercise = Function(
    about=about(__name__, answer="collate"),
    reference=collate,
    cases=cases,
)
