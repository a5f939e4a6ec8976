"""From pictures and sentences to padded, masked batches; splits that keep relatives together."""

from .batches import Batch, collate
from .encoding import encode, pad
from .images import channel_statistics, letterbox, normalise, resize
from .mirror import mirror
from .splits import crossing, split_by
from .stopwords import STOP_WORDS, spare, without
from .subwords import cut, learn_merges
from .vocabulary import BOS, EOS, PAD, UNK, Vocabulary, word_list
from .words import characters, words

__all__ = [
    "BOS",
    "Batch",
    "EOS",
    "PAD",
    "STOP_WORDS",
    "UNK",
    "Vocabulary",
    "channel_statistics",
    "characters",
    "collate",
    "crossing",
    "cut",
    "encode",
    "learn_merges",
    "letterbox",
    "mirror",
    "normalise",
    "pad",
    "resize",
    "spare",
    "split_by",
    "without",
    "word_list",
    "words",
]
