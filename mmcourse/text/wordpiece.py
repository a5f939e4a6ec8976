"""WordPiece: words cut into the longest pieces that a fixed vocabulary knows (Devlin et al. 2019, arXiv:1810.04805)."""

import unicodedata
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

# Chinese characters; kana and hangul are written in words, and are not among them.
_CJK = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Texts to numbers of pieces, by a vocabulary in which '##ing' goes on a word and 'ing' begins one.

    Lower case, no accents; each punctuation mark and each Chinese character is a word of its own. A word is cut
    from the left, the longest piece first; a word that cannot be cut to its end is one [UNK].

    Parameters
        pieces   the vocabulary; the number of a piece is its place. Has [PAD], [UNK], [CLS], [SEP]
        longest  tokens of a text at most, with [CLS] and [SEP]; what is longer is cut off

    Raises ValueError where one of the four is missing.
    """

    def __init__(self, pieces: Iterable[str], longest: int = 128):
        self.index = {piece: i for i, piece in enumerate(pieces)}
        self.longest = longest
        for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]"):
            if name not in self.index:
                raise ValueError(f"the vocabulary has no {name}")

    def cut(self, text: str) -> list[str]:
        """'Puppies, 狗' -> ['pup', '##pies', ',', '狗']"""
        return [piece for word in _words(text) for piece in self._pieces(word)]

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Numbers and mask, (B, T) long and (B, T) bool: [CLS] pieces [SEP], then pads. True = real.

        T is the length of the longest text of the batch. Raises TypeError for a string that is not in a list.
        """
        if isinstance(texts, str):
            raise TypeError("encode takes a list of texts: put the one text into a list")
        rows = [["[CLS]", *self.cut(text)[: self.longest - 2], "[SEP]"] for text in texts]
        ids = torch.full((len(rows), max(map(len, rows), default=2)), self.index["[PAD]"])  # (B, T)
        mask = torch.zeros_like(ids, dtype=torch.bool)  # (B, T)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor([self.index[piece] for piece in row])
            mask[i, : len(row)] = True
        return ids, mask

    def _pieces(self, word: str) -> list[str]:
        """One word, cut: 'puppies' -> ['pup', '##pies']. Over 100 characters, it is not a word."""
        found, start = [], 0
        while start < len(word) <= 100:
            for end in range(len(word), start, -1):
                piece = "##" * (start > 0) + word[start:end]
                if piece in self.index:
                    break
            else:
                return ["[UNK]"]
            found.append(piece)
            start = end
        return found or ["[UNK]"]


def _words(text: str) -> list[str]:
    """Words, punctuation marks and Chinese characters, in lower case, without accents and control characters."""
    spaced = ""
    for c in text:
        if c in "\t\n\r" or not (c == "\ufffd" or unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs")):
            spaced += f" {c} " if _is_cjk(c) else c
    plain = (c for c in unicodedata.normalize("NFD", spaced) if unicodedata.category(c) != "Mn")
    lower = "".join(c.lower() for c in plain)  # letter by letter: a capital sigma is never a final one
    return "".join(f" {c} " if _is_punctuation(c) else c for c in lower).split()


def _is_cjk(c: str) -> bool:
    return any(first <= ord(c) <= last for first, last in _CJK)


def _is_punctuation(c: str) -> bool:
    """Unicode's punctuation, and every ASCII mark, also those that Unicode calls symbols, such as $ and ^."""
    return unicodedata.category(c).startswith("P") or (c.isascii() and c.isprintable() and not c.isalnum() and c != " ")
