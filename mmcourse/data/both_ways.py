"""Real sentences, forwards and backwards: the same words both ways, so that only their order can tell."""

from collections.abc import Sequence

from nltk.tokenize import wordpunct_tokenize

from . import Item, ItemSet
from .sentences import ATTRIBUTION, Sentences

__all__ = ["ATTRIBUTION", "BothWays"]


class BothWays(ItemSet):
    """Each sentence twice: as it was written (label 0), and its words from last to first (label 1).

    texts   2 N sentences in small letters, without punctuation, cut to `longest` words: first all forwards, then all
            backwards, in the same order
    labels  2 N class indices, into `classes`

    Parameters
        split    'train', 'val' or 'test', as in `Sentences`: a sentence's two ways stand in one split
        sources  as in `Sentences`
        longest  words of a sentence at most; those with fewer than four are left out

    Raises as `Sentences` does. A model that is blind to order is right on exactly one half.
    """

    def __init__(self, split: str | None = "train", sources: Sequence[str] = ("movies",), longest: int = 16):
        rows = [_plain(text)[:longest] for text in Sentences(split, sources, threshold=0, neutral=True).texts]
        rows = [row for row in rows if len(row) >= 4 and row != row[::-1]]
        self.texts = [" ".join(row) for row in rows] + [" ".join(row[::-1]) for row in rows]
        self.classes = ["forwards", "backwards"]
        self.labels = [0] * len(rows) + [1] * len(rows)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> Item:
        return Item(None, {"en": self.texts[i]}, self.labels[i], {})


def _plain(text: str) -> list[str]:
    return [word for word in wordpunct_tokenize(text.lower()) if word.isalnum()]
