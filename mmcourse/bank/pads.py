"""How pads get into a trained model of word numbers and mask, seen from its predictions."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case, Mistake
from mmcourse.checking.probe import Seen


class PadsIn(nn.Module):
    """An untrained model of words in their places, and of a picture where there is one, -> (B, classes).

    `how` says how pads get in: they are known by their 'number', only their 'count' matters, or they are looked 'at'.
    """

    def __init__(self, how: str, words: int, classes: int):
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


def _counts(*what: str) -> Callable[[Seen, Case], bool]:
    """Whether exactly this of the pads makes a difference to a model."""
    return lambda seen, case: set(seen.pads) == set(what)


def _in_spite_of_the_mask(seen: Seen, case: Case) -> bool:
    return set(seen.pads) == {"other", "fewer"} and "mask" not in seen.deaf


def pads_get_in(held_out: Callable[[], dict], classes: int, where: str) -> tuple[Mistake, ...]:
    """The mistakes of a model whose mask does not do all that it must."""

    def model(how: str) -> Callable[[], nn.Module]:
        return lambda: PadsIn(how, held_out()["words"], classes)

    return (
        Mistake(
            "a pad is known by its number",
            "Other numbers stood at the pads, and your model took them for words. Which of its inputs says what is "
            f"real, whatever number stands there? {where}",
            model("number"),
            _counts("other"),
        ),
        Mistake(
            "how many pads there are makes a difference",
            "What stands at the pads is hidden from your model, and their number is not: beside shorter neighbours "
            "the same item scores differently. How many places do you divide by, and what comes in from a place "
            f"behind the last word? {where}",
            model("count"),
            _counts("fewer"),
        ),
        Mistake(
            "the pads are hidden at one step and seen at another",
            "The mask makes a difference to your model, and still its logits move with the pads. At which steps do "
            "places meet, in a sum, a maximum, a share of attention, a state that is handed on? Does each of them know "
            f"the mask? {where}",
            model("at"),
            _in_spite_of_the_mask,
        ),
    )
