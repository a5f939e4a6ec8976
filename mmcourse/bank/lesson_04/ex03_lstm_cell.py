"""04.3: one step of an LSTM."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.text.cells import lstm_cell


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d_in: int, d: int, start: float = 1.0) -> Case:
        x, h, c = draw.normal(batch, d_in, strided=batch > 1), draw.normal(batch, d), draw.normal(batch, d, scale=1.5)
        shapes = ((4 * d, d_in), (4 * d, d), (4 * d,), (4 * d,))
        weights = (draw.normal(*shape, scale=0.5, shift=0.1) for shape in shapes)
        args = {"x": x, "state": (h * start, c * start)}
        return Case(name, args | dict(zip(("w_ih", "w_hh", "b_ih", "b_hh"), weights, strict=True)), points)

    return [
        case("the first word, from a state of zeros", 1, 3, 4, 2, start=0.0),
        case("a later word", 2, 3, 4, 2),
        case("a batch of one", 1, 1, 2, 5),
    ]


exercise = Function(
    about=about(__name__, answer="lstm_cell"),
    reference=lstm_cell,
    cases=cases,
)
