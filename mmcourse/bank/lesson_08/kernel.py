"""08.5 Scores from a kernel, and two ways to share."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion.kernel import kernel_weights

SEES = "(lesson 08, 'What a score can see')"
JOINT = "(lesson 08, 'Every region with every word')"
MASKS = "(lesson 08, 'Both masks')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, f_lengths, g_lengths, i: int, j: int, d: int, width: float, far=0.0, junk=None):
        f_mask, g_mask = draw.mask(*f_lengths, size=i), draw.mask(*g_lengths, size=j)
        f, g = draw.normal(len(f_lengths), i, d, strided=True), draw.normal(len(g_lengths), j, d)
        g = g + torch.tensor(far)[..., None]

        def padded(of_f: float, of_g: float) -> dict:
            return args | {
                "f": f.masked_fill(~f_mask[..., None], of_f),
                "g": g.masked_fill(~g_mask[..., None], of_g),
            }

        args = {"f": f, "g": g, "f_mask": f_mask, "g_mask": g_mask, "width": width}
        args, twin = args if junk is None else padded(junk, junk), padded(torch.nan, -4.0)
        return Case(name, args, points, twin=twin, twin_says="only what stands in the pads changes")

    return [
        case("a batch of one, no pads", 1, (3,), (4,), 3, 4, 2, 1.3),
        case("a narrow kernel", 1, (4, 4), (3, 3), 4, 3, 3, 0.6),
        case("padded regions and words", 1, (2, 4, 3), (5, 1, 3), 4, 5, 2, 1.5),
        case("pads that hold nan", 1, (1, 3), (4, 2), 3, 4, 2, 1.1, junk=torch.nan),
        case("a sample without regions, one without words", 1, (0, 3, 2), (2, 0, 1), 3, 2, 2, 0.9),
        case(  # every word of the first sample, and two words of the second
            "words far from all regions", 1, (3, 2), (2, 3), 3, 3, 2, 0.4, far=((30.0, 30, 30), (0, 30, 40))
        ),
    ]


def _distances(f: Tensor, g: Tensor) -> Tensor:
    return (f[:, :, None] - g[:, None]).square().sum(-1)  # (B, I, J)


def _share(scores: Tensor, pairs: Tensor, over: str) -> Tensor:
    scores = scores.masked_fill(~pairs, -torch.inf)
    if over == "all":
        return scores.flatten(1).softmax(-1).nan_to_num().view_as(scores)
    return scores.softmax({"regions": 1, "words": 2}[over]).nan_to_num()


def _answer(
    score: Callable[[Tensor, Tensor, float], Tensor] = lambda f, g, w: -_distances(f, g) / (2 * w**2),
    pairs: Callable[[Tensor, Tensor], Tensor] = lambda f_mask, g_mask: f_mask[:, :, None] & g_mask[:, None],
    ways: tuple[str, str] = ("all", "regions"),
):
    """`kernel_weights` with one part done otherwise."""

    def answer(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float):
        f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
        scores, valid = score(f, g, width), pairs(f_mask, g_mask)
        return tuple(_share(scores, valid, way) for way in ways)

    return answer


def _divided(low: float) -> Callable:
    """The kernel itself, divided by its sums."""

    def answer(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float):
        f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
        k = (-_distances(f, g) / (2 * width**2)).exp() * (f_mask[:, :, None] & g_mask[:, None])
        return k / (k.sum((1, 2), keepdim=True) + low), k / (k.sum(1, keepdim=True) + low)

    return answer


def _one_largest(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float):
    """The largest score of the sample is subtracted for both: a far word's exponentials are rounded to 0."""
    f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
    pairs = f_mask[:, :, None] & g_mask[:, None]
    joint = _share(-_distances(f, g) / (2 * width**2), pairs, "all")
    total = joint.sum(1, keepdim=True)
    return joint, joint / total.masked_fill(total == 0, 1)


def _bare(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float):
    """Without a word for rows of nothing."""
    f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
    pairs = f_mask[:, :, None] & g_mask[:, None]
    scores = (-_distances(f, g) / (2 * width**2)).masked_fill(~pairs, -torch.inf)
    return scores.flatten(1).softmax(-1).view_as(scores), scores.softmax(1)


def _low(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float):
    f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
    pairs = f_mask[:, :, None] & g_mask[:, None]
    scores = (-_distances(f, g) / (2 * width**2)).masked_fill(~pairs, -1e9)
    return scores.flatten(1).softmax(-1).view_as(scores), scores.softmax(1)


def _unclean(f: Tensor, g: Tensor, f_mask: Tensor, g_mask: Tensor, width: float):
    """Pads get no weight, but what they hold is put through the arithmetic of a mask that multiplies."""
    pairs = f_mask[:, :, None] & g_mask[:, None]
    scores = -_distances(f, g) / (2 * width**2)
    scores = scores * pairs + torch.zeros_like(scores).masked_fill(~pairs, -torch.inf)
    return _share(scores, torch.ones_like(pairs), "all"), _share(scores, torch.ones_like(pairs), "regions")


def _distance(f: Tensor, g: Tensor, width: float) -> Tensor:
    return -(_distances(f, g) + 1e-30).sqrt() / (2 * width**2)


