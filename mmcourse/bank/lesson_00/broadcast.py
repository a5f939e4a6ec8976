"""00.3: A fusion that mixes its samples."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake


def unit_pair(image: Tensor, text: Tensor) -> Tensor:
    """Each vector divided by its own length, then side by side: (B, d), (B, e) -> (B, d + e)."""
    return torch.cat([F.normalize(image, dim=-1), F.normalize(text, dim=-1)], dim=-1)


def _given_pair(image, text):
    image = image / image.norm(dim=-1)
    text = text / text.norm(dim=-1, keepdim=True)
    return torch.cat([image, text], dim=-1)


def _by_column(image, text):
    return torch.cat([image / image.norm(dim=0, keepdim=True), text / text.norm(dim=-1, keepdim=True)], dim=-1)


def _both_by_column(image, text):
    return torch.cat([image / image.norm(dim=0), text / text.norm(dim=0)], dim=-1)


def _by_batch(image, text):
    return torch.cat([image / image.norm(), text / text.norm(dim=-1, keepdim=True)], dim=-1)


def _after_joining(image, text):
    return F.normalize(torch.cat([image, text], dim=-1), dim=-1)


def _not_at_all(image, text):
    return torch.cat([image, text / text.norm(dim=-1, keepdim=True)], dim=-1)


def _pair_cases(draw: Draw) -> list[Case]:
    def pair(batch: int, d: int, e: int) -> dict[str, Tensor]:
        return {"image": draw.normal(batch, d, shift=0.5), "text": draw.normal(batch, e, scale=3.0)}

    return [
        Case("as many samples as features", pair(4, 4, 6), points=2),
        Case("three samples, five features", pair(3, 5, 2), points=1),
        Case("a batch of one", pair(1, 5, 3), points=1),
    ]


broadcast = Exercise(
    id="00.3",
    title="A fusion that mixes its samples",
    kind="function",
    answer="fuse",
    reference=unit_pair,
    given=_given_pair,
    cases=_pair_cases,
    mistakes=(
        Mistake(
            "the length is taken down each column",
            "Your answer measures each feature of the picture across the batch. Whose length is meant, "
            "a picture's or a feature's? (lesson 00, 'The silent guest: broadcasting')",
            _by_column,
        ),
        Mistake(
            "both lengths are taken down the columns",
            "Your answer measures each feature across the batch, in both halves. Whose length is meant, a sample's? "
            "(lesson 00, 'The silent guest: broadcasting')",
            _both_by_column,
        ),
        Mistake(
            "one length is taken for the whole batch",
            "Without `dim`, `norm` gives a single number for all pictures together. May one picture's size change "
            "another's vector? (lesson 00, 'The silent guest: broadcasting')",
            _by_batch,
        ),
        Mistake(
            "the pair is normalised after it was joined",
            "The whole row has length 1 now, and the louder half keeps the larger share. Which of the two steps "
            "comes first in the docstring? (lesson 00, 'Side by side')",
            _after_joining,
        ),
        Mistake(
            "the image is no longer normalised",
            "The shapes fit again, but the promise was length 1 for both halves. Which line kept it for the text? "
            "(lesson 00, 'The silent guest: broadcasting')",
            _not_at_all,
        ),
    ),
    hints=(
        "Which two shapes meet in the first division, and what does broadcasting make of them?",
        "`image` is (B, d), its length is (B): lined up from the right, B stands under d. When does that run without "
        "complaint? Compare the second line.",
        "The lengths need a second axis of size 1, so that each row is divided by its own length: keep the axis that "
        "the norm removes.",
    ),
)
