"""06.8: train a model past what any additive one can do."""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.bank.pads import pad_signs
from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.tasks.metrics import accuracy


class Pairs(NamedTuple):
    """The held-out pairs, the number of words, and (N, P) which picture and which name each pair is made of."""

    held_out: HeldOut
    words: int
    made_of: Tensor


@cache
def _pairs() -> Pairs:
    from mmcourse.data.same_kind import SameKind
    from mmcourse.preprocess import Vocabulary, normalise

    vocabulary = Vocabulary(SameKind("train").text["en"])
    pairs = SameKind("held-out")
    ids, mask = vocabulary.encode(pairs.text["en"])
    columns: dict[tuple[str, str], int] = {}
    made_of = torch.zeros(len(pairs), 500, dtype=torch.float64)  # P at least the pictures and names together
    for row, meta in enumerate(pairs.meta):
        for side in ("picture", "name"):
            made_of[row, columns.setdefault((side, meta[side]), len(columns))] = 1
    inputs = {"images": normalise(pairs.images), "ids": ids, "mask": mask}
    held_out = HeldOut("held-out pairs", inputs, pairs.labels, pads={"mask": "ids"})
    return Pairs(held_out, len(vocabulary), made_of[:, : len(columns)])


def _words() -> int:
    return _pairs().words


def _is_additive(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether the score is a picture's number plus a name's: 1,000 pairs of 344 pictures and names leave no doubt."""
    out = seen.logits.double()
    score = out[:, 1] - out[:, 0]  # (N,)
    made_of = _pairs().made_of  # (N, P)
    rest = score - made_of @ torch.linalg.lstsq(made_of, score[:, None], driver="gelsd").solution[:, 0]
    return bool(rest.square().mean() < 1e-8 * score.var())


pads_by_number, pads_by_count, pads_at_one_step = pad_signs(_words, 2)
without_images = deaf_to("images", lambda: Untrained(_words(), 2, deaf="images"))
without_names = deaf_to("ids", lambda: Untrained(_words(), 2, deaf="ids"))
without_mask = deaf_to("mask", lambda: Untrained(_words(), 2, deaf="mask", product=True))
additive = Sign(_is_additive, lambda: Untrained(_words(), 2))
softmax_at_the_end = Sign(probabilities, lambda: Untrained(_words(), 2, soft=True, product=True))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _pairs().held_out,
    score=accuracy,
    limit=200_000,
    bars=(
        Bar("more than a coin", 0.60, 1),
        Bar("more than any sum of two votes", 0.80, 2),
        Bar("nearly all", 0.90, 1),
    ),
)
