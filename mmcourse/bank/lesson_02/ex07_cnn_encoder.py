"""02.7: a CNN encoder that gives a vector, regions, and a mask that knows about the bars beside a picture."""

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.encoded import Encoded
from mmcourse.vision.regions import real_places, regions_of

D = 5


class CNN(nn.Module):
    """Two convolutions, each halving the picture. The exercise hands out its constructor."""

    def __init__(self, d: int):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(4, d, 3, padding=1), nn.BatchNorm2d(d), nn.ReLU(), nn.MaxPool2d(2)),
        )

    def forward(self, images: Tensor, real: Tensor) -> Encoded:
        return regions_of(self.layers(images), real_places(real, 4))


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(CNN(D))
    state = {name: value.abs() + 0.4 if name.endswith("running_var") else value for name, value in state.items()}

    def case(name: str, points: int, height: int, width: int, *kept: tuple[int, int, int, int]) -> ModuleCase:
        """Pictures whose real pixels are rows a to b and columns c to d, in bars of numbers like any others."""
        real = torch.zeros(len(kept), height, width, dtype=torch.bool)
        for mask, (top, bottom, left, right) in zip(real, kept, strict=True):
            mask[top:bottom, left:right] = True
        args = {"images": draw.normal(len(kept), 3, height, width, shift=0.2), "real": real}
        return ModuleCase(name, args, points, init={"d": D}, state=state)

    return [
        case("no bars, a batch of one", 1, 8, 12, (0, 8, 0, 12)),
        case("bars above and below, left and right", 2, 12, 16, (4, 8, 0, 14), (0, 12, 7, 11), (0, 12, 0, 16)),
        case("a picture with nothing real", 1, 8, 16, (0, 0, 0, 0), (2, 7, 3, 9)),
    ]


exercise = Module(
    about=about(__name__, answer="CNN"),
    reference=CNN,
    cases=cases,
)
