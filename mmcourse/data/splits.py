"""Splits that leak nothing: what belongs together stands in one split, fixed by a hash of its content."""

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

ALIKE = 0.7  # two texts that share this part of their words are near-duplicates


def check_split(split: str | None) -> None:
    """Raises ValueError, naming what there is, for a split that is not train, val, test or None."""
    if split not in ("train", "val", "test", None):
        raise ValueError(f"split={split!r}: there are 'train', 'val', 'test', and None for all")


def place(key: str, train: int, val: int) -> str:
    """The split of a thing by a hash of its key: `train` percent of all keys are 'train', `val` percent 'val'."""
    share = int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100
    return "train" if share < train else "val" if share < train + val else "test"


def splits(keys: Sequence[str], links: Iterable[tuple[int, int]], train: int, val: int) -> list[str]:
    """The split of each of N things, such that two that are linked, however indirectly, stand in one.

    keys   N texts that say what each thing is; the smallest of a group decides, so their order makes no difference
    links  pairs of positions that belong together
    """
    parent = list(range(len(keys)))  # union-find

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    for i, j in links:
        parent[root(i)] = root(j)
    groups = defaultdict(list)
    for i, key in enumerate(keys):
        groups[root(i)].append(key)
    where = {group: place(min(members), train, val) for group, members in groups.items()}
    return [where[root(i)] for i in range(len(keys))]


def same(names: Iterable[str | None]) -> list[tuple[int, int]]:
    """Links between all things of one name; None and '' are no name."""
    first: dict[str, int] = {}
    return [(i, first.setdefault(name, i)) for i, name in enumerate(names) if name]


def words(text: str) -> frozenset[str]:
    """The different words of a text, small, without punctuation; the text itself where it has none."""
    return frozenset(re.findall(r"\w+", text.lower())) or frozenset(["".join(text.split())])


def near_duplicates(sets: Sequence[frozenset[str]], alike: float = ALIKE) -> list[tuple[int, int]]:
    """All pairs of sets of words a, b with |a ∩ b| / |a ∪ b| (Jaccard) of at least `alike`.

    Two such sets share one of the rarest words of each: only those are looked up (Bayardo et al. 2007, WWW).
    """
    often = Counter(word for one in sets for word in one)
    holds: dict[str, list[int]] = defaultdict(list)  # word -> sets that have it among their rarest
    pairs = []
    for i in sorted(range(len(sets)), key=lambda i: len(sets[i])):
        n = len(sets[i])
        least = alike * n - 1e-9
        rare = sorted(sets[i], key=lambda word: (often[word], word))[: n - math.ceil(least) + 1]
        met = {j for word in rare for j in holds[word] if len(sets[j]) >= least}
        shared = ((j, len(sets[i] & sets[j])) for j in met)
        pairs += [(i, j) for j, both in shared if both >= alike * (n + len(sets[j]) - both) - 1e-9]
        for word in rare:
            holds[word].append(i)
    return pairs
