"""Words that are left out, and the ones that had better not be."""

from collections import Counter
from collections.abc import Collection, Sequence

# Function words of English, the usual way: with the negations in it, and with the stumps that `words` leaves of
# "don't" and "it's". Kept here because NLTK's own list is a download.
_LISTED = """
    a about above after again against ain all am an and any are aren as at be because been before being below between
    both but by can could couldn d did didn do does doesn doing don down during each few for from further had hadn has
    hasn have haven having he her here hers herself him himself his how i if in into is isn it its itself just ll m ma
    me might mightn more most must mustn my myself needn no nor not now o of off on once only or other our ours
    ourselves out over own re s same shall shan she should shouldn so some such t than that the their theirs them
    themselves then there these they this those through to too under until up ve very was wasn we were weren what when
    where which while who whom why will with won would wouldn y you your yours yourself yourselves
"""
STOP_WORDS = tuple(_LISTED.split())


def without(tokens: Sequence[str], stop: Collection[str]) -> list[str]:
    """The tokens that are not on the list, in their order."""
    listed = set(stop)
    return [token for token in tokens if token not in listed]


def spare(stop: Sequence[str], pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[str]:
    """The list, in its order, less the words by which sentences of different labels differ.

    pairs  tokenised sentences, two and two, whose labels differ. Where the list makes the two of a pair the same, every
           word is spared that one of them has more often than the other.
    """
    spared: set[str] = set()
    for one, other in pairs:
        if without(one, stop) == without(other, stop):
            a, b = Counter(one), Counter(other)
            spared |= set(a - b) | set(b - a)
    return [word for word in stop if word not in spared]
