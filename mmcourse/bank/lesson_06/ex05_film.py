"""06.5: FiLM."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.fusion import FiLM

from .cases import D_F, D_G, D, fusion_case


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(FiLM(D_F, D_G, D))
    return [
        fusion_case(draw, state, "a batch of one, no pads", 1, 4, size=4),
        fusion_case(draw, state, "as many regions as pictures", 1, 3, 3, 3, size=3),
        fusion_case(draw, state, "padded regions", 1, 2, 4, 1, size=4),
        fusion_case(draw, state, "pads in front", 1, 1, 4, 3, size=4, front=True),
        fusion_case(draw, state, "a picture without regions", 1, 0, 3, size=3),
    ]


exercise = Module(
    about=about(__name__, answer="FiLM"),
    reference=FiLM,
    cases=cases,
)
