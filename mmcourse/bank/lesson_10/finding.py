"""10.4, recall at k, with ties and several right answers."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.match import recall_at

WHERE = "(lesson 10, 'Found, or lucky')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, k: int, scores: Tensor, right: Tensor) -> Case:
        return Case(name, {"k": k, "scores": scores, "right": right}, points)

    def one_each(n: int, m: int) -> Tensor:
        right = torch.zeros(n, m, dtype=torch.bool)
        right[torch.arange(n), draw.integers(0, m, n)] = True
        return right

    def several(n: int, m: int, share: int) -> Tensor:
        return (draw.integers(0, share, n, m) == 0) | one_each(n, m)

    def few_values(n: int, m: int, values: int) -> Tensor:
        return draw.integers(0, values, n, m).double() / 2 - 0.3

    some_without = several(30, 9, 5)
    some_without[draw.permutation(30)[:8]] = False
    tied, of_ten = few_values(47, 10, 4), several(47, 10, 4)
    tied[:3], of_ten[:3] = 0.2, torch.arange(10) % 4 == 1  # all ten tie, three of them right: 1 - 35/120, not 9/10
    return [
        case("one right answer, no ties", 1, 2, draw.normal(40, 7, strided=True), one_each(40, 7)),
        case("several right answers", 1, 2, draw.normal(31, 9), several(31, 9, 4)),
        case("queries without a right answer", 1, 3, draw.normal(30, 9), some_without),
        case("a model that scores all alike", 1, 1, torch.full((45, 8), 0.7, dtype=torch.float64), one_each(45, 8)),
        case("ties, one right answer", 1, 2, few_values(53, 6, 3), one_each(53, 6)),
        case("ties, several right answers", 1, 3, tied, of_ten),
    ]


def _by_order(order: Callable[[int, Tensor], Tensor]) -> Callable[[int, Tensor, Tensor], float]:
    """The share of queries with a right answer among the k that `order` puts first."""

    def answer(k: int, scores: Tensor, right: Tensor) -> float:
        return right.gather(1, order(k, scores)).any(1).double().mean().item()

    return answer


def _by_place(place: Callable[[Tensor, Tensor], Tensor]) -> Callable[[int, Tensor, Tensor], float]:
    """The share of queries whose best right answer stands at a place below k: of how many above it and tied with it."""

    def answer(k: int, scores: Tensor, right: Tensor) -> float:
        best = scores.masked_fill(~right, -torch.inf).amax(1, keepdim=True)
        above, tied = (scores > best).sum(1), ((scores == best) & ~right).sum(1)
        return ((place(above, tied) < k) & right.any(1)).double().mean().item()

    return answer


def _chances(k: int, scores: Tensor, right: Tensor) -> Tensor:
    """Each answer's own chance to be among the first k, (N, M)."""
    above = (scores[:, None, :] > scores[:, :, None]).sum(2)  # (N, M, M) -> (N, M)
    tied = (scores[:, None, :] == scores[:, :, None]).sum(2)
    return ((k - above) / tied).clamp(0, 1).double()


def _one_of_the_tied(k: int, scores: Tensor, right: Tensor) -> float:
    best = scores.masked_fill(~right, -torch.inf).amax(1, keepdim=True)
    chance = (k - (scores > best).sum(1)) / (scores == best).sum(1).clamp(min=1)
    return (chance.clamp(0, 1).double() * right.any(1)).mean().item()


def _found(k: int, scores: Tensor, right: Tensor) -> Tensor:
    """How many right answers are among the first k, on average over the orders of ties: (N)."""
    return (_chances(k, scores, right) * right).sum(1)


def _only_first(k: int, scores: Tensor, right: Tensor) -> float:
    first = torch.zeros_like(right).scatter(1, right.double().argmax(1, keepdim=True), True)
    return recall_at(k, scores, first & right)


def _all_found(k: int, scores: Tensor, right: Tensor) -> float:
    worst = scores.masked_fill(~right, torch.inf).amin(1, keepdim=True)
    above, tied_wrong = (scores > worst).sum(1), ((scores == worst) & ~right).sum(1)
    return ((above + tied_wrong < k) & right.any(1)).double().mean().item()


