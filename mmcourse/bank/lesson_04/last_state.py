"""04.4: the state after the last real word."""

import torch

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.rnn import last_state

WHERE = "(lesson 04, 'Where does the reading end?')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *lengths: int, size: int, **more) -> Case:
        mask = draw.mask(*lengths, size=size)
        states = draw.normal(len(lengths), size, 4, **more)
        return Case(
            name,
            {"states": states, "mask": mask},
            points,
            twin={"states": states.masked_fill(~mask[..., None], 7.0), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one sentence, padded", 1, 3, size=5),
        case("lengths that differ", 2, 2, 6, 1, size=6, strided=True),
        case("one word each", 1, 1, 1, size=3),
        case("a sentence without words", 1, 4, 0, 2, size=5),
    ]


def _at(places):
    """The state at `places(mask)`, a place for each row; the mean of nothing stays right."""

    def answer(states, mask):
        rows = torch.arange(len(states))
        return states[rows, places(mask)].masked_fill(~mask.any(1, keepdim=True), 0)

    return answer


def _unguarded(states, mask):
    return states[torch.arange(len(states)), mask.sum(1) - 1]


def _guarded_by_clamp(states, mask):
    return states[torch.arange(len(states)), (mask.sum(1) - 1).clamp(min=0)]


def _longest(mask):
    return (mask.sum(1).max() - 1).clamp(min=0).expand(len(mask))


def _one_late(mask):
    return mask.sum(1).clamp(max=mask.shape[1] - 1)


def _one_early(mask):
    return (mask.sum(1) - 2).clamp(min=0)


def _all_pairs(states, mask):
    return states[:, (mask.sum(1) - 1).clamp(min=0)]


def _summed(states, mask):
    return states.masked_fill(~mask[..., None], 0).sum(1)


def _zeroed(states, mask):
    return states.masked_fill(~mask[..., None], 0)[:, -1]


def _averaged(states, mask):
    return _summed(states, mask) / mask.sum(1, keepdim=True).clamp(min=1)


last = Exercise(
    id="04.4",
    title="the last state that counts",
    kind="function",
    answer="last_state",
    reference=last_state,
    cases=_cases,
    mistakes=(
        Mistake(
            "the last position is taken, word or pad",
            f"In a short sentence a pad stands there. What did the network read last that was a word? {WHERE}",
            lambda states, mask: states[:, -1],
        ),
        Mistake(
            "the last position is taken where there are words at all",
            f"In a short sentence a pad stands there. What did the network read last that was a word? {WHERE}",
            _at(lambda mask: torch.full((len(mask),), mask.shape[1] - 1)),
        ),
        Mistake(
            "pads are set to zero, and then the last position is taken",
            "Now every shorter sentence is zeros. The mask says where each one ends: what did the network read last "
            f"that was a word? {WHERE}",
            _zeroed,
        ),
        Mistake(
            "a sentence without words gets the state at place -1",
            "Its length is 0, and 0 - 1 is Python's name for the last place, where a pad stands. What should the "
            f"vector of nothing be? {WHERE}",
            _unguarded,
        ),
        Mistake(
            "a sentence without words gets the state at its first pad",
            f"Your bound keeps the place at 0, but a pad stands there. What should the vector of nothing be? {WHERE}",
            _guarded_by_clamp,
        ),
        Mistake(
            "the longest sentence's length serves all",
            f"The mask has a row for each sentence. How many lengths are there in a batch of B? {WHERE}",
            _at(_longest),
        ),
        Mistake(
            "the place after the last word is taken",
            f"A sentence of n words has them at places 0 to ... what? {WHERE}",
            _at(_one_late),
        ),
        Mistake(
            "the last word but one is taken",
            f"You have subtracted once too often. At which place does a sentence of one word end? {WHERE}",
            _at(_one_early),
        ),
        Mistake(
            "every sentence gets a state at every sentence's last place",
            "A slice over the batch and a list of places give all pairs of the two, (B, B, d). How do you pair row b "
            f"with place b? {WHERE}",
            _all_pairs,
        ),
        Mistake(
            "the states are added up",
            f"All words' states are in it; the question was for one of them. Which state has read everything? {WHERE}",
            _summed,
        ),
        Mistake(
            "the states are averaged",
            f"That is another good vector, of exercise 04.1. Which single state has read everything? {WHERE}",
            _averaged,
        ),
        Mistake(
            "the first word's state is taken",
            f"It has read one word. Which state has read them all? {WHERE}",
            _at(lambda mask: torch.zeros(len(mask), dtype=torch.long)),
        ),
    ),
    hints=(
        "Each sentence of a batch ends somewhere else. Where is that written?",
        "mask (B, T) has a True for each word: its sum over T is (B), the lengths. Which place has the last word of a "
        "sentence of n? What if n is 0?",
        "Take each row's length less 1, at least 0, as its place. Pick from row b the state at place b, by a list of "
        "rows beside a list of places. Put 0 into the rows whose mask is all False.",
    ),
)
