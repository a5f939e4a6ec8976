"""What every encoder gives and every fusion takes."""

from typing import NamedTuple

import torch
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

    @classmethod
    def single(cls, vector: Tensor) -> "Encoded":
        """What has no parts is its own only part: (B, d) -> tokens (B, 1, d), and a mask that is all True."""
        return cls(vector, vector[:, None], torch.ones(len(vector), 1, dtype=torch.bool, device=vector.device))

    def clean(self) -> Tensor:
        """The parts with zeros in place of pads, (B, T, d). A pad may hold anything, nan too, and 0 · nan is nan."""
        return self.tokens.masked_fill(~self.mask[..., None], 0)
