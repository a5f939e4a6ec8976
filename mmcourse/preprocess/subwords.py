"""Byte-pair encoding: the commonest neighbours become one piece, again and again.

R. Sennrich, B. Haddow, A. Birch 2016, arXiv:1508.07909: words are cut into pieces, so that no word is unknown as long
as its letters are known.
"""

from collections import Counter, defaultdict
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
    pairs: Counter[Pair] = Counter()  # how often two pieces are neighbours
    holders: dict[Pair, set[str]] = defaultdict(set)  # in which words

    def count(word: str, sign: int) -> None:
        for pair in zip(pieces[word], pieces[word][1:], strict=False):
            pairs[pair] += sign * counts[word]
            holders[pair].add(word)

    for word in counts:
        count(word, 1)
    learnt: list[Pair] = []
    while len(learnt) < merges and pairs:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < 2:
            break
        learnt.append(best)
        for word in holders.pop(best):
            count(word, -1)
            pieces[word] = join(pieces[word], best)
            count(word, 1)
        holders.pop(best, None)
    return learnt


def cut(word: str, merges: Sequence[Pair]) -> list[str]:
    """A word in pieces, seen in training or not: its letters, joined in the order that was learnt."""
    parts = letters(word)
    for pair in merges:
        if pair[0] in parts:
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
