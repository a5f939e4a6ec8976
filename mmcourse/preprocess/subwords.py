"""Byte-pair encoding: the commonest neighbours become one piece, again and again.

R. Sennrich, B. Haddow, A. Birch 2016, arXiv:1508.07909: words are cut into pieces, so that no word is unknown as long
as its letters are known.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

END = "·"  # marks the last piece of a word
Pair = tuple[str, str]


def learn_merges(words: Iterable[str], merges: int) -> list[Pair]:
    """Which neighbours to join, in order. Of pairs that are equally common, the first in alphabetical order.

    words   training words, each as often as it occurs
    merges  how many at most; fewer where no pair is left that occurs twice
    """
    counts = Counter(words)
    pieces = {word: letters(word) for word in counts}
    learnt: list[Pair] = []
    while len(learnt) < merges:
        pairs: Counter[Pair] = Counter()
        for word, parts in pieces.items():
            for pair in zip(parts, parts[1:], strict=False):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < 2:
            break
        learnt.append(best)
        pieces = {word: join(parts, best) for word, parts in pieces.items()}
    return learnt


def cut(word: str, merges: Sequence[Pair]) -> list[str]:
    """A word in pieces, seen in training or not: its letters, joined in the order that was learnt."""
    parts = letters(word)
    for pair in merges:
        parts = join(parts, pair)
    return parts


def letters(word: str) -> list[str]:
    """'low' -> ['l', 'o', 'w·']"""
    return [*word[:-1], word[-1:] + END] if word else []


def join(parts: list[str], pair: Pair) -> list[str]:
    """Every occurrence of the pair made one piece, from the left."""
    out, i = [], 0
    while i < len(parts):
        both = tuple(parts[i : i + 2]) == pair
        out.append("".join(pair) if both else parts[i])
        i += 2 if both else 1
    return out
