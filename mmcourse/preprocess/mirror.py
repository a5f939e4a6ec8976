"""A flip that keeps the caption true."""

import re

from torch import Tensor

_SIDES = {"left": "right", "right": "left", "leftwards": "rightwards", "rightwards": "leftwards"}
_WHOLE_WORDS = re.compile(rf"\b({'|'.join(_SIDES)})\b", re.IGNORECASE)


def mirror(image: Tensor, caption: str) -> tuple[Tensor, str]:
    """A picture flipped about its vertical axis, (..., W), and its caption with left and right exchanged.

    Whole words only: 'bright' and 'copyright' stay. It can't know what else a mirror makes false: letters, the hands
    of a clock, a wedding ring. Such pictures are not to be flipped.
    """
    return image.flip(-1), _WHOLE_WORDS.sub(_other, caption)


def _other(found: re.Match) -> str:
    word = found[0]
    other = _SIDES[word.lower()]
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other
