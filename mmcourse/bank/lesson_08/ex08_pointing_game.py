"""08.8: the pointing game."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.diagnose.pointing import grid_boxes, pointing


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        weights: Tensor,
        named: list[list[bool]],
        truth: Sequence[Sequence[float]],
        regions: Tensor,
    ) -> Case:
        args = {
            "weights": weights,
            "named": torch.tensor(named),
            "regions": regions.expand(len(weights), -1, -1) if regions.dim() == 2 else regions,
            "truth": torch.tensor(truth, dtype=torch.float64),
        }
        return Case(name, args, points, gradients=False)

    def jointly(batch: int, i: int, j: int) -> Tensor:
        return draw.normal(batch, i, j, scale=1.2).flatten(1).softmax(-1).view(batch, i, j)

    def parts(*rows: Sequence[float]) -> Tensor:
        """Weights of one word, in 64ths and quarters of them: equal ones stay equal however they are added up."""
        return torch.tensor(rows, dtype=torch.float64)[..., None] / 64

    wide, tiles = grid_boxes(2, 3, 24, 60).double(), grid_boxes(2, 2, 16, 16).double()
    padded = torch.stack([tiles, tiles.flip(0)])
    padded[0, 3], padded[1, 2:] = torch.tensor([1.0, 1, 3, 3]), torch.tensor([0.0, 0, 8, 8])
    held = jointly(2, 4, 2).masked_fill(torch.tensor([[0, 0, 0, 1], [0, 0, 1, 1]]).bool()[..., None], 0)
    held = held / held.sum((1, 2), keepdim=True)
    at_pads = case("pads among the regions", 1, held, [[True, False], [True, True]], [[0, 0, 8, 16]] * 2, padded)
    other = padded.clone()
    other[0, 3], other[1, 2:] = torch.tensor([9.0, 9, 11, 11]), torch.tensor([8.0, 8, 16, 16])
    nothing = torch.cat([jointly(1, 4, 2), torch.zeros(1, 4, 2, dtype=torch.float64), jointly(1, 4, 2)])
    return [
        case("one word, a wide picture", 1, jointly(2, 6, 1), [[True]] * 2, [[0, 0, 40, 12], [18, 11, 60, 24]], wide),
        case(
            "names of several words",
            2,
            jointly(3, 6, 4),
            [[False, True, True, False], [True, False, False, True], [False, True, True, True]],
            [[20, 0, 60, 24], [0, 12, 45, 24], [5, 2, 32, 20]],
            wide,
        ),
        case(
            "ties, and nearly",
            2,
            parts(
                *([24, 24, 8, 8], [20, 20, 20, 4], [8, 24, 8, 24], [30, 4, 30, 0], [16, 16, 16, 16]),
                *([32, 31.75, 0.25, 0], [24, 4, 24, 12], [24, 20, 20, 0]),
            ),
            [[True]] * 8,
            [
                *([0, 0, 8, 8], [8, 0, 16, 8], [8, 0, 16, 16], [8, 0, 16, 16], [0, 0, 8, 16]),
                *([8, 0, 16, 8], [0, 8, 8, 16], [0, 0, 8, 8]),
            ],
            tiles,
        ),
        case(
            "centres on the edge of the box",
            1,
            parts([34, 10, 15, 5], [10, 34, 5, 15], [5, 10, 34, 15], [7, 4, 12, 41]),
            [[True]] * 4,
            [[2.5, 2.5, 6, 6], [0, 0, 7.5, 7.5], [2, 7.5, 10, 10], [2.5, 2.5, 7.5, 7.5]],
            grid_boxes(2, 2, 10, 10).double(),
        ),
        case(
            "no attention for the name",
            1,
            nothing,
            [[False, False], [True, True], [False, True]],
            [[0, 0, 16, 9]] * 3,
            tiles,
        ),
        Case(
            at_pads.name,
            at_pads.args,
            1,
            gradients=False,
            twin={**at_pads.args, "regions": other},
            twin_says="only the boxes of pads change",
        ),
    ]


exercise = Function(
    about=about(__name__, answer="pointing"),
    reference=pointing,
    cases=cases,
)