weights = Exercise(
    id="08.5",
    title="kernel scores, shared out in two ways",
    kind="function",
    answer="kernel_weights",
    reference=kernel_weights,
    cases=_cases,
    mistakes=(
        Mistake(
            "the kernel itself is the score",
            "Softmax takes exp of what it gets, so you have exp of exp. Whose exponential is the kernel? " + SEES,
            _answer(lambda f, g, w: (-_distances(f, g) / (2 * w**2)).exp()),
        ),
        Mistake(
            "the far ones are preferred",
            "Your score grows with the distance. What is the sign in the kernel's exponent? " + SEES,
            _answer(lambda f, g, w: _distances(f, g) / (2 * w**2)),
        ),
        Mistake(
            "the width is not squared",
            "Twice as far and twice as wide should be as near as before. What happens to |f - g|² when all distances "
            f"double? {SEES}",
            _answer(lambda f, g, w: -_distances(f, g) / (2 * w)),
        ),
        Mistake(
            "the 2 is left out",
            f"At one width the kernel is exp(-1/2). What is yours? {SEES}",
            _answer(lambda f, g, w: -_distances(f, g) / w**2),
        ),
        Mistake(
            "the width is left out",
            f"Your weights are the same for every width. {SEES}",
            _answer(lambda f, g, w: -_distances(f, g) / 2),
        ),
        Mistake(
            "the distance is not squared",
            f"exp of minus the distance is another kernel (Laplace's). Which power has Gauss's? {SEES}",
            _answer(_distance),
        ),
        Mistake(
            "a dot product is taken for nearness",
            "f · g also grows with the length of f: a long vector that points roughly the right way beats a short one "
            f"that is the same. {SEES}",
            _answer(lambda f, g, w: f @ g.mT / w**2),
        ),
        Mistake(
            "the squares are averaged over the features",
            f"|f - g|² is a sum. Does a feature more bring two vectors closer? {SEES}",
            _answer(lambda f, g, w: -_distances(f, g) / f.shape[-1] / (2 * w**2)),
        ),
        Mistake(
            "the two ways change places",
            f"First the unit that all pairs share, then one unit for each word. {JOINT}",
            _answer(ways=("regions", "all")),
        ),
        Mistake(
            "each region gets a unit for the words",
            "Your second weights sum to 1 along each region's row. Who asks, and over whom is it shared? " + JOINT,
            _answer(ways=("all", "words")),
        ),
        Mistake(
            "both are shared out by each word",
            f"The first weights of a sample should sum to 1 altogether, yours to the number of words. {JOINT}",
            _answer(ways=("regions", "regions")),
        ),
        Mistake(
            "only the regions' mask is used",
            f"A pad of the sentence gets attention from you. Two pads, one mask? {MASKS}",
            _answer(pairs=lambda f_mask, g_mask: f_mask[:, :, None] & torch.ones_like(g_mask)[:, None]),
        ),
        Mistake(
            "only the words' mask is used",
            f"A pad of the picture gets attention from you. Two pads, one mask? {MASKS}",
            _answer(pairs=lambda f_mask, g_mask: torch.ones_like(f_mask)[:, :, None] & g_mask[:, None]),
        ),
        Mistake(
            "both masks are left out",
            f"What stands in the pads changes your answer. {MASKS}",
            _answer(pairs=lambda f_mask, g_mask: torch.ones_like(f_mask[:, :, None] & g_mask[:, None])),
        ),
        Mistake(
            "the kernel is divided by its sum as it is",
            "Far from everything every k is rounded to 0, and 0 / 0 is nan; yet one region is the nearest. What does "
            f"softmax do with logarithms before it takes exp? {SEES}",
            _divided(0.0),
        ),
        Mistake(
            "the weights for each word are made from the joint ones",
            "Equal on paper: divide each word's joint weights by their sum. In numbers a far word's are rounded to 0 "
            "beside a near one's, and nothing is left to divide; so it is if one largest score is subtracted for all "
            f"words. Whose largest does each word need? {SEES}",
            _one_largest,
        ),
        Mistake(
            "a little is added to the sum",
            "No more nan; but far from everything nobody gets anything, though one region is the nearest, and near by "
            f"the shares no longer sum to 1. What does softmax do with logarithms before it takes exp? {SEES}",
            _divided(1e-8),
        ),
        Mistake(
            "a row of -inf goes through softmax",
            f"Where there is no valid pair, 0 / 0 is nan. How much is there to share? {MASKS}",
            _bare,
        ),
        Mistake(
            "hidden scores become a large negative number",
            "Where all are equally low, they share evenly: a pad of the sentence looks at all regions. How much is "
            f"there to share? {MASKS}",
            _low,
        ),
        Mistake(
            "a pad's nan gets in",
            f"nan times 0 is nan. How can a number be replaced, instead of multiplied away? {MASKS}",
            _unclean,
        ),
    ),
    hints=(
        "If softmax(S) is to give k / Σ k, what must S be: k, or something whose exponential is k?",
        "S is -|f - g|² over 2 width²: a difference of (B, I, 1, d) and (B, 1, J, d), squared, summed over the last "
        "axis. One softmax over I·J numbers, and another over axis 1 alone.",
        "Compute S. Replace it by -inf in every pair of which either side is a pad. Softmax over the flattened pairs, "
        "and softmax over the regions; set the nan of rows without any pair to 0.",
    ),
)
