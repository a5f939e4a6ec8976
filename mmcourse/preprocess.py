"""From pictures and sentences to padded, masked batches."""

from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from nltk.tokenize import wordpunct_tokenize
from torch import Tensor

PAD, UNK = "<pad>", "<unk>"


def words(text: str) -> list[str]:
    """Lower-case words and punctuation marks, by NLTK's rule-based tokenizer (needs no download)."""
    return wordpunct_tokenize(text.lower())


class Vocabulary:
    """Words and their numbers, made from the training texts alone. 0 is padding, 1 every unknown word.

    Parameters
        texts    the training split's texts
        at_least drop words that occur less often
    """

    def __init__(self, texts: Iterable[str], at_least: int = 1):
        counts = Counter(word for text in texts for word in words(text))
        self.words = [PAD, UNK, *sorted(w for w, n in counts.items() if n >= at_least)]
        self.index = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, texts: Sequence[str], length: int | None = None) -> tuple[Tensor, Tensor]:
        """Numbers and mask, (B, T) long and (B, T) bool, T = `length` or that of the longest text (at least 1).

        Longer texts are cut. True = a real word.
        """
        rows = [[self.index.get(w, 1) for w in words(text)][:length] for text in texts]
        size = length or max([1, *map(len, rows)])
        ids = torch.zeros(len(rows), size, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row, dtype=torch.long)
        lengths = torch.tensor([len(row) for row in rows])
        return ids, torch.arange(size) < lengths[:, None]  # (B, T), (B, T)


def normalise(images: Tensor) -> Tensor:
    """(..., 3, H, W) uint8 in 0..255 -> float32 in -1..1."""
    return images.float() / 127.5 - 1
