"""06.6: find the fault in a gate over modalities."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion import mix


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, rows: list[list[bool]], d: int, shift: float = 0.0) -> Case:
        there = torch.tensor(rows)
        parts, scores = draw.normal(*there.shape, d, shift=0.4), draw.normal(*there.shape, d, shift=shift)
        absent = ~there[..., None]
        twin = {
            "parts": parts.masked_fill(absent, 8.0),
            "scores": scores.masked_fill(absent, shift + 3.0),
            "there": there,
        }
        says = "only what an absent modality holds changes"
        args = {"parts": parts, "scores": scores, "there": there}
        return Case(name, args, points, twin=twin, twin_says=says)

    return [
        case("a batch of one, both there", 1, [[True, True]], 4),
        case("three samples, both there", 2, [[True, True]] * 3, 5),
        case("here the picture is missing, there the text", 1, [[False, True], [True, True], [True, False]], 3),
        # Only differences of scores matter: where all lie far below 0, a fill of -10,000 would win.
        case("three modalities, and once none", 1, [[True, False, True], [False, False, False]], 5, shift=-2e4),
    ]


exercise = Function(
    about=about(__name__, answer="mix", find=True),
    reference=mix,
    cases=cases,
)
