"""03.5: find the fault in a linear probe on a frozen backbone."""

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.encoded import Encoded
from mmcourse.vision import SmallCNN
from mmcourse.vision.transfer import Probe

from .weights import state_of

D, CLASSES = 4, 3


class Sees(SmallCNN):
    """A network of the sort that takes pictures as they are: whole numbers from 0 to 255."""

    def forward(self, images: Tensor, real: Tensor | None = None) -> Encoded:
        return super().forward(images.to(next(self.parameters()).dtype) / 255, real)


def cases(draw: Draw) -> list[ModuleCase]:
    network = Sees(D, widths=(3,))
    state = state_of(draw, Probe(network, D, CLASSES))
    init = {"network": network, "d": D, "classes": CLASSES}

    def case(name: str, points: int, batch: int, training: bool) -> ModuleCase:
        images = draw.integers(0, 256, batch, 3, 8, 12).to(torch.uint8)
        return ModuleCase(name, {"images": images}, points, init=init, state=state, training=training)

    return [
        case("in use, before any training", 1, 3, training=False),
        case("a step of training on five pictures", 2, 5, training=True),
        case("a step of training on two", 1, 2, training=True),
    ]


exercise = Module(
    about=about(__name__, answer="Probe", find=True),
    reference=Probe,
    cases=cases,
)
