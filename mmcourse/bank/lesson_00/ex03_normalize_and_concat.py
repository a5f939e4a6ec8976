"""00.3: find the fault in a concatenation of normalised vectors."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function


def unit_pair(image: Tensor, text: Tensor) -> Tensor:
    """Each vector divided by its own length, then side by side: (B, d), (B, e) -> (B, d + e)."""
    return torch.cat([F.normalize(image, dim=-1), F.normalize(text, dim=-1)], dim=-1)


def cases(draw: Draw) -> list[Case]:
    def pair(batch: int, d: int, e: int) -> dict[str, Tensor]:
        return {"image": draw.normal(batch, d, shift=0.5), "text": draw.normal(batch, e, scale=3.0)}

    return [
        Case("as many samples as features", pair(4, 4, 6), points=2),
        Case("three samples, five features", pair(3, 5, 2), points=1),
        Case("a batch of one", pair(1, 5, 3), points=1),
    ]


exercise = Function(
    about=about(__name__, answer="fuse", find=True),
    reference=unit_pair,
    cases=cases,
)
