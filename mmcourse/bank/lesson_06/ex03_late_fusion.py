"""06.3: late fusion, with the prior counted once."""

from typing import Any

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion import late_fusion


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, prior: Tensor, scale: float = 1.0, **more: Any) -> Case:
        k = len(prior)
        apart = scale * torch.arange(batch, dtype=torch.float64)[:, None]  # rows whose logits lie far from each other
        return Case(
            name,
            {
                "image_logits": draw.normal(batch, k, scale=scale, shift=0.7) + 3 * apart,
                "text_logits": draw.normal(batch, k, scale=scale, strided=True),
                "log_prior": prior.log_softmax(-1),
            },
            points,
            **more,
        )

    return [
        # A prior that is the same for all may be left out: no gradient is asked of it.
        case("all classes equally common", 1, 3, torch.zeros(4, dtype=torch.float64), gradients=False),
        case("one class is rare", 2, 2, torch.tensor([1.0, 0.2, -2.5], dtype=torch.float64)),
        case("a batch of one", 1, 1, draw.normal(5)),
        case("very sure classifiers", 1, 3, draw.normal(4), scale=700.0),
    ]


exercise = Function(
    about=about(__name__, answer="late_fusion"),
    reference=late_fusion,
    cases=cases,
)
