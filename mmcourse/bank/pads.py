"""How pads get into a trained model of word numbers and mask, seen from its predictions. The words: `pads.md`."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from mmcourse.checking.case import HeldOut
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import PadsLeak, SeenModel

How = Literal["number", "count", "at"]


class PadsIn(nn.Module):
    """An untrained model of words in their places, and of a picture where there is one, -> (B, classes).

    `how` says how pads get in: they are known by their 'number', only their 'count' matters, or they are looked 'at'.
    """

    def __init__(self, how: How, words: int, classes: int):
        super().__init__()
        torch.manual_seed(0)
        self.how, self.words, self.places = how, nn.Embedding(words, classes), nn.Embedding(64, classes)

    def forward(self, *inputs: Tensor) -> Tensor:
        *pictures, ids, mask = inputs
        tokens = self.words(ids) * self.places.weight[: ids.shape[1]]  # (B, T, classes)
        real = ((ids != 0) if self.how == "number" else mask)[..., None]  # (B, T, 1)
        count = ids.shape[1] if self.how == "count" else real.sum(1).clamp(min=1)
        out = tokens.masked_fill(~real, 0).sum(1) / count  # (B, classes)
        if self.how == "at":
            out = out + tokens.amax(1)
        for picture in pictures:
            out = out * picture.flatten(1).std(1, keepdim=True)
        return out


def _counts(*what: PadsLeak) -> Callable[[SeenModel, HeldOut], bool]:
    """Whether exactly this of the pads makes a difference to a model."""
    return lambda seen, held_out: set(seen.pads) == set(what)


def _in_spite_of_the_mask(seen: SeenModel, held_out: HeldOut) -> bool:
    return set(seen.pads) == {"other", "fewer"} and "mask" not in seen.deaf


def pad_signs(words: Callable[[], int], classes: int) -> tuple[Sign, Sign, Sign]:
    """How it shows that a model's mask does not do all that it must: the three that `pads.md` names, in its order.

    words   gives the number of words that there are, when it is asked for
    """
    return (
        Sign(_counts("other"), lambda: PadsIn("number", words(), classes)),
        Sign(_counts("fewer"), lambda: PadsIn("count", words(), classes)),
        Sign(_in_spite_of_the_mask, lambda: PadsIn("at", words(), classes)),
    )
