"""06.4: gated fusion."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.fusion import Gated

from .cases import D_F, D_G, D, fusion_case


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(Gated(D_F, D_G, D))
    wide = {name: value * 6 if name.startswith("gate") else value for name, value in state.items()}
    return [
        fusion_case(draw, state, "a batch of one", 1, 3, size=3),
        fusion_case(draw, state, "a batch of three", 2, 2, 4, 1, size=4),
        fusion_case(draw, wide, "gates that are nearly open or shut", 1, 3, 2, size=3),
    ]


exercise = Module(
    about=about(__name__, answer="Gated"),
    reference=Gated,
    cases=cases,
)
