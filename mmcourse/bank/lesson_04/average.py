"""04.1: a mean over real words."""

import torch

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text import masked_mean


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *lengths: int, size: int, **more) -> Case:
        mask = draw.mask(*lengths, size=size)
        tokens = draw.normal(len(lengths), size, 3, shift=0.4, **more)
        other = tokens.masked_fill(~mask[..., None], 9.0)  # other pads
        return Case(
            name,
            {"tokens": tokens, "mask": mask},
            points=points,
            twin={"tokens": other, "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    def spoilt(name: str, points: int, *lengths: int, size: int) -> Case:
        mask = draw.mask(*lengths, size=size)
        tokens = draw.normal(len(lengths), size, 3, shift=0.4)
        return Case(name, {"tokens": tokens.masked_fill(~mask[..., None], torch.nan), "mask": mask}, points)

    return [
        case("one sentence", 1, 4, size=4),
        case("a batch without padding", 1, 5, 5, size=5, strided=True),
        case("padded", 1, 2, 5, 4, size=6),
        spoilt("nan in the pads", 1, 3, 5, 1, size=5),
        case("a sentence without words", 1, 0, 3, size=4),
    ]


def _zeroed(tokens, mask):
    return (tokens * mask[..., None]).mean(1)


def _of_nothing(tokens, mask):
    return tokens.masked_fill(~mask[..., None], 0).sum(1) / mask.sum(1, keepdim=True)


def _inverted(tokens, mask):
    return masked_mean(tokens, ~mask)


def _over_batch(tokens, mask):
    return tokens.masked_fill(~mask[..., None], 0).sum(1) / mask.sum().clamp(min=1)


def _plus_one(tokens, mask):
    return tokens.masked_fill(~mask[..., None], 0).sum(1) / (mask.sum(1, keepdim=True) + 1)


def _a_little_more(tokens, mask):
    return tokens.masked_fill(~mask[..., None], 0).sum(1) / (mask.sum(1, keepdim=True) + 1e-6)


mean = Exercise(
    id="04.1",
    title="masked mean",
    kind="function",
    answer="masked_mean",
    reference=masked_mean,
    cases=_cases,
    mistakes=(
        Mistake(
            "the pads are averaged in as if they were words",
            "Your answer never looks at the mask. Which positions hold words? "
            "(lesson 04, 'A mean that ignores padding')",
            lambda tokens, mask: tokens.mean(1),
        ),
        Mistake(
            "the pads are counted as words",
            "They add nothing to your sum, but they are in the number that you divide by. Divide by how many words? "
            "(lesson 04, 'A mean that ignores padding')",
            _zeroed,
        ),
        Mistake(
            "the mean of nothing is 0 / 0",
            "A sentence without words gives nan, and one nan spoils a whole training step. What should the mean of "
            "nothing be? (lesson 04, 'A mean that ignores padding')",
            _of_nothing,
        ),
        Mistake(
            "the pads are multiplied by 0",
            "All is right, as long as numbers stand in the pads. 0 times nan is nan. Which operation does not ask what "
            "it replaces? (lesson 04, 'A mean that ignores padding')",
            lambda tokens, mask: (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1),
        ),
        Mistake(
            "the mask is read the wrong way round",
            "You keep the pads and drop the words. Does True mean keep? (lesson 04, 'A mean that ignores padding')",
            _inverted,
        ),
        Mistake(
            "the words of the whole batch are counted",
            "Your divisor is one number for all sentences. May a neighbour in the batch shrink my mean? "
            "(lesson 04, 'A mean that ignores padding')",
            _over_batch,
        ),
        Mistake(
            "one word too many is counted to avoid dividing by zero",
            "`+ 1` saves the empty sentence and bends all others. What changes only the zero? "
            "(lesson 04, 'A mean that ignores padding')",
            _plus_one,
        ),
        Mistake(
            "a millionth of a word is added to avoid dividing by zero",
            "`+ 1e-6` saves the empty sentence and bends all others, by little: enough for a comparison to see. What "
            "changes only the zero? (lesson 04, 'A mean that ignores padding')",
            _a_little_more,
            also=(
                lambda tokens, mask: (tokens * mask[..., None]).sum(1) / (mask.sum(1, keepdim=True) + 1e-6),
                lambda tokens, mask: (
                    tokens.masked_fill(~mask[..., None], 0).sum(1) / (mask.sum(1, keepdim=True) + 1e-5)
                ),
            ),
        ),
    ),
    hints=(
        "A mean is a sum divided by a number. What belongs in the sum, and what is the number?",
        "The mask is (B, T), the tokens (B, T, d): which axis is missing, so that the one can hide the other?",
        "Fill pads with 0, sum over T, divide by the number of real words in each sentence, at least 1.",
    ),
)
