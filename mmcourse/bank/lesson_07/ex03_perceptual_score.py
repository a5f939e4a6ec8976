"""07.3: the perceptual score."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.diagnose.tables import perceived

from .tables import partners, votes_table


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, k: int, r: int, votes: tuple[float, float, float], side: str) -> Case:
        table, labels = votes_table(draw, n, k, *votes)
        args = {"table": table, "labels": labels, "partners": partners(draw, n, r), "side": side}
        return Case(name, args, points)

    return [
        case("the picture, one shuffle", 1, 37, 3, 1, (2.0, 0.7, 0.0), "image"),
        case("the text, several shuffles", 1, 29, 4, 6, (0.8, 1.6, 0.4), "text"),
        case("the picture of a model that looks at both", 1, 31, 3, 5, (0.7, 0.5, 2.0), "image"),
        case("a text that misleads", 2, 35, 3, 5, (2.0, -1.6, 0.0), "text"),
    ]


exercise = Function(
    about=about(__name__, answer="perceptual_score"),
    reference=perceived,
    cases=cases,
)
