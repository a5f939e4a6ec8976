"""05.6: the Transformer encoder with mean pooling."""

from typing import Any

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.text.transformer import TransformerEncoder

INIT: dict[str, Any] = {"vocabulary": 11, "d": 8, "heads": 2, "depth": 2, "hidden": 12, "longest": 9}


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(TransformerEncoder(**INIT))
    state["vectors.weight"][0] = 0  # padding_idx

    def case(name: str, points: int, *lengths: int, size: int) -> ModuleCase:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, 11, len(lengths), size).masked_fill(~mask, 0)
        junk = torch.where(mask, ids, 4)
        return ModuleCase(
            name,
            {"ids": ids, "mask": mask},
            points,
            init=INIT,
            state=state,
            twin={"ids": junk, "mask": mask},
            twin_says="only the ids of the pads change",
        )

    return [
        case("one sentence", 1, 5, size=5),
        case("three sentences of nine words", 1, 9, 9, 9, size=9),
        case("padded", 2, 2, 7, 4, size=7),
        case("with a sentence without words", 1, 0, 3, size=4),
    ]


exercise = Module(
    about=about(__name__, answer="TransformerEncoder"),
    reference=TransformerEncoder,
    cases=cases,
)
