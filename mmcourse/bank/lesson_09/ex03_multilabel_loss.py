"""09.3: the binary cross-entropy of several labels, some of them unknown."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.several import several_loss


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str, points: int, batch: int, labels: int, known: list[list[int]] | None = None, scale: float = 2.0
    ) -> Case:
        mask = torch.ones(batch, labels, dtype=torch.bool) if known is None else torch.tensor(known).bool()
        holds = draw.integers(0, 2, batch, labels).bool()
        holds[0, 0], holds[-1, -1] = True, False  # one of each at least
        logits = draw.normal(batch, labels, scale=scale)
        if scale > 100:  # so that exp overflows in every draw, for a yes and for a no
            logits[0, 0], logits[-1, -1] = -900.0, 900.0
        args = {
            "logits": logits,
            "labels": holds,
            "known": mask,
            "weight": draw.integers(2, 9, labels),  # whole, so that nobody asks for its gradient: torch's own has none
        }
        return Case(name, args, points, twin=args | {"labels": holds ^ ~mask}, twin_says="only unknown labels change")

    known = [[1, 1, 0, 1], [1, 0, 0, 1], [0, 1, 0, 1]]
    return [
        case("one sample, all known", 1, 1, 3),
        case("three samples, all known", 1, 3, 4),
        case("some labels unknown", 2, 3, 4, known),
        case("scores in the hundreds", 1, 2, 3, [[1, 1, 1], [1, 0, 1]], scale=600.0),
        case("nothing known", 0, 2, 3, [[0, 0, 0], [0, 0, 0]]),
    ]


exercise = Function(
    about=about(__name__, answer="several_loss"),
    reference=several_loss,
    cases=cases,
)
