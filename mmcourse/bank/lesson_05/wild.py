"""05.7 Spot it in the wild: a mask that comes too late."""

import torch
from torch import Tensor

from mmcourse.attention import attention_pool
from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake

WHERE = "(lesson 05, '{}')".format


def given(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    """What the learner starts from."""
    shares = scores.softmax(-1) * mask  # (B, T)
    shares = shares / shares.sum(-1, keepdim=True).clamp(min=1e-12)
    return (shares[..., None] * tokens).sum(1)


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, scores: Tensor, mask: Tensor, single: bool = False) -> Case:
        tokens = draw.normal(*scores.shape, 3, shift=0.3)
        if single:
            scores, tokens = scores.float(), tokens.float()
        args = {"scores": scores, "tokens": tokens, "mask": mask}
        twin = {"scores": scores, "tokens": tokens.masked_fill(~mask[..., None], 7.0), "mask": mask}
        return Case(name, args, points, twin=twin, twin_says="only what stands in the pads changes")

    def lengths(*words: int, size: int, pads: float | None = None, apart: float = 1.5, shift: float = 0.0):
        mask = draw.mask(*words, size=size)
        scores = draw.normal(len(words), size, scale=apart, shift=shift)
        return (scores if pads is None else scores.masked_fill(~mask, pads)), mask

    apart, mask = lengths(5, size=7, pads=60.0, apart=25.0)
    apart[0, :2] = apart[0].max() + torch.tensor([0.0, 1])  # the two highest words are close together
    return [
        case("as its author tested it: small scores", 0, *lengths(2, 5, 4, size=6)),
        case("a pad's score stands far above", 1, *lengths(3, 1, 4, size=5, pads=900.0)),
        case("far above, in single precision", 1, *lengths(2, 4, size=5, pads=120.0), single=True),
        case("a batch of one, scores far apart", 1, apart, mask),
        case("the words' scores lie far below 0", 1, *lengths(4, 2, size=6, pads=1.0, shift=-20_000.0)),
        case("a sentence without words", 0, *lengths(0, 3, size=4, pads=40.0)),
    ]


