"""08.2: a sum over all pairs, weighed by one softmax, within a bound on memory."""

from typing import Any

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion import attention_sum

LIMIT = 2**20  # bytes; the tensor of all pairs would be four times as large


def cases(draw: Draw) -> list[Case]:
    def inputs(f_lengths: tuple[int, ...], g_lengths: tuple[int, ...], i: int, j: int, d: int) -> dict[str, Tensor]:
        batch = len(f_lengths)
        return {
            "f": draw.normal(batch, i, d, shift=0.3, strided=True),
            "g": draw.normal(batch, j, d, shift=-0.4),
            "scores": draw.normal(batch, i, j),
            "f_mask": draw.mask(*f_lengths, size=i),
            "g_mask": draw.mask(*g_lengths, size=j),
        }

    def repadded(args: dict[str, Tensor]) -> dict[str, Tensor]:
        return args | {
            "f": args["f"].masked_fill(~args["f_mask"][..., None], 7.0),
            "g": args["g"].masked_fill(~args["g_mask"][..., None], -5.0),
            "scores": args["scores"].masked_fill(~(args["f_mask"][:, :, None] & args["g_mask"][:, None]), 5000.0),
        }

    def case(name: str, points: int, args: dict[str, Tensor], **more: Any) -> Case:
        return Case(name, args, points, twin=repadded(args), twin_says="only what stands in the pads changes", **more)

    large = inputs((2, 3), (4, 2), 3, 4, 3)
    large["scores"] = large["scores"] * 400 + torch.tensor([3000.0, 0.0])[:, None, None]
    return [
        case("a batch of one, no pads", 1, inputs((3,), (4,), 3, 4, 5)),
        case("padded words", 1, inputs((3, 3), (2, 4), 3, 4, 5)),
        case("padded regions and words", 1, inputs((2, 4, 3), (5, 1, 3), 4, 5, 2)),
        case("a sample without words", 1, inputs((3, 2), (0, 2), 3, 2, 4)),
        case("large scores", 1, large),
        case(
            "within memory", 2, inputs((49,) * 7, (20, 3, 11, 20, 20, 5, 9), 49, 20, 72), memory=LIMIT, gradients=False
        ),
    ]


exercise = Function(
    about=about(__name__, answer="attention_sum"),
    reference=attention_sum,
    cases=cases,
)
