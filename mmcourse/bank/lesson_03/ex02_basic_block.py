"""03.2: the basic residual block."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.vision.resnet import BasicBlock

from .weights import state_of


def cases(draw: Draw) -> list[ModuleCase]:
    def case(
        name: str,
        points: int,
        batch: int,
        c_in: int,
        c_out: int,
        stride: int,
        lift: float = 0.0,
        shift: float = 0.2,
    ) -> ModuleCase:
        init = {"c_in": c_in, "c_out": c_out, "stride": stride}
        state = state_of(draw, BasicBlock(**init))
        state["bn2.bias"] = state["bn2.bias"] + lift
        x = draw.normal(batch, c_in, 5, 7, shift=shift, strided=True)
        return ModuleCase(name, {"x": x}, points, init=init, state=state)

    return [
        case("a batch of one, the shape stays", 1, 1, 4, 4, 1),
        case("a correction that takes away", 2, 3, 4, 4, 1, lift=-1.5, shift=0.8),
        case("more channels", 1, 3, 4, 6, 1),
        case("half the size", 1, 2, 4, 6, 2),
        case("as many channels, half the size", 1, 3, 5, 5, 2),
    ]


exercise = Module(
    about=about(__name__, answer="BasicBlock"),
    reference=BasicBlock,
    cases=cases,
)
