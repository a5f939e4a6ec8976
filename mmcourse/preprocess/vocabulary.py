"""Words and their numbers, from the training texts alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from torch import Tensor

from .encoding import encode, pad
from .words import words

PAD, UNK, BOS, EOS = "<pad>", "<unk>", "<bos>", "<eos>"


def word_list(sentences: Iterable[Iterable[str]], at_least: int = 1) -> list[str]:
    """The different tokens of tokenised sentences that occur at least so often, in alphabetical order."""
    counts = Counter(token for sentence in sentences for token in sentence)
    return sorted(token for token, n in counts.items() if n >= at_least)


class Vocabulary:
    """Words and their numbers, made from the training texts alone. 0 is padding, 1 every unknown word.

    Parameters
        texts    the training split's texts
        at_least drop words that occur less often
        cut      what cuts a text into tokens; `characters` for Chinese
        ends     with 2 for the beginning of a text and 3 for its end, which `encode` then puts around each
    """

    def __init__(
        self, texts: Iterable[str], at_least: int = 1, *, cut: Callable[[str], list[str]] = words, ends: bool = False
    ):
        self.cut, self.ends = cut, ends
        self.words = [PAD, UNK, *([BOS, EOS] if ends else []), *word_list(map(cut, texts), at_least)]
        self.index = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, texts: Sequence[str], length: int | None = None) -> tuple[Tensor, Tensor]:
        """Numbers and mask, (B, T) long and (B, T) bool, T = `length` or that of the longest text (at least 1).

        Longer texts are cut. True = a real word.
        """
        cut = [self.cut(text) for text in texts]
        if self.ends:
            return encode(cut, self.index, length or max((len(row) + 2 for row in cut), default=2))
        rows = [[self.index.get(w, 1) for w in row][:length] for row in cut]
        return pad(rows, length or max([1, *map(len, rows)]))
