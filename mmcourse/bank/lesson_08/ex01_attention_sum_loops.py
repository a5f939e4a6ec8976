"""08.1: a sum over all pairs, weighed by one softmax, in loops."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion.written_out import pair_sum


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, i: int, j: int, d: int, scale: float = 1.0) -> Case:
        f, g = draw.normal(i, d, shift=0.4, strided=True), draw.normal(j, d, shift=-0.5)
        return Case(name, {"f": f, "g": g, "scores": draw.normal(i, j, scale=scale)}, points)

    return [
        case("one region, one word", 1, 1, 1, 3),
        case("two regions, three words", 1, 2, 3, 4),
        case("as many regions as words, as many features", 1, 3, 3, 3),
        case("scores in the hundreds", 1, 4, 2, 3, 700.0),
    ]


exercise = Function(
    about=about(__name__, answer="pair_sum"),
    reference=pair_sum,
    cases=cases,
)