finding = Exercise(
    id="10.4",
    title="Recall, with ties and several captions",
    kind="function",
    answer="recall_at",
    reference=recall_at,
    cases=_cases,
    mistakes=(
        Mistake(
            "ties are counted for us",
            "Only a strictly higher score stands above the right one, so a model that scores all alike is perfect. "
            f"What should one get that knows nothing? {WHERE}",
            _by_place(lambda above, tied: above),
        ),
        Mistake(
            "ties are counted against us",
            "Every wrong answer of the same score stands above the right one, so a model that scores all alike never "
            f"finds anything. What should one get that knows nothing? {WHERE}",
            _by_place(lambda above, tied: above + tied),
        ),
        Mistake(
            "a right answer stands in the middle of those that tie with it",
            "The expected place is one fair rule; then R@1 of a model that knows nothing is 0 all the same. Which "
            f"chance was asked for: of being found? {WHERE}",
            _by_place(lambda above, tied: above + tied / 2),
        ),
        Mistake(
            "ties are broken by the order in the table",
            "Sorting leaves equal scores as they lay, so the order in which captions were stored decides. Shuffle the "
            f"columns: may the score change? {WHERE}",
            _by_order(lambda k, scores: scores.argsort(dim=1, descending=True, stable=True)[:, :k]),
        ),
        Mistake(
            "ties are broken as `topk` happens to",
            "Among equal scores `topk` takes whichever it meets, and promises nothing. Shuffle the columns: may the "
            f"score change? {WHERE}",
            _by_order(lambda k, scores: scores.topk(k, 1).indices),
        ),
        Mistake(
            "the number found is divided by the number of right ones",
            "That is recall as information retrieval has it: of five captions, one found gives 0.2. In matching, found "
            f"is found. What does a query need for a hit? {WHERE}",
            lambda k, scores, right: (_found(k, scores, right) / right.sum(1).clamp(min=1)).mean().item(),
        ),
        Mistake(
            "the number found is divided by k",
            f"That is precision. What does a query need for a hit: one right answer, or k of them? {WHERE}",
            lambda k, scores, right: (_found(k, scores, right) / k).mean().item(),
        ),
        Mistake(
            "hits are counted, not queries",
            "A query that finds two right ones counts twice, or its two chances are added up. How often can one query "
            f"be a hit? {WHERE}",
            lambda k, scores, right: _found(k, scores, right).mean().item(),
        ),
        Mistake(
            "a chance is the sum of chances, at most 1",
            "Two right and two wrong ones tie for two places: your sum says 1, and once in six both places go to wrong "
            f"ones. What is the chance of that, for any numbers? {WHERE}",
            lambda k, scores, right: _found(k, scores, right).clamp(max=1).mean().item(),
        ),
        Mistake(
            "of those that tie, one alone is taken for right",
            "Places divided by those that tie is the chance of one right answer; where two of the tied are right, "
            f"either will do. In how many ways can the places be filled with wrong ones alone? {WHERE}",
            _one_of_the_tied,
        ),
        Mistake(
            "tied answers are taken for independent",
            "You multiply each one's chance to be missed, but a place that one takes is lost to the other. In how many "
            f"ways can the places be filled with wrong ones alone? {WHERE}",
            lambda k, s, right: (1 - (1 - _chances(k, s, right) * right).prod(1)).mean().item(),
        ),
        Mistake(
            "the texts ask, not the pictures",
            f"You rank down the columns. A row is a query: along which axis do its answers lie? {WHERE}",
            lambda k, scores, right: recall_at(k, scores.T, right.T),
        ),
        Mistake(
            "the lowest scores come first",
            f"Your best answers are the worst ones. Is a high score near, or far? {WHERE}",
            lambda k, scores, right: recall_at(k, -scores, right),
        ),
        Mistake(
            "one place too many is looked at",
            f"Counted from 0, places 0 to k are k + 1 of them. Which is the last that counts? {WHERE}",
            lambda k, scores, right: recall_at(k + 1, scores, right),
        ),
        Mistake(
            "one place too few is looked at",
            f"The answer at place k counts. Are your places counted from 0, or from 1? {WHERE}",
            lambda k, scores, right: recall_at(k - 1, scores, right),
        ),
        Mistake(
            "queries without a right answer are left out",
            "You divide by those that could be answered, and the score grows with what the set lacks. What is a query "
            f"that finds nothing? {WHERE}",
            lambda k, scores, right: recall_at(k, scores[right.any(1)], right[right.any(1)]),
        ),
        Mistake(
            "only the first right answer of a row is known",
            f"`argmax` names one of several. Which of the right answers must be found? {WHERE}",
            _only_first,
        ),
        Mistake(
            "all right answers must be found",
            f"You wait for the last of them. How many of five captions make a hit? {WHERE}",
            _all_found,
        ),
    ),
    hints=(
        "Where does the best of the right answers stand: how many wrong ones are surely above it, and how many have "
        "exactly its score?",
        "Of the k places some go to those above. The rest go to the tied, right and wrong, at random: a hit is the "
        "opposite of filling all those places with wrong ones. Do that by hand for two wrong and one right, and one "
        "place: 1/3.",
        "Per query: best right score; a above it; w wrong and r right ones tied with it; p = k - a places, between 0 "
        "and w + r. The chance of a miss is (w choose p) / (w + r choose p), which is also a product of p fractions. "
        "Mean of 1 - miss over all queries, with 0 for a query that has no right answer.",
    ),
)
