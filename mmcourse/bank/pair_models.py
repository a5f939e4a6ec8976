"""What the trained exercises on image-text pairs share: how a model is scored, and how common mistakes are seen."""

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case
from mmcourse.checking.probe import Seen


def deaf_to(name: str):
    """Whether the input `name` makes no difference to a model."""

    def matches(seen: Seen, case: Case) -> bool:
        return name in seen.deaf

    return matches


def probabilities(seen: Seen, case: Case) -> bool:
    """Whether a model's outputs are probabilities instead of logits."""
    out = seen.leaves[""].values
    return bool((out >= 0).all()) and torch.allclose(out.sum(-1), torch.ones(len(out), dtype=out.dtype), atol=1e-4)


class Untrained(nn.Module):
    """An untrained additive model of pictures, ids and mask, (B, 3, H, W), (B, T), (B, T) -> (B, classes).

    `deaf` leaves one of its inputs out; `soft` ends it in a softmax; `product` makes it no sum.
    """

    def __init__(self, words: int, classes: int, deaf: str = "", soft: bool = False, product: bool = False):
        super().__init__()
        self.deaf, self.soft, self.product = deaf, soft, product
        torch.manual_seed(0)
        self.image, self.text = nn.Linear(3, classes), nn.Embedding(words, classes)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        words, real = self.text(ids), mask[..., None]  # (B, T, classes), (B, T, 1)
        said = words.mean(1) if self.deaf == "mask" else (words * real).sum(1) / real.sum(1).clamp(min=1)
        f = 0 if self.deaf == "images" else self.image(images.mean((2, 3)))  # (B, classes)
        g = 0 if self.deaf == "ids" else said  # (B, classes)
        out = f + g + (f * g if self.product else 0)
        return out.softmax(-1) if self.soft else out
