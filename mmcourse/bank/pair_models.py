"""What the trained exercises on image-text pairs share: how common mistakes are seen, and models that make them."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from mmcourse.checking.case import HeldOut
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel


def deaf_to(name: str, model: Callable[[], Any]) -> Sign:
    """The input `name` makes no difference to a model."""
    return Sign(lambda seen, held_out: name in seen.deaf, model)


def probabilities(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether a model's outputs are probabilities instead of logits."""
    out = seen.logits
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
        f = (self.deaf != "images") * self.image(images.mean((2, 3)))  # (B, classes)
        g = (self.deaf != "ids") * said  # (B, classes)
        out = f + g + (f * g if self.product else 0)
        return out.softmax(-1) if self.soft else out