def _filled(fill: float, clean: bool):
    def answer(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        shares = scores.masked_fill(~mask, fill).softmax(-1)
        return ((shares.nan_to_num() if clean else shares)[..., None] * tokens).sum(1)

    return answer


def _renormalised(low: float, add: float = 0.0, cap: float | None = None):
    def answer(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        shares = (scores if cap is None else scores.clamp(-cap, cap)).softmax(-1) * mask
        total = shares.sum(-1, keepdim=True)
        return ((shares / (total.clamp(min=low) + add))[..., None] * tokens).sum(1)

    return answer


def _zero_then_given(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    return given(scores.masked_fill(~mask, 0.0), tokens, mask)


def _cut_above(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    return given(scores.clamp(max=20), tokens, mask)


def _nan_to_zeros(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    shares = scores.softmax(-1) * mask
    return ((shares / shares.sum(-1, keepdim=True)).nan_to_num()[..., None] * tokens).sum(1)


def _cleared_late(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    return _filled(-torch.inf, clean=False)(scores, tokens, mask).nan_to_num()


def _added(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    low = torch.zeros_like(scores).masked_fill(~mask, -torch.inf)
    return ((scores + low).softmax(-1).nan_to_num()[..., None] * tokens).sum(1)


def _exponentials(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    shares = scores.exp() * mask
    return ((shares / shares.sum(-1, keepdim=True).clamp(min=1e-12))[..., None] * tokens).sum(1)


def _double(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    shares = scores.double().softmax(-1) * mask
    shares = shares / shares.sum(-1, keepdim=True).clamp(min=1e-300)
    return (shares.to(tokens.dtype)[..., None] * tokens).sum(1)


def _even(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    """The fault kept, and a plain mean where it bites."""
    shares = scores.softmax(-1) * mask
    total = shares.sum(-1, keepdim=True)
    rest = mask / mask.sum(-1, keepdim=True).clamp(min=1)
    return (torch.where(total > 1e-12, shares / total.clamp(min=1e-12), rest)[..., None] * tokens).sum(1)


pool = Exercise(
    id="05.7",
    title="spot it in the wild",
    kind="function",
    answer="attention_pool",
    reference=attention_pool,
    given=given,
    cases=_cases,
    mistakes=(
        Mistake(
            "the clamp is taken away",
            "It was there for a reason: where nothing is left, 0 / 0 is nan. Why is nothing left, though there are "
            f"words? {WHERE('A row with nothing to look at')}",
            _renormalised(0.0),
        ),
        Mistake(
            "the clamp is made smaller",
            "However small: a share that was rounded to 0 before stays 0. Who took the unit before the mask was asked? "
            f"{WHERE('Masks')}",
            _renormalised(1e-300),
            also=(_renormalised(1e-38),),
        ),
        Mistake(
            "the shares are worked out in double precision",
            "That moves the edge further out, and a pad whose score is higher still finds it. Who took the unit before "
            f"the mask was asked? {WHERE('Masks')}",
            _double,
        ),
        Mistake(
            "what comes of 0 / 0 is turned into 0",
            "No more nan, and the words are gone as before. Why is nothing left, though there are words? "
            f"{WHERE('Masks')}",
            _nan_to_zeros,
        ),
        Mistake(
            "a little is added to the sum",
            "It bends the shares that were right, and what was rounded to 0 stays 0. Who took the unit before the mask "
            f"was asked? {WHERE('Masks')}",
            _renormalised(0.0, add=1e-6),
        ),
        Mistake(
            "large scores are cut off",
            "Two words whose scores are both cut get equal shares. It is not the words' scores that are too large: "
            f"whose are? {WHERE('Masks')}",
            _renormalised(1e-12, cap=10.0),
            also=(_cut_above,),
        ),
        Mistake(
            "the exponentials overflow",
            "exp of a thousand is infinite, and infinite times 0 is nan. Whose scores decide what may be taken off all "
            f"of a row's scores first? {WHERE('Who shares one unit')}",
            _exponentials,
        ),
        Mistake(
            "the words share evenly where nothing was left",
            "No more zeros, and their scores no longer count. Could the pads be out before anything is shared? "
            f"{WHERE('Masks')}",
            _even,
        ),
        Mistake(
            "the pads' scores become 0",
            f"exp(0) is 1, so a pad keeps a share. exp of what is 0? {WHERE('Masks')}",
            _filled(0.0, clean=False),
        ),
        Mistake(
            "the pads' scores become a large negative number",
            "Right wherever there is a word; without any word, the pads share evenly among themselves. What is the "
            f"mean of nothing? {WHERE('A row with nothing to look at')}",
            _filled(-1e9, clean=False),
            also=(_filled(-1e4, clean=False),),
        ),
        Mistake(
            "the pads' scores become a number that is not low enough",
            "The words' scores may lie below it, and then the pads take all before they are struck out. Which number "
            f"is below every score? {WHERE('Masks')}",
            _zero_then_given,
        ),
        Mistake(
            "minus infinity is added to the scores, and the nan cleared away afterwards",
            "The values are right; the gradients of a sentence without words are nan. `masked_fill` stops them on "
            f"their way back, and a sum does not. {WHERE('A row with nothing to look at')}",
            _added,
        ),
        Mistake(
            "the nan is cleared away from the result, after it has met the tokens",
            "The result is right; on the way back the tokens meet shares that are still nan. Where does the nan begin, "
            f"and can it be cleared away there? {WHERE('A row with nothing to look at')}",
            _cleared_late,
        ),
        Mistake(
            "a row of -inf goes through softmax",
            "The fault is mended, and a sentence without words now gives nan. What should it give? "
            f"{WHERE('A row with nothing to look at')}",
            _filled(-torch.inf, clean=False),
        ),
        Mistake(
            "the mask comes after the softmax",
            f"Now the shares no longer sum to 1. The mask belongs to another place altogether: which? {WHERE('Masks')}",
            lambda scores, tokens, mask: ((scores.softmax(-1) * mask)[..., None] * tokens).sum(1),
        ),
    ),
    hints=(
        "One pad with a very high score, two words with ordinary ones: what does the softmax leave for the words?",
        "Print the first line's `shares` for scores (200, 0, 1) in single precision, the 200 a pad. What can the "
        "second line still do with them?",
        "On paper dividing again is the same as never having been there. In numbers it isn't: hide the pads before the "
        "softmax, by scores that get no share, and clear the nan of a sentence without words.",
    ),
)
