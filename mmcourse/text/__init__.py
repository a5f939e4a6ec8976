"""Text encoders. Each gives `Encoded`: one vector, the word vectors, and the mask of real words."""

from .bag import BagOfWords, masked_max, masked_mean
from .minilm import MiniLM
from .rnn import GRUEncoder, LSTMEncoder, RNNEncoder
from .transformer import TransformerEncoder

__all__ = [
    "BagOfWords",
    "GRUEncoder",
    "LSTMEncoder",
    "MiniLM",
    "RNNEncoder",
    "TransformerEncoder",
    "masked_max",
    "masked_mean",
]
