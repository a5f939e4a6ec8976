"""04.5: one reader from the left, one from the right."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.cells import BothWays, read

WHERE = "(lesson 04, 'Both directions')"
D_IN, D = 3, 4


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(BothWays(D_IN, D))

    def case(name: str, points: int, *lengths: int, size: int | None = None) -> Case:
        mask = draw.mask(*lengths, size=size)
        words = draw.normal(*mask.shape, D_IN, strided=True)
        return Case(
            name,
            {"words": words, "mask": mask},
            points,
            init={"d_in": D_IN, "d": D},
            state=state,
            twin={"words": words.masked_fill(~mask[..., None], 5.0), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one sentence", 1, 5),
        case("a batch without padding", 1, 2, 2),
        case("padded", 2, 2, 6, 3),
        case("a sentence without words", 1, 0, 3, 1, size=5),
    ]


class _Variant(BothWays):
    """The reference, with its parts to get wrong one at a time."""

    def start(self, words: Tensor) -> Tensor:
        return words.new_zeros(len(words), D)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        return torch.cat([self.left(words, mask), self.right(words, mask)], -1)

    def left(self, words: Tensor, mask: Tensor) -> Tensor:
        return read(self.there, words, mask, self.start(words))[1]

    def right(self, words: Tensor, mask: Tensor) -> Tensor:
        return read(self.back, words, mask, self.start(words), backwards=True)[1]


class _BothFromTheLeft(_Variant):
    def right(self, words, mask):
        return read(self.back, words, mask, self.start(words))[1]


class _OneReader(_Variant):
    def right(self, words, mask):
        return read(self.there, words, mask, self.start(words), backwards=True)[1]


class _ReadsPadsFirst(_Variant):
    def right(self, words, mask):
        return read(self.back, words, torch.ones_like(mask), self.start(words), backwards=True)[1]


class _ReadsPadsFirstButNotForNothing(_ReadsPadsFirst):
    def right(self, words, mask):
        return super().right(words, mask).masked_fill(~mask.any(1, keepdim=True), 0)


class _ReadsAllPads(_ReadsPadsFirst):
    def left(self, words, mask):
        return read(self.there, words, torch.ones_like(mask), self.start(words))[1]


class _OneWordOnly(_Variant):
    def right(self, words, mask):
        states, _ = read(self.back, words, mask, self.start(words), backwards=True)
        place = (mask.sum(1) - 1).clamp(min=0)
        return states[torch.arange(len(words)), place].masked_fill(~mask.any(1, keepdim=True), 0)


class _OneWordInTheLongest(_Variant):
    def right(self, words, mask):
        return read(self.back, words, mask, self.start(words), backwards=True)[0][:, -1]


class _PadsErase(_Variant):
    """A pad sets the state back to zeros instead of leaving it."""

    def end(self, cell, words, mask, order):
        h = self.start(words)
        for t in order:
            h = cell(words[:, t], h) * mask[:, t, None]
        return h

    def left(self, words, mask):
        return self.end(self.there, words, mask, range(words.shape[1]))

    def right(self, words, mask):
        return self.end(self.back, words, mask, reversed(range(words.shape[1])))


class _MaskNotTurned(_Variant):
    """The words are turned round, pads and all; the mask still says where the words stood."""

    def right(self, words, mask):
        return read(self.back, words.flip(1), mask, self.start(words))[1]


class _GoesOn(_Variant):
    def right(self, words, mask):
        return read(self.back, words, mask, self.left(words, mask), backwards=True)[1]


class _Swapped(_Variant):
    def forward(self, words, mask):
        return torch.cat([self.right(words, mask), self.left(words, mask)], -1)


class _Added(_Variant):
    def forward(self, words, mask):
        return self.left(words, mask) + self.right(words, mask)


class _MissesTheFirst(_Variant):
    """`range(T - 1, 0, -1)` ends before place 0."""

    def right(self, words, mask):
        kept = mask.clone()
        kept[:, 0] = False
        return read(self.back, words, kept, self.start(words), backwards=True)[1]


class _MissesTheLast(_Variant):
    """`range(T - 2, -1, -1)` begins before the last place."""

    def right(self, words, mask):
        kept = mask.clone()
        kept[:, -1] = False
        return read(self.back, words, kept, self.start(words), backwards=True)[1]


class _ReadsZeros(_Variant):
    """The pads are set to zero and read like words."""

    def right(self, words, mask):
        words = words.masked_fill(~mask[..., None], 0)
        return read(self.back, words, torch.ones_like(mask), self.start(words), backwards=True)[1]


both = Exercise(
    id="04.5",
    title="both directions",
    kind="module",
    answer="BothWays",
    reference=BothWays,
    cases=_cases,
    mistakes=(
        Mistake(
            "both readers read from the left",
            f"Two opinions of one reading. Where does the second reader begin, and where does it end? {WHERE}",
            _BothFromTheLeft,
        ),
        Mistake(
            "one reader reads both ways",
            f"`self.back` has weights and no work. Who reads from the right? {WHERE}",
            _OneReader,
        ),
        Mistake(
            "the reader from the right reads the pads before it comes to a word",
            "A short sentence's vector depends on how long its neighbours are. What should the state be when the first "
            f"real word comes? {WHERE}",
            _ReadsPadsFirst,
        ),
        Mistake(
            "the reader from the right reads the pads, except where there is nothing else",
            "A short sentence's vector depends on how long its neighbours are. What should the state be when the first "
            f"real word comes? {WHERE}",
            _ReadsPadsFirstButNotForNothing,
        ),
        Mistake(
            "both readers read the pads",
            f"The mask is never asked. What should a reader do when it meets a pad? {WHERE}",
            _ReadsAllPads,
        ),
        Mistake(
            "the second reader is asked after its first step",
            "At the last word it has read one word, the last. Where does someone who reads from the right know the "
            f"whole sentence? {WHERE}",
            _OneWordOnly,
        ),
        Mistake(
            "the second half is what stands at the last position",
            "There the second reader has read one word, or a pad. Where does someone who reads from the right know "
            f"the whole sentence? {WHERE}",
            _OneWordInTheLongest,
        ),
        Mistake(
            "a pad wipes the state out",
            "Times 0 is not the same as left alone: after a pad your reader has forgotten the sentence. Which state "
            f"should come out of a step at a pad? {WHERE}",
            _PadsErase,
        ),
        Mistake(
            "the words are turned round and the mask is not",
            "After the turn the pads stand first, and the mask still calls the first places words. What has to turn "
            f"together with the words? {WHERE}",
            _MaskNotTurned,
        ),
        Mistake(
            "the second reader begins where the first one ended",
            f"It should come to the sentence knowing nothing. What does its first step start from? {WHERE}",
            _GoesOn,
        ),
        Mistake(
            "the halves stand the other way round",
            f"A head trained on one order reads nonsense in the other. Who comes first? {WHERE}",
            _Swapped,
        ),
        Mistake(
            "the two states are added",
            f"Then no one can tell any more who said what. How many features does the result have? {WHERE}",
            _Added,
        ),
        Mistake(
            "the reader from the right stops before the first word",
            f"`range(T - 1, 0, -1)` ends at 1. Which place is never read? {WHERE}",
            _MissesTheFirst,
        ),
        Mistake(
            "the reader from the right begins one place too early",
            f"`range(T - 2, -1, -1)` begins at T - 2. Which place is never read? {WHERE}",
            _MissesTheLast,
        ),
        Mistake(
            "the pads are set to zero and read all the same",
            "A step over zeros is a step: biases and the state's matrix are at work. What should happen to the state "
            f"at a pad? {WHERE}",
            _ReadsZeros,
        ),
    ),
    hints=(
        "Someone reads from right to left. After which word does that reader know the whole sentence?",
        "The given loop goes over places 0 to T - 1. What changes for the second reader: the cell, the order of the "
        "places, or what happens at a pad?",
        "Start a second state at zeros. Go through the places from the last to the first; take a step of `self.back`, "
        "keep it where the mask says word, and keep the old state where it says pad. Put the two last states side by "
        "side, the first reader's first.",
    ),
)
