"""09.5: find the faults in a frozen image encoder."""

from typing import Self

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase

MEAN, STD = (124.0, 116.0, 104.0), (58.0, 57.0, 60.0)


class Pictures(nn.Module):
    """Pictures (B, 3, H, W), whole numbers from 0 to 255 -> (B, C), by a network that somebody else trained.

    network     forward(pixels on the scale of its training) -> (B, C, H', W'); training leaves it as it is
    mean, std   (3,) of its training pixels, in units of 0 to 255
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: Tensor, std: Tensor):
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        self.network.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        pixels = (images - self.mean[:, None, None]) / self.std[:, None, None]  # (B, 3, H, W)
        return self.network(pixels).mean((2, 3))  # (B, C, H', W') -> (B, C)


def _network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(0.8))


def _made() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return _network()


def cases(draw: Draw) -> list[ModuleCase]:
    with torch.device("meta"):  # draws nothing, so that the dice fall alike for all
        module = Pictures(_network(), torch.zeros(3), torch.ones(3))
    state = draw.module(module) | {
        "mean": torch.tensor(MEAN, dtype=torch.double),
        "std": torch.tensor(STD, dtype=torch.double),
        "network.1.running_var": draw.normal(4, scale=0.3).exp(),
        "network.1.num_batches_tracked": torch.tensor(3),
    }
    init = {"network": _made(), "mean": torch.tensor(MEAN), "std": torch.tensor(STD)}

    def case(name: str, points: int, batch: int, high: int, wide: int, training: bool) -> ModuleCase:
        # Full or none of each colour: 255 / 255 is exact in any precision, so the order of the divisions is free.
        images = (255 * draw.integers(0, 2, batch, 3, high, wide)).to(torch.uint8)
        return ModuleCase(name, {"images": images}, points, init=init, state=state, training=training)

    return [
        case("one picture, in use", 1, 1, 6, 10, training=False),
        case("three pictures, in use", 1, 3, 8, 4, training=False),
        case("a step of training on four pictures", 2, 4, 6, 10, training=True),
    ]


exercise = Module(
    about=about(__name__, answer="Pictures", find=True),
    reference=Pictures,
    cases=cases,
)
