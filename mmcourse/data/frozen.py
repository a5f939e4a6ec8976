"""What the course's two frozen encoders see and read of any set of pairs.

    >>> from mmcourse.data import load
    >>> from mmcourse.data.frozen import picture_vectors, text_vectors
    >>> pairs = load("emoji", "test", size=72)  # at home: load("flickr8k", "test", root="...", size=96)
    >>> picture_vectors(pairs).shape, text_vectors(pairs).shape  # (N, 1280), (N, 384)

Both are computed once and kept, as `features` keeps them; those of the emoji are the ones of `emoji_features`.
"""

from torch import Tensor

from mmcourse.device import pick
from mmcourse.text import MiniLM
from mmcourse.vision import Lite0

from . import ItemSet
from .emoji import EmojiPairs
from .features import SIZE, emoji_features, features


def picture_vectors(pairs: ItemSet) -> Tensor:
    """Lite0's vectors of a set's pictures, (N, 1280) float on the CPU, in the set's order. Errors are `features`'s."""
    if isinstance(pairs, EmojiPairs) and pairs.size == SIZE and all(row["style"] == "twemoji" for row in pairs.meta):
        return emoji_features(None).image[_places(pairs)]
    return features(pairs, Lite0.pretrained().to(pick()))


def text_vectors(pairs: ItemSet) -> Tensor:
    """MiniLM's vectors of a set's English texts, (N, 384) float on the CPU, each of length 1. Errors as above."""
    if isinstance(pairs, EmojiPairs):
        return emoji_features(None).text[_places(pairs)]
    return features(pairs, MiniLM.pretrained().to(pick()), text="en")


def _places(pairs: EmojiPairs) -> list[int]:
    """Where each pair stands among all emoji."""
    place = {row["emoji"]: i for i, row in enumerate(EmojiPairs(None, 1, ()).meta)}
    return [place[row["emoji"]] for row in pairs.meta]
