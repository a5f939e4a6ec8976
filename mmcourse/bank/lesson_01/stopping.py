"""01.6, a stop list that does not flip the label."""

from collections import Counter
from collections.abc import Callable

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.preprocess import spare, without

WHERE = "(lesson 01, 'Stop words, and what they stop')"
STOPS = ["a", "the", "is", "was", "not", "no", "so", "but", "very", "too", "it", "this"]
CONTENT = ["bridge", "candle", "harbour", "lantern", "meadow", "pepper", "saddle", "thistle"]


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *pairs: tuple[str, str]) -> Case:
        """Digits stand for stop words and capitals for other words, drawn anew each time."""
        stops = [STOPS[i] for i in draw.permutation(len(STOPS))][:10]
        words = dict(zip("ABCDEFGH", [CONTENT[i] for i in draw.permutation(len(CONTENT))], strict=True))
        words |= {str(i): word for i, word in enumerate(stops)}
        listed = sorted(stops, reverse=True)
        told = [([words[c] for c in one], [words[c] for c in other]) for one, other in pairs]
        return Case(name, {"stop": listed, "pairs": told}, points)

    return [
        case("one word turns the label", 1, ("0A", "01A")),
        case(
            *("pairs that differ in other words", 1),
            *(("0A1", "2B1"), ("34A", "4AB"), ("56B", "B5"), ("6C", "7C"), ("8DD", "D")),
        ),
        case("two words at once", 1, ("012A", "0A"), ("B3", "4B")),
        case("one word twice", 1, ("00A", "0A"), ("1B23", "23B2")),
        case("the same words in another order", 1, ("0A1B", "B1A05"), ("A3B", "A4B")),
    ]


def _spared(differing: Callable, meet: Callable = without, always: bool = False) -> Callable:
    """`spare` with another choice of words, another way to compare, or for all pairs."""

    def answer(stop, pairs):
        spared = set()
        for one, other in pairs:
            if always or meet(one, stop) == meet(other, stop):
                spared |= set(differing(one, other))
        return [word for word in stop if word not in spared]

    return answer


def _more(one, other):
    return (Counter(one) - Counter(other)) + (Counter(other) - Counter(one))


def _bag(tokens, stop):
    return sorted(without(tokens, stop))


def _on_the_go(stop, pairs):
    for pair in pairs:
        stop = spare(stop, [pair])
    return stop


def _each_alone(stop, pairs):
    """Looks for words that make a pair equal when they alone are left out."""
    return [word for word in stop if not any(without(a, [word]) == without(b, [word]) for a, b in pairs)]


stopping = Exercise(
    id="01.6",
    title="A stop list that does not flip the label",
    kind="function",
    answer="safe_stop_words",
    reference=spare,
    cases=_cases,
    mistakes=(
        Mistake(
            "nothing is taken off the list",
            "Yours is the list as it was, and it still makes 'good' of 'not good'. Which words do the two sentences of "
            f"a pair not share? {WHERE}",
            lambda stop, pairs: list(stop),
        ),
        Mistake(
            "words are spared by which any pair differs",
            "A pair that stays apart anyway costs you stop words for nothing. When does the list do harm to a pair? "
            f"{WHERE}",
            _spared(_more, always=True),
        ),
        Mistake(
            "every word of a pair that falls together is spared",
            f"Words that both sentences have as often tell nothing about the label. Which do differ? {WHERE}",
            _spared(lambda one, other: [*one, *other]),
        ),
        Mistake(
            "only the second sentence is looked at",
            "Sometimes it is the first that has the word which turns the label. From which side can two sentences "
            f"differ? {WHERE}",
            _spared(lambda one, other: Counter(other) - Counter(one)),
        ),
        Mistake(
            "only the first sentence is looked at",
            "Sometimes it is the second that has the word which turns the label. From which side can two sentences "
            f"differ? {WHERE}",
            _spared(lambda one, other: Counter(one) - Counter(other)),
        ),
        Mistake(
            "it is asked which words stand there, not how often",
            f"'Not not good' and 'not good' have the same set of words. What has one more of than the other? {WHERE}",
            _spared(lambda one, other: set(one) ^ set(other)),
        ),
        Mistake(
            "the order of what is left is not looked at",
            "'Dog bites man' and 'man bites dog' are the same bag of words and not the same sentence. When are two "
            f"lists of tokens the same? {WHERE}",
            _spared(_more, meet=_bag),
        ),
        Mistake(
            "what is left is compared as a set",
            "A set forgets the order and how often: 'very very dark' and 'dark' stand for other lists than their "
            f"sets. When are two lists of tokens the same? {WHERE}",
            _spared(_more, meet=lambda tokens, stop: set(without(tokens, stop))),
        ),
        Mistake(
            "each stop word is tried alone",
            "A pair may need two words gone before it falls together, and the whole list takes both. What is left of "
            f"the two sentences when the list has done its work? {WHERE}",
            _each_alone,
        ),
        Mistake(
            "the list is changed while it is still being used",
            "A pair that the given list makes equal no longer is, once an earlier pair has taken a word off. Which "
            f"list are all pairs asked about? {WHERE}",
            _on_the_go,
        ),
        Mistake(
            "the spared words are returned",
            f"These are the words to keep in the sentences. Which words stay on the stop list? {WHERE}",
            lambda stop, pairs: [word for word in stop if word not in spare(stop, pairs)],
        ),
        Mistake(
            "the list comes back in another order",
            f"The right words, sorted anew. In which order did they come? {WHERE}",
            lambda stop, pairs: sorted(spare(stop, pairs)),
        ),
    ),
    hints=(
        "What is left of each sentence of a pair when the list has done its work, and when is that a disaster?",
        "Only pairs that fall together matter. In such a pair, which words does one sentence have more often than the "
        "other? A `Counter` minus a `Counter` keeps what is more.",
        "For each pair, leave the listed words out of both sentences. If the two are equal now, mark every word that "
        "one of the full sentences has more often than the other. Return the list without the marked words.",
    ),
)
