"""Where a word stands, as a vector: fixed waves, or a table that is learnt (Vaswani et al. 2017, arXiv:1706.03762)."""

import torch
from torch import Tensor, nn


def sinusoids(places: Tensor, d: int) -> Tensor:
    """A vector of d waves for each place: (T,) floats -> (T, d).

    Feature 2i is sin(p / 10000^(2i/d)), feature 2i + 1 the cosine of the same angle; p counts from 0.
    Raises ValueError for an odd d.
    """
    if d % 2:
        raise ValueError(f"d={d} is odd: sines and cosines come in pairs")
    even = torch.arange(0, d, 2, dtype=places.dtype, device=places.device)  # 2i, (d/2,)
    angles = places[:, None] / 10000 ** (even / d)  # (T, 1) / (d/2,) -> (T, d/2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # (T, d/2, 2) -> (T, d)


class Sinusoids(nn.Module):
    """Adds fixed waves to the words, at any length: forward(words (B, T, d)) -> (B, T, d)."""

    def forward(self, words: Tensor) -> Tensor:
        places = torch.arange(words.shape[1], dtype=words.dtype, device=words.device)  # (T,)
        return words + sinusoids(places, words.shape[2])  # (B, T, d) + (T, d)


class LearntPlaces(nn.Embedding):
    """A learnt vector for each of the first `longest` places, added to the words there.

    forward(words (B, T, d)) -> (B, T, d). Raises ValueError for T > longest: nothing was learnt of those places.
    """

    def __init__(self, longest: int, d: int):
        super().__init__(longest, d)

    def forward(self, words: Tensor) -> Tensor:
        length, longest = words.shape[1], self.num_embeddings
        if length > longest:
            raise ValueError(f"{length} words are more than the {longest} places: cut the sentence, or raise longest")
        return words + self.weight[:length]  # (B, T, d) + (T, d)
