"""00.5: train a pipeline of two encoders, a concatenation and a head past its baselines."""

from functools import cache
from typing import NamedTuple

import torch

from mmcourse.bank.about import about
from mmcourse.bank.pads import pad_signs
from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.tasks.metrics import accuracy

SIZE, AT_LEAST = 32, 2  # pictures of 32 x 32 pixels; a word must occur twice to have a vector of its own


class Pairs(NamedTuple):
    """The held-out pairs, and the number of words."""

    held_out: HeldOut
    words: int


@cache
def _pairs() -> Pairs:
    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.preprocess import Vocabulary, normalise

    vocabulary = Vocabulary(EmojiPairs("train", 1).text["en"], AT_LEAST)
    parts = [EmojiPairs(split, SIZE) for split in ("val", "test")]
    ids, mask = vocabulary.encode([name for part in parts for name in part.text["en"]])
    inputs = {"images": normalise(torch.cat([part.images for part in parts])), "ids": ids, "mask": mask}
    labels = torch.cat([part.labels for part in parts])
    return Pairs(HeldOut("held-out pairs", inputs, labels, pads={"mask": "ids"}), len(vocabulary))


def _words() -> int:
    return _pairs().words


pads_by_number, pads_by_count, pads_at_one_step = pad_signs(_words, 9)
without_images = deaf_to("images", lambda: Untrained(_words(), 9, deaf="images"))
without_names = deaf_to("ids", lambda: Untrained(_words(), 9, deaf="ids"))
without_mask = deaf_to("mask", lambda: Untrained(_words(), 9, deaf="mask"))
softmax_at_the_end = Sign(probabilities, lambda: Untrained(_words(), 9, soft=True))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _pairs().held_out,
    score=accuracy,
    limit=200_000,
    bars=(
        Bar("more than the commonest group", 0.25, 1),
        Bar("more than the names alone", 0.55, 1),
        Bar("more than the pictures alone", 0.63, 2),
    ),
)
