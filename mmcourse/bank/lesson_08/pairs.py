"""08.1 Every pair, written out."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion.written_out import pair_sum

PAIRS = "(lesson 08, 'Every region with every word')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, i: int, j: int, d: int, scale: float = 1.0) -> Case:
        f, g = draw.normal(i, d, shift=0.4, strided=True), draw.normal(j, d, shift=-0.5)
        return Case(name, {"f": f, "g": g, "scores": draw.normal(i, j, scale=scale)}, points)

    return [
        case("one region, one word", 1, 1, 1, 3),
        case("two regions, three words", 1, 2, 3, 4),
        case("as many regions as words, as many features", 1, 3, 3, 3),
        case("scores in the hundreds", 1, 4, 2, 3, 700.0),
    ]


def _with(shares: Callable[[Tensor], Tensor], pair: Callable[[Tensor, Tensor], Tensor] = torch.mul):
    def answer(f: Tensor, g: Tensor, scores: Tensor) -> Tensor:
        a = shares(scores)
        return sum(a[i, j] * pair(f[i], g[j]) for i in range(len(f)) for j in range(len(g)))

    return answer


def _jointly(scores: Tensor) -> Tensor:
    return scores.flatten().softmax(0).view_as(scores)


def _apart(f: Tensor, g: Tensor, scores: Tensor) -> Tensor:
    shares = _jointly(scores)
    return (shares.sum(1) @ f) * (shares.sum(0) @ g)


def _largest(f: Tensor, g: Tensor, scores: Tensor) -> Tensor:
    i, j = divmod(int(scores.argmax()), scores.shape[1])
    return f[i] * g[j]


written_out = Exercise(
    id="08.1",
    title="every pair, written out",
    kind="function",
    answer="pair_sum",
    reference=pair_sum,
    cases=_cases,
    mistakes=(
        Mistake(
            "each word hands out one unit",
            "Your weights sum to 1 down each word's column, so the total is the number of words. How much attention "
            f"is there for all pairs together? {PAIRS}",
            _with(lambda s: s.softmax(0)),
        ),
        Mistake(
            "each region hands out one unit",
            "Your weights sum to 1 along each region's row, so the total is the number of regions. How much attention "
            f"is there for all pairs together? {PAIRS}",
            _with(lambda s: s.softmax(1)),
        ),
        Mistake(
            "each side hands out units, which are then averaged",
            "Your weights sum to 1, and every word (or every region) still has the same part of it. May one of them "
            f"get nothing? {PAIRS}",
            _with(lambda s: s.softmax(0) / s.shape[1]),
            also=(_with(lambda s: s.softmax(1) / s.shape[0]),),
        ),
        Mistake(
            "the scores themselves are the weights",
            f"Scores can be negative and sum to anything. What turns them into shares of one unit? {PAIRS}",
            _with(lambda s: s),
        ),
        Mistake(
            "the exponentials are not divided by their sum",
            f"exp makes them positive; it doesn't make them sum to 1. What is missing? {PAIRS}",
            _with(torch.exp),
        ),
        Mistake(
            "exp is taken of the scores as they are",
            "exp(800) is inf, and inf / inf is nan. What can be subtracted from all scores without changing a single "
            f"weight? {PAIRS}",
            _with(lambda s: s.exp() / s.exp().sum()),
        ),
        Mistake(
            "the sum is divided by the number of pairs",
            f"The weights sum to 1 already: a weighted mean needs no second division. {PAIRS}",
            _with(lambda s: _jointly(s) / s.numel()),
        ),
        Mistake(
            "every pair counts the same",
            f"The scores make no difference to your sum. Where does α come in? {PAIRS}",
            _with(lambda s: torch.full_like(s, 1 / s.numel()) + 0 * s),
        ),
        Mistake(
            "only the pair with the largest score is taken",
            "That is the limit of very large scores. Through a choice no gradient reaches them: what does a softmax "
            f"give to second place? {PAIRS}",
            _largest,
        ),
        Mistake(
            "the two are added instead of multiplied",
            "A sum of f and g lets neither change what the other means. Which product does the circle in the formula "
            f"stand for? {PAIRS}",
            _with(_jointly, torch.add),
        ),
        Mistake(
            "the features are summed away",
            "f · g is one number for each pair, and your h has no features. Which product keeps d of them? " + PAIRS,
            _with(_jointly, torch.dot),
        ),
        Mistake(
            "regions and words are weighed apart",
            "A weight for each region and one for each word: all pairs (i, j) get aᵢ bⱼ. What can α say that no such "
            f"product can? {PAIRS}",
            _apart,
        ),
    ),
    hints=(
        "How many pairs are there, and what must all their weights together sum to?",
        "The scores are (I, J); flattened they are I·J numbers, and one softmax runs over all of them. For each pair "
        "you then have one number and a vector of d features.",
        "Begin with zeros of d features. For each i and each j add the pair's share times fᵢ times gⱼ, feature by "
        "feature. Softmax takes care of large scores; by hand, subtract the largest first.",
    ),
)
