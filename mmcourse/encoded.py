"""What every encoder gives and every fusion takes."""

from typing import NamedTuple

from torch import Tensor


class Encoded(NamedTuple):
    """One modality, encoded. An image's tokens are its regions, a text's its words.

    vector  (B, d)      the whole, in one vector
    tokens  (B, T, d)   its parts
    mask    (B, T) bool which parts are real (True); a pad is False
    """

    vector: Tensor
    tokens: Tensor
    mask: Tensor
