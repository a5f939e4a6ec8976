"""04.2: one step of a plain recurrent network."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.text.cells import rnn_cell

NAMES = ("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d_in: int, d: int, start: float = 1.0, strided: bool = False) -> Case:
        shapes = ((batch, d_in), (batch, d), (d, d_in), (d, d), (d,), (d,))
        x, h, *weights = (draw.normal(*shape, scale=0.5, shift=0.1) for shape in shapes)
        if strided:
            x = draw.normal(batch, d_in, strided=True)
        return Case(name, dict(zip(NAMES, (x, h * start, *weights), strict=True)), points)

    return [
        case("the first word, from a state of zeros", 1, 3, 4, 2, start=0.0),
        case("a later word", 1, 3, 4, 2, strided=True),
        case("a batch of one", 1, 1, 2, 5),
        case("as many features in as out", 1, 2, 3, 3),
    ]


exercise = Function(
    about=about(__name__, answer="rnn_cell"),
    reference=rnn_cell,
    cases=cases,
)
