"""Text encoders. Each gives `Encoded`: one vector, the word vectors, and the mask of real words."""

from .bag import BagOfWords, masked_mean
from .minilm import MiniLM

__all__ = ["BagOfWords", "MiniLM", "masked_mean"]
