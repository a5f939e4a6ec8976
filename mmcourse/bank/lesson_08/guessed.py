"""08.7 Spot it in the wild: a mask that is guessed, and half forgotten."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import joint_softmax

JOINT = "(lesson 08, 'Every region with every word')"
MASKS = "(lesson 08, 'Both masks')"


def pair_weights(f: Tensor, scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
    """What it should do; f has no say in it."""
    return joint_softmax(scores, f_mask, g_mask)


def given(f: Tensor, scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
    """What the learner starts from."""
    empty = f.abs().sum(-1) == 0  # (B, I)
    logits = scores.masked_fill(empty[:, :, None], -torch.inf)  # (B, I, J)
    return logits.flatten(1).softmax(-1).view_as(scores)


def _cases(draw: Draw) -> list[Case]:
    def case(
        name: str, points: int, f_lengths, g_lengths, i: int, j: int, zeros=(), pads=0.0, twin=True, shift=0.0
    ) -> Case:
        f_mask, g_mask = draw.mask(*f_lengths, size=i), draw.mask(*g_lengths, size=j)
        f = draw.normal(len(f_lengths), i, 3).masked_fill(~f_mask[..., None], pads)
        for b, region in zeros:
            f[b, region] = 0
        scores = draw.normal(len(f_lengths), i, j, scale=1.5, shift=shift)
        args = {"f": f, "scores": scores, "f_mask": f_mask, "g_mask": g_mask}
        hidden = ~(f_mask[:, :, None] & g_mask[:, None])
        other = args | {"scores": scores.masked_fill(hidden, 300.0)} if twin else None
        return Case(name, args, points, twin=other, twin_says="only the scores of pads change")

    return [
        case("as its authors tried it: full sentences, pads of zeros", 0, (2, 4), (3, 3), 4, 3, twin=False),
        case("a sentence shorter than its neighbour", 1, (3, 3), (2, 4), 3, 4),
        case("pads that are not zeros", 1, (2, 3, 1), (4, 4, 4), 3, 4, pads=0.8),
        case("a real region that is all zeros", 1, (3, 2), (2, 2), 3, 2, zeros=((0, 1),)),
        case("scores far below zero", 1, (2, 3), (3, 1), 3, 3, shift=-3e4),
        case("a picture without regions, a text without words", 1, (0, 2, 3), (2, 0, 3), 3, 3),
    ]


def _filled(hidden, fill: float = -torch.inf, clean: bool = True, times=None):
    """A joint softmax with something else hidden, another filling, or a product behind it."""

    def answer(f: Tensor, scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
        logits = scores.masked_fill(hidden(f, f_mask, g_mask).expand_as(scores), fill)
        shares = logits.flatten(1).softmax(-1).view_as(scores)
        shares = shares.nan_to_num() if clean else shares
        return shares if times is None else times(shares, f_mask, g_mask)

    return answer


def _guess(f, f_mask, g_mask):
    return (f.abs().sum(-1) == 0)[:, :, None]


def _regions(f, f_mask, g_mask):
    return ~f_mask[:, :, None]


def _words(f, f_mask, g_mask):
    return ~g_mask[:, None]


def _either(f, f_mask, g_mask):
    return ~(f_mask[:, :, None] & g_mask[:, None])


def _guess_and_words(f, f_mask, g_mask):
    return _guess(f, f_mask, g_mask) | ~g_mask[:, None]


def _both_pads(f, f_mask, g_mask):
    return ~f_mask[:, :, None] & ~g_mask[:, None]


def _added(f: Tensor, scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
    """-inf is added instead of filled in, and the nan is wiped away behind: no value shows it, every gradient does."""
    low = torch.zeros_like(scores).masked_fill(_either(f, f_mask, g_mask), -torch.inf)
    shares = (scores + low).flatten(1).softmax(-1).view_as(scores)
    return torch.where(shares.isnan(), 0.0, shares)


def _only_valid(shares, f_mask, g_mask):
    return shares * f_mask[:, :, None] * g_mask[:, None]


def _renormalised(shares, f_mask, g_mask):
    shares = _only_valid(shares, f_mask, g_mask)
    return shares / shares.sum((1, 2), keepdim=True).clamp(min=1e-12)


wild = Exercise(
    id="08.7",
    title="spot it in the wild",
    kind="function",
    answer="pair_weights",
    reference=pair_weights,
    given=given,
    cases=_cases,
    mistakes=(
        Mistake(
            "the regions' mask is still guessed from their features",
            "A region may be all zeros and real, and a pad need not be zeros. Who knows which regions are real? "
            + MASKS,
            _filled(_guess_and_words),
        ),
        Mistake(
            "only the nan is mended",
            "The answer to a question still depends on the longest question beside it. Who else must not take part? "
            + MASKS,
            _filled(_guess),
        ),
        Mistake(
            "the words' pads still take part",
            f"Put one more pad behind a sentence: do the weights of its words change? {MASKS}",
            _filled(_regions),
        ),
        Mistake(
            "the words' pads still take part, and nan is still there",
            "Better than a guess, and still: put one more pad behind a sentence, and leave a picture without regions. "
            + MASKS,
            _filled(_regions, clean=False),
        ),
        Mistake("the regions' pads take part now", f"Two pads, one mask? {MASKS}", _filled(_words)),
        Mistake(
            "a pair is hidden only if both of its sides are pads",
            "A real word with a pad of the picture is no pair either. When is (i, j) valid? " + MASKS,
            _filled(_both_pads),
        ),
        Mistake(
            "a row of -inf goes through softmax",
            f"Both masks are right; where no pair is valid, 0 / 0 is nan. What is there to share? {MASKS}",
            _filled(_either, clean=False),
        ),
        Mistake(
            "hidden scores become a large negative number",
            "Right wherever there is a pair. Where there is none, all are equally low and the pads share evenly. What "
            f"is there to share? {MASKS}",
            _filled(_either, fill=-1e9, clean=False),
        ),
        Mistake(
            "hidden scores become a number that a real score can be below",
            "Right as long as the real scores are higher than what you fill in. The check has a sample whose scores "
            "all lie far below zero, and there the pads take nearly all. Which filling does no score ever reach? "
            + MASKS,
            _filled(_either, fill=-100.0, clean=False, times=_only_valid),
            also=(_filled(_either, fill=-100.0, clean=False),),
        ),
        Mistake(
            "hidden scores become 0",
            f"exp(0) is 1: a hidden pair keeps a share. exp of what is 0? {MASKS}",
            _filled(_either, fill=0.0, clean=False),
        ),
        Mistake(
            "the words' mask comes after the softmax",
            f"The pads of the sentence took their share first. Must the others still share 1? {MASKS}",
            _filled(_regions, times=lambda shares, f_mask, g_mask: shares * g_mask[:, None]),
        ),
        Mistake(
            "the masks come after the softmax, and the rest is divided again",
            "Equal on paper. In numbers a pad with a score of 300 takes all, and nothing is left to divide. Could the "
            f"pads be out before anything is shared? {MASKS}",
            _filled(lambda f, f_mask, g_mask: torch.zeros_like(_either(f, f_mask, g_mask)), times=_renormalised),
        ),
        Mistake(
            "minus infinity is added instead of filled in",
            "The values are right, and where no pair is valid the gradient is nan: one such sample, and after one "
            f"step every weight is nan. What does a filled-in score have for a gradient? {MASKS}",
            _added,
        ),
        Mistake(
            "each word hands out a unit of its own",
            f"Masked well, and shared out over the regions alone. How much attention in all? {JOINT}",
            lambda f, scores, f_mask, g_mask: (
                scores.masked_fill(_either(f, f_mask, g_mask), -torch.inf).softmax(1).nan_to_num()
            ),
        ),
        Mistake(
            "each region hands out a unit of its own",
            f"Masked well, and shared out over the words alone. How much attention in all? {JOINT}",
            lambda f, scores, f_mask, g_mask: (
                scores.masked_fill(_either(f, f_mask, g_mask), -torch.inf).softmax(2).nan_to_num()
            ),
        ),
    ),
    hints=(
        "Which of the three inputs that know something about pads does the given code never look at?",
        "Run the last cell: the same question, alone and beside a longer one. Then ask what the first line would make "
        "of a region that is real and all zeros, as behind a ReLU, and of a pad that is not.",
        "Let the masks say what is real. A pair is valid where its region and its word are both real, (B, I, 1) and "
        "(B, 1, J). Hide the others before the softmax, and let a sample without any valid pair have zeros.",
    ),
)
