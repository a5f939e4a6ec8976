"""Where lesson 09 treats what a hint is about, and the mistakes of a program with several faults."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from mmcourse.checking.exercise import Mistake

LITTLE = "(lesson 09, 'When accuracy says too little')"
SURE = "(lesson 09, 'How sure, and how often right')"
PROGRAM = "(lesson 09, 'The article's program')"
RIGHT = "(lesson 09, 'The program, put right')"
BOTH = "(lesson 09, 'A picture with words, words with a picture')"


def left_in(build: Callable[[frozenset[str]], type], faults: Mapping[str, tuple[str, str]]) -> Iterator[Mistake]:
    """The mistakes of those who mended all faults but one, or all but two; who has more left is told to go on looking.

    build   the program with the given faults; faults: for each, what it does, and the question that turns it
    """
    for many, how_many in ((1, "one fault is left: "), (2, "two faults are left: ")):
        for some in combinations(faults, many):
            names, questions = zip(*(faults[fault] for fault in some), strict=True)
            yield Mistake(how_many + ", and ".join(names), f"{' '.join(questions)} {PROGRAM}", build(frozenset(some)))
