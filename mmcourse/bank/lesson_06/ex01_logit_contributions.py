"""06.1: the contributions of the two modalities to a linear head's logits."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion import votes


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, classes: int, d_f: int, d_g: int, strided: bool = False) -> Case:
        weight = draw.normal(classes, d_f + d_g, strided=strided)
        return Case(name, {"weight": weight, "f": draw.normal(batch, d_f), "g": draw.normal(batch, d_g)}, points)

    return [
        case("a batch of one, halves of equal size", 1, 1, 3, 4, 4),
        case("the picture has more features", 1, 3, 2, 7, 4, strided=True),
        case("the text has more features", 1, 2, 5, 3, 6),
    ]


exercise = Function(
    about=about(__name__, answer="votes"),
    reference=votes,
    cases=cases,
)
