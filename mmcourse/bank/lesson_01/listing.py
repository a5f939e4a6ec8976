"""01.4, a vocabulary without leak."""

from collections import Counter
from collections.abc import Callable, Sequence

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.preprocess import BOS, EOS, PAD, UNK, word_list

WHERE = "(lesson 01, 'From a sentence to numbers')"
SPECIALS = [PAD, UNK, BOS, EOS]
POOL = ["amber", "birch", "cedar", "dunes", "ember", "fjord", "grove", "heath", "inlet", "joist", "knoll", "larch"]


def vocabulary(sentences: Sequence[Sequence[str]], splits: Sequence[str], at_least: int) -> list[str]:
    """The four specials, then the training split's frequent words: N token lists, N names of splits -> words."""
    return [*SPECIALS, *word_list(_of(sentences, splits, "train"), at_least)]


def _of(sentences, splits, *wanted: str):
    return [sentence for sentence, split in zip(sentences, splits, strict=True) if split in wanted]


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, rows: list[tuple[str, str]], at_least: int) -> Case:
        # Letters stand for words, drawn anew each time. The order of the letters is not that of the words.
        drawn = sorted(POOL[i] for i in draw.permutation(len(POOL))[:8])
        words = dict(zip("dbeagchf", drawn, strict=True))
        sentences = [[words[letter] for letter in letters] for _, letters in rows]
        return Case(name, {"sentences": sentences, "splits": [s for s, _ in rows], "at_least": at_least}, points)

    mixed = [("test", "ffdd"), ("train", "abacb"), ("val", "ecce"), ("train", "adgg"), ("test", "hbf"), ("train", "c")]
    return [
        case("every training word", 1, mixed, 1),
        case("words that occur twice", 2, mixed, 2),
        case("training alone", 1, [("train", "hgggf"), ("train", "fa"), ("train", "ghh")], 2),
        case("nothing is frequent enough", 1, [("train", "abc"), ("val", "aaa"), ("test", "bbb"), ("train", "cd")], 3),
    ]


def _counted(*splits: str, by: Callable = lambda sentence: sentence, order: Callable = sorted) -> Callable:
    """`vocabulary` with other splits, another count or another order."""

    def answer(sentences, given, at_least):
        counts = Counter(word for sentence in _of(sentences, given, *splits) for word in by(sentence))
        frequent = {word: n for word, n in counts.items() if n >= at_least}
        return [*SPECIALS, *order(frequent)]

    return answer


def _counted_everywhere(sentences, splits, at_least):
    counts = Counter(word for sentence in sentences for word in sentence)
    known = {word for sentence in _of(sentences, splits, "train") for word in sentence}
    return [*SPECIALS, *sorted(word for word in known if counts[word] >= at_least)]


def _more_than(sentences, splits, at_least):
    return vocabulary(sentences, splits, at_least + 1)


listing = Exercise(
    id="01.4",
    title="A vocabulary without leak",
    kind="function",
    answer="vocabulary",
    reference=vocabulary,
    cases=_cases,
    mistakes=(
        Mistake(
            "the words of all splits are listed",
            "Test words got numbers of their own. In a year, when a new sentence comes with a word that you have never "
            f"seen: what will it be? {WHERE}",
            _counted("train", "val", "test"),
        ),
        Mistake(
            "the words of the validation split are listed too",
            "Validation stands in for what is to come, and what is to come has unknown words. Whose words does the "
            f"model learn a vector for? {WHERE}",
            _counted("train", "val"),
        ),
        Mistake(
            "the words of the test split are listed too",
            "Every test word has a number of its own now, and none will ever be unknown. In a year, when a new "
            f"sentence comes with a word that you have never seen: what will it be? {WHERE}",
            _counted("train", "test"),
        ),
        Mistake(
            "the test split is taken for the training split",
            f"Your words are all from test sentences. Which split was the list to be made of? {WHERE}",
            _counted("test"),
        ),
        Mistake(
            "only training words are listed, but counted everywhere",
            "Whether a word is frequent enough is something that you learnt from the test sentences. Where may be "
            f"counted? {WHERE}",
            _counted_everywhere,
        ),
        Mistake(
            "sentences are counted instead of occurrences",
            f"A word that stands twice in one sentence occurs twice; yours counts once. {WHERE}",
            _counted("train", by=set),
        ),
        Mistake(
            "a word must occur more often than `at_least`",
            f"Exactly that often is enough. Which comparison says so? {WHERE}",
            _more_than,
        ),
        Mistake(
            "the frequent words come first",
            "A fine order, and not the one that was asked for: with ties it would depend on the order of the "
            f"sentences. {WHERE}",
            _counted("train", order=lambda counts: sorted(counts, key=lambda w: (-counts[w], w))),
        ),
        Mistake(
            "the frequent words come first, equally frequent ones as they were met",
            "`most_common` sorts by count, and two words that occur equally often stay as they were met: shuffle the "
            f"sentences, and numbers change. Which order was asked for? {WHERE}",
            _counted("train", order=lambda counts: sorted(counts, key=lambda w: -counts[w])),
        ),
        Mistake(
            "it is not asked how often a word occurs",
            f"A word that occurs once is listed, whatever `at_least` says. What was to be counted? {WHERE}",
            lambda sentences, splits, at_least: vocabulary(sentences, splits, 1),
        ),
        Mistake(
            "the words stand in the order in which they were met",
            f"Shuffle the sentences, and every number changes. Which order was asked for? {WHERE}",
            _counted("train", order=list),
        ),
        Mistake(
            "the letters are listed",
            "A string is a sequence of characters, and a loop over one gives letters: the article's `for word in text` "
            f"does that. What are the parts of a sentence here? {WHERE}",
            _counted("train", by="".join),
        ),
        Mistake(
            "the four specials are left out",
            "The first word got number 0, and so will every pad. How are three kinds of nothing and two ends to be "
            f"told from words? {WHERE}",
            lambda sentences, splits, at_least: vocabulary(sentences, splits, at_least)[4:],
        ),
        Mistake(
            "the four specials stand at the end",
            f"Then the number of a pad depends on how many words there are. Which number should a pad have? {WHERE}",
            lambda sentences, splits, at_least: vocabulary(sentences, splits, at_least)[4:] + SPECIALS,
        ),
        Mistake(
            "pads and unknown words are the only specials",
            f"A beginning and an end were asked for too. Which four names come first? {WHERE}",
            lambda sentences, splits, at_least: [PAD, UNK, *vocabulary(sentences, splits, at_least)[4:]],
        ),
    ),
    hints=(
        "Which sentences may be looked into, and which may not, when the list is made?",
        "`sentences` and `splits` run side by side: one name of a split for each sentence. A `Counter` counts what it "
        "is fed, word by word.",
        "Count the words of the sentences whose split is 'train'. Keep those that occur at least so often, sort them, "
        "and put the four specials in front.",
    ),
)
