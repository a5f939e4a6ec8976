"""Sentences cut into tokens, by rules that need no download."""

from nltk.tokenize import wordpunct_tokenize

# CJK ideographs: the common block, extension A, the compatibility block, and the planes above.
_CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def words(text: str) -> list[str]:
    """Lower-case words and punctuation marks, by NLTK's rule-based tokenizer (needs no download)."""
    return wordpunct_tokenize(text.lower())


def characters(text: str) -> list[str]:
    """The same, with each Chinese character a token of its own: '电脑 mouse' -> ['电', '脑', 'mouse']."""
    return words("".join(f" {c} " if any(low <= ord(c) <= high for low, high in _CJK) else c for c in text))
