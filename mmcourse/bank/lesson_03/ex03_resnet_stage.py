"""03.3: a stage of a ResNet."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.vision.resnet import Stage

from .weights import state_of


def cases(draw: Draw) -> list[ModuleCase]:
    def case(name: str, points: int, batch: int, **init: int) -> ModuleCase:
        x = draw.normal(batch, init["c_in"], 7, 5, shift=0.3)
        return ModuleCase(name, {"x": x}, points, init=init, state=state_of(draw, Stage(**init)))

    return [
        case("half the size, more channels", 2, 1, c_in=3, c_out=4, blocks=3, stride=2),
        case("the shape stays", 1, 3, c_in=4, c_out=4, blocks=2, stride=1),
        case("more channels, the size stays", 1, 2, c_in=3, c_out=5, blocks=2, stride=1),
        case("half the size, as many channels", 1, 3, c_in=4, c_out=4, blocks=2, stride=2),
        case("a single block, a third of the size", 1, 2, c_in=4, c_out=4, blocks=1, stride=3),
    ]


exercise = Module(
    about=about(__name__, answer="Stage"),
    reference=Stage,
    cases=cases,
)
