"""02.6: find two faults in an index of pictures: neighbours that matter, and regions that are none."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.encoded import Encoded


def index(images: Tensor, kernels: Tensor, mean: Tensor, var: Tensor, scale: Tensor, shift: Tensor) -> Encoded:
    """The right one: running statistics, and a region for each place, row by row."""
    grid = F.conv2d(images, kernels, padding=1)  # (B, d, H, W)
    grid = F.max_pool2d(F.batch_norm(grid, mean, var, scale, shift, training=False).relu(), 2)  # (B, d, H', W')
    tokens = grid.flatten(2).transpose(1, 2)  # (B, T, d)
    mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=grid.device)  # (B, T)
    return Encoded(grid.mean((2, 3)), tokens, mask)


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d: int, height: int, width: int) -> Case:
        args = {
            "images": draw.normal(batch, 3, height, width, shift=0.3),
            "kernels": draw.normal(d, 3, 3, 3, scale=0.4),
            "mean": draw.normal(d),
            "var": draw.normal(d).square() + 0.5,
            "scale": draw.normal(d, scale=0.3, shift=1.0),
            "shift": draw.normal(d, shift=0.4),
        }
        return Case(name, args, points, gradients=False)  # of an index nothing is learnt

    return [
        case("one feature: only the statistics matter", 1, 2, 1, 6, 8),
        case("a batch of one", 1, 1, 5, 4, 8),
        case("a batch of three", 2, 3, 4, 6, 4),
    ]


exercise = Function(
    about=about(__name__, answer="index", find=True),
    reference=index,
    cases=cases,
)
