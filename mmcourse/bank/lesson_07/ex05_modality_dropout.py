"""07.5: modality dropout."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion.missing import modality_dropout


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        u: list[float],
        rate: float,
        d_f: int,
        d_g: int,
        rows: list[list[bool]] | None = None,
    ) -> Case:
        there = torch.tensor(rows or [[True, True]] * len(u))
        image, text = draw.normal(len(u), d_f, shift=0.5, strided=True), draw.normal(len(u), d_g, shift=-0.5)
        args = {"image": image, "text": text, "there": there, "u": torch.tensor(u, dtype=torch.float64), "rate": rate}
        twin = args | {
            "image": image.masked_fill(~there[:, :1], torch.nan),
            "text": text.masked_fill(~there[:, 1:], torch.inf),
        }
        return Case(name, args, points, twin=twin, twin_says="only what stands in a missing half changes")

    return [
        case("one sample, its picture goes", 1, [0.1], 0.4, 3, 4),
        case("five samples", 2, [0.9, 0.05, 0.25, 0.3, 0.6], 0.5, 4, 3),
        case("on the edge", 1, [0.25, 0.5, 0.0, 0.75], 0.5, 2, 5),
        case("nothing is to be lost", 1, [0.0, 0.6, 0.2], 0.0, 3, 2),
        case(
            "some have only one from the start",
            2,
            [0.1, 0.1, 0.4, 0.4, 0.1, 0.9],
            0.6,
            3,
            4,
            [[True, False], [False, True], [True, False], [False, True], [True, True], [False, False]],
        ),
    ]


exercise = Function(
    about=about(__name__, answer="modality_dropout"),
    reference=modality_dropout,
    cases=cases,
)
