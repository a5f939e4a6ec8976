"""01.4: a vocabulary of the training split alone."""

from collections.abc import Sequence

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.preprocess import BOS, EOS, PAD, UNK, word_list

POOL = ["amber", "birch", "cedar", "dunes", "ember", "fjord", "grove", "heath", "inlet", "joist", "knoll", "larch"]


def vocabulary(sentences: Sequence[Sequence[str]], splits: Sequence[str], at_least: int) -> list[str]:
    """The four specials, then the training split's frequent words: N token lists, N names of splits -> words."""
    training = [sentence for sentence, split in zip(sentences, splits, strict=True) if split == "train"]
    return [PAD, UNK, BOS, EOS, *word_list(training, at_least)]


def cases(draw: Draw) -> list[Case]:
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


exercise = Function(
    about=about(__name__, answer="vocabulary"),
    reference=vocabulary,
    cases=cases,
)
