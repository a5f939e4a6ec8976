"""09.5: The article's program, the picture's side: the program, right and wrong."""

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case, Draw

MEAN, STD = (124.0, 116.0, 104.0), (58.0, 57.0, 60.0)


class Pictures(nn.Module):
    """Pictures (B, 3, H, W), whole numbers from 0 to 255 -> (B, C), by a network that somebody else trained.

    network     forward(pixels on the scale of its training) -> (B, C, H', W'); training leaves it as it is
    mean, std   (3,) of its training pixels, in units of 0 to 255
    """

    def __init__(self, network: nn.Module, mean: Tensor, std: Tensor):
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def train(self, mode: bool = True):
        super().train(mode)
        self.network.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        pixels = (images - self.mean[:, None, None]) / self.std[:, None, None]  # (B, 3, H, W)
        return self.network(pixels).mean((2, 3))  # (B, C, H', W') -> (B, C)


def _network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(0.8))


def cases(draw: Draw) -> list[Case]:
    with torch.device("meta"):  # draws nothing, so that the dice fall alike for all
        module = Pictures(_network(), torch.zeros(3), torch.ones(3))
    state = draw.module(module) | {
        "mean": torch.tensor(MEAN, dtype=torch.double),
        "std": torch.tensor(STD, dtype=torch.double),
        "network.1.running_var": draw.normal(4, scale=0.3).exp(),
        "network.1.num_batches_tracked": torch.tensor(3),
    }
    init = {"network": _made(), "mean": torch.tensor(MEAN), "std": torch.tensor(STD)}

    def case(name: str, points: int, batch: int, high: int, wide: int, training: bool) -> Case:
        # Full or none of each colour: 255 / 255 is exact in any precision, so the order of the divisions is free.
        images = (255 * draw.integers(0, 2, batch, 3, high, wide)).to(torch.uint8)
        return Case(name, {"images": images}, points, init, state, training)

    return [
        case("one picture, in use", 1, 1, 6, 10, training=False),
        case("three pictures, in use", 1, 3, 8, 4, training=False),
        case("a step of training on four pictures", 2, 4, 6, 10, training=True),
    ]


def _made() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return _network()


class _Faulty(Pictures):
    """The program with the faults that are named, and the rest mended."""

    faults: frozenset[str] = frozenset()

    def __init__(self, network: nn.Module, mean: Tensor, std: Tensor):
        super().__init__(network, mean, std)
        self.network.requires_grad_("weights" in self.faults)

    def train(self, mode: bool = True):
        super().train(mode)
        self.network.train(mode and "statistics" in self.faults)
        return self

    def forward(self, images: Tensor) -> Tensor:
        if "input" in self.faults:
            images = torch.zeros_like(images)
        images = images.to(self.mean.dtype)
        return self.pool(self.network(images if "pixels" in self.faults else self.scaled(images)))

    def scaled(self, images: Tensor) -> Tensor:
        return (images - self.mean[:, None, None]) / self.std[:, None, None]

    def pool(self, grid: Tensor) -> Tensor:
        return grid if "map" in self.faults else grid.mean((2, 3))


def with_faults(faults: frozenset[str]) -> type[Pictures]:
    return type("Pictures", (_Faulty,), {"faults": faults})


FAULTS = {
    "input": (
        "the network is shown a picture of its own making",
        "Show two different pictures and compare what comes out. What does the network get to see, and whose is it?",
    ),
    "pixels": (
        "the pixels come as they are",
        "The network was trained on numbers near 0, and it is given numbers up to 255. What are `mean` and `std` for?",
    ),
    "weights": (
        "the network's weights learn",
        "A gradient reaches the network's weights, so the first steps, from a head that knows nothing, undo what "
        "somebody trained for days. What tells a weight that it shall not learn?",
    ),
    "statistics": (
        "the network's statistics move in training",
        "In training your pictures are measured by their neighbours, and the batch norms' running statistics drift, "
        "whether weights learn or not. Which mode should the network be in, and who changes it at every epoch?",
    ),
    "map": (
        "a map comes out where a vector is wanted",
        "A number for each channel and each place, and their number depends on the picture's size. What can be joined "
        "to the vector of a sentence?",
    ),
}


class Flat(_Faulty):
    def pool(self, grid):
        return grid.flatten(1)


class Max(_Faulty):
    def pool(self, grid):
        return grid.amax((2, 3))


class Total(_Faulty):
    def pool(self, grid):
        return grid.sum((2, 3))


class Channels(_Faulty):
    def pool(self, grid):
        return grid.mean(1).flatten(1)


class Corner(_Faulty):
    def pool(self, grid):
        return grid[:, :, 0, 0]


class BySelf(_Faulty):
    """Each picture is measured by its own pixels."""

    def scaled(self, images):
        return (images - images.mean((2, 3), keepdim=True)) / images.std((2, 3), keepdim=True)


class OneUnit(_Faulty):
    """Pixels from 0 to 1, and a mean in units of 0 to 255."""

    def scaled(self, images):
        return super().scaled(images / 255)


class UnitOnly(_Faulty):
    def scaled(self, images):
        return images / 255


class Centred(_Faulty):
    def scaled(self, images):
        return images - self.mean[:, None, None]


class Variance(_Faulty):
    def scaled(self, images):
        return (images - self.mean[:, None, None]) / self.std[:, None, None].square()


class Exchanged(_Faulty):
    """Blue for red, as cv2 reads pictures."""

    def scaled(self, images):
        return super().scaled(images.flip(1))


class NoMomentum(_Faulty):
    faults = frozenset({"statistics"})

    def __init__(self, network, mean, std):
        super().__init__(network, mean, std)
        for part in self.network.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = 0.0


class NotGivenBack(_Faulty):
    def train(self, mode=True):
        super().train(mode)
