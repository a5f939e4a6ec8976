"""05.9: layer normalisation by hand."""

from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.text.norm import layer_norm


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, x: Tensor, eps: float = 1e-5) -> Case:
        d = x.shape[-1]
        gain, bias = draw.normal(d, scale=0.6, shift=1.2), draw.normal(d, shift=0.4)
        return Case(name, {"x": x, "gain": gain, "bias": bias, "eps": eps}, points)

    alike = draw.normal(2, 3, 5, shift=0.7)
    alike[1, 2] = 1.75  # one word, all its features
    return [
        case("three sentences", 2, draw.normal(3, 5, 4, scale=1.7, shift=0.8, strided=True)),
        case("a single word", 1, draw.normal(1, 1, 6, shift=-0.5)),
        case("features that hardly differ", 1, draw.normal(3, 4, 7, scale=0.003, shift=0.6)),
        case("a word whose features are all alike, and a large eps", 1, alike, eps=0.3),
    ]


exercise = Function(
    about=about(__name__, answer="layer_norm"),
    reference=layer_norm,
    cases=cases,
)
