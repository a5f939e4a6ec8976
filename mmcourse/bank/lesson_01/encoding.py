"""01.5, encode with truncation."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.preprocess import BOS, EOS, PAD, UNK, encode
from mmcourse.preprocess.encoding import pad

WHERE = "(lesson 01, 'From a sentence to numbers')"
POOL = ["amber", "birch", "cedar", "dunes", "ember", "fjord", "grove", "heath"]
INDEX = {PAD: 0, UNK: 1, BOS: 2, EOS: 3} | {word: i for i, word in enumerate(POOL, 4)}


def _cases(draw: Draw) -> list[Case]:
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


def _encoded(
    row: Callable[[list[int], int], list[int]] = lambda ids, length: [2, *ids[: length - 2], 3],
    unknown: Callable[[str], int | None] = lambda word: 1,
    mask: Callable[[Tensor, Tensor], Tensor] = lambda mask, ids: mask,
    size: Callable[[list[list[int]], int], int] = lambda rows, length: length,
) -> Callable:
    """`encode` with another choice for one of its parts."""

    def answer(sentences, index, length):
        looked = [[index[w] if w in index else unknown(w) for w in sentence] for sentence in sentences]
        rows = [row([i for i in ids if i is not None], length) for ids in looked]
        ids, real = pad(rows, size(rows, length))
        return ids, mask(real, ids)

    return answer


def _left(sentences, index, length):
    ids, mask = encode(sentences, index, length)
    gaps = [int((~row).sum()) for row in mask]
    turn = [(i.roll(gap), m.roll(gap)) for i, m, gap in zip(ids, mask, gaps, strict=True)]
    return tuple(torch.stack(part) for part in zip(*turn, strict=True))


def _ended(sentences, index, length):
    ids, mask = encode(sentences, index, length)
    return ids.masked_fill(~mask, 3), mask


encoding = Exercise(
    id="01.5",
    title="Encode, and cut what is too long",
    kind="function",
    answer="encode",
    reference=encode,
    cases=_cases,
    mistakes=(
        Mistake(
            "the end is cut off with the rest",
            "A long sentence of yours has no <eos>: a model that waits for the end waits in vain. How much room do the "
            f"two ends need? {WHERE}",
            _encoded(lambda ids, length: [2, *ids, 3][:length]),
        ),
        Mistake(
            "the last words are kept instead of the first",
            f"A sentence that is too long loses its end, by what was asked. Which end of it do you keep? {WHERE}",
            _encoded(lambda ids, length: [2, *(ids[max(0, len(ids) - length + 2) :]), 3]),
        ),
        Mistake(
            "room is kept for one end only",
            "A long sentence of yours has one number more than its row has places. How many of the `length` places are "
            f"left for words when both ends stand? {WHERE}",
            _encoded(lambda ids, length: [2, *ids[: length - 1], 3]),
        ),
        Mistake(
            "room is kept for three ends",
            "Your long sentences are one word shorter than they need be. How many of the `length` places are left when "
            f"both ends stand? {WHERE}",
            _encoded(lambda ids, length: [2, *ids[: max(0, length - 3)], 3]),
        ),
        Mistake(
            "the beginning is left out",
            f"Your sentences begin with a word. Which number says that a sentence begins? {WHERE}",
            _encoded(lambda ids, length: [*ids[: length - 1], 3]),
        ),
        Mistake(
            "the end is left out",
            f"Your sentences stop without saying so. Which number says that a sentence ends? {WHERE}",
            _encoded(lambda ids, length: [2, *ids[: length - 1]]),
        ),
        Mistake(
            "the end stands behind the pads",
            "A model that reads yours goes through the pads and finds an end behind them. Which comes first, the "
            f"last word's <eos> or the filling? {WHERE}",
            _encoded(
                lambda ids, length: [2, *ids[: length - 2], *[0] * (length - 2 - len(ids)), 3],
                mask=lambda mask, ids: ids != 0,
            ),
        ),
        Mistake(
            "the mask is as long as the words without their ends",
            "<bos> has moved every word by one place, and your mask has not moved. How many places of a row are "
            f"filled? {WHERE}",
            _encoded(mask=lambda mask, ids: mask & mask.roll(-2, 1) & (torch.arange(ids.shape[1]) < ids.shape[1] - 2)),
        ),
        Mistake(
            "the ends are left out",
            f"No sentence of yours says where it begins and where it ends. Which two numbers go around it? {WHERE}",
            _encoded(lambda ids, length: ids[:length]),
        ),
        Mistake(
            "an unknown word is taken for a pad",
            "Yours says that there was nothing, where there was a word that we don't know. Which of the four nothings "
            f"is it? {WHERE}",
            _encoded(unknown=lambda word: 0),
        ),
        Mistake(
            "unknown words are left out",
            f"'The ??? of the ???' is now shorter than it was. Does a word that we don't know take up a place? {WHERE}",
            _encoded(unknown=lambda word: None),
        ),
        Mistake(
            "an unknown word is looked up like the others",
            f"A dict has no answer for a key that it lacks, and stops. What does `get` do? {WHERE}",
            lambda sentences, index, length: [[index[w] for w in sentence] for sentence in sentences],
        ),
        Mistake(
            "the mask hides unknown words",
            "An unknown word is a word: the model may know from it that something rare stood here. Which number alone "
            f"means nothing? {WHERE}",
            _encoded(mask=lambda mask, ids: ids > 1),
        ),
        Mistake(
            "the mask hides the ends",
            f"They are part of what the model reads. Which positions were only filled up? {WHERE}",
            _encoded(mask=lambda mask, ids: mask & (ids != 2) & (ids != 3)),
        ),
        Mistake(
            "the mask is the wrong way round",
            f"Yours is True on the pads. What does True mean in this course? {WHERE}",
            _encoded(mask=lambda mask, ids: ~mask),
        ),
        Mistake(
            "the mask is True everywhere",
            f"Then a mean over words counts the pads. Which positions were only filled up? {WHERE}",
            _encoded(mask=lambda mask, ids: torch.ones_like(mask)),
        ),
        Mistake(
            "the tensor is as long as the longest row",
            f"`length` was asked for, whatever the batch holds. How many columns does the result have? {WHERE}",
            _encoded(size=lambda rows, length: max(map(len, rows))),
        ),
        Mistake(
            "the pads stand in front",
            f"Sentences of this course begin on the left. Which side is filled up? {WHERE}",
            _left,
        ),
        Mistake(
            "it is filled up with ends",
            f"One <eos> ends a sentence. Which of the four nothings fills the rest? {WHERE}",
            _ended,
        ),
    ),
    hints=(
        "A sentence has `length` places. How many are left for its words once both ends stand?",
        "First numbers, with <unk> for what the index lacks; then the cut; then the ends; then the pads. In which of "
        "these steps is the mask known?",
        "For each sentence: look up its first length - 2 words, put <bos> in front and <eos> behind, and note how long "
        "that is. Write it into a row of zeros, and True into as many places of a row of False.",
    ),
)
