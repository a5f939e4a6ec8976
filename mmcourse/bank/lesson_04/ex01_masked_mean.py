"""04.1: the masked mean over real words."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.text import masked_mean


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *lengths: int, size: int, strided: bool = False) -> Case:
        mask = draw.mask(*lengths, size=size)
        tokens = draw.normal(len(lengths), size, 3, shift=0.4, strided=strided)
        other = tokens.masked_fill(~mask[..., None], 9.0)  # other pads
        return Case(
            name,
            {"tokens": tokens, "mask": mask},
            points,
            twin={"tokens": other, "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    def spoilt(name: str, points: int, *lengths: int, size: int) -> Case:
        mask = draw.mask(*lengths, size=size)
        tokens = draw.normal(len(lengths), size, 3, shift=0.4)
        return Case(name, {"tokens": tokens.masked_fill(~mask[..., None], torch.nan), "mask": mask}, points)

    return [
        case("one sentence", 1, 4, size=4),
        case("a batch without padding", 1, 5, 5, size=5, strided=True),
        case("padded", 1, 2, 5, 4, size=6),
        spoilt("nan in the pads", 1, 3, 5, 1, size=5),
        case("a sentence without words", 1, 0, 3, size=4),
    ]


exercise = Function(
    about=about(__name__, answer="masked_mean"),
    reference=masked_mean,
    cases=cases,
)
