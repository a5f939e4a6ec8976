"""01.5: token ids with truncation, padding and a mask."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.preprocess import BOS, EOS, PAD, UNK, encode

POOL = ["amber", "birch", "cedar", "dunes", "ember", "fjord", "grove", "heath"]
INDEX = {PAD: 0, UNK: 1, BOS: 2, EOS: 3} | {word: i for i, word in enumerate(POOL, 4)}


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, length: int, *shapes: str) -> Case:
        """In a shape, w is a word of the vocabulary, drawn anew, and ? a word that it lacks."""
        sentences = [
            [POOL[int(draw.integers(0, len(POOL)))] if c == "w" else f"zz{int(draw.integers(0, 999))}" for c in shape]
            for shape in shapes
        ]
        return Case(name, {"sentences": sentences, "index": INDEX, "length": length}, points)

    return [
        case("short sentences", 1, 7, "www", "w"),
        case("unknown words", 1, 8, "w?w", "??ww", "?"),
        case("sentences that are too long", 2, 5, "wwwwwwww", "ww", "w?wwww"),
        case("a sentence that just fits", 1, 6, "wwww"),
        case("an empty sentence", 1, 4, "", "w?"),
    ]


exercise = Function(
    about=about(__name__, answer="encode"),
    reference=encode,
    cases=cases,
)
