"""10.6, a second look at the first few."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.search import rerank

WHERE = "(lesson 10, 'A second look at the first few')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, m: int, k: int, again: Tensor | None = None) -> Case:
        again = draw.normal(n, k, scale=2.0, shift=-0.5) if again is None else again
        return Case(name, {"scores": draw.normal(n, m, scale=0.5, strided=True), "again": again}, points)

    scales = torch.tensor([[3e4], [1.0], [1e-6]])
    return [
        case("one picture, all texts looked at again", 1, 1, 5, 5),
        case("the first three of eight", 2, 4, 8, 3),
        case("the first six of nine", 1, 3, 9, 6),
        # Long lists: on a short one torch's sort keeps equal numbers in their order though it does not promise to.
        case("a matcher that can't decide everywhere", 1, 3, 120, 100, draw.integers(0, 3, 3, 100).double()),
        case("a matcher on another scale", 1, 6, 9, 5, draw.normal(6, 5) * scales.repeat(2, 1)),
    ]


def _sorted(x: Tensor) -> Tensor:
    return x.argsort(dim=1, descending=True, stable=True)


def _answer(
    places: Callable[[Tensor, Tensor], Tensor] = lambda again, first: _sorted(again),
    join: Callable[[Tensor, Tensor], Tensor] = lambda first, rest: torch.cat([first, rest], 1),
    order: Callable[[Tensor], Tensor] = _sorted,
) -> Callable[[Tensor, Tensor], Tensor]:
    """`rerank` with one part done otherwise; `places` sees the matcher's scores and the similarities of the first k."""

    def answer(scores: Tensor, again: Tensor) -> Tensor:
        found = order(scores)
        first, rest = found[:, : again.shape[1]], found[:, again.shape[1] :]
        return join(first.gather(1, places(again, scores.gather(1, first))), rest)

    return answer


def _unmapped(scores: Tensor, again: Tensor) -> Tensor:
    return torch.cat([_sorted(again), _sorted(scores)[:, again.shape[1] :]], 1)


def _mixed(scores: Tensor, again: Tensor) -> Tensor:
    return _sorted(scores.scatter(1, _sorted(scores)[:, : again.shape[1]], again))


def _first_columns(scores: Tensor, again: Tensor) -> Tensor:
    return _sorted(torch.cat([again, scores[:, again.shape[1] :]], 1))


reordering = Exercise(
    id="10.6",
    title="A second look at the first few",
    kind="function",
    answer="rerank",
    reference=rerank,
    cases=_cases,
    mistakes=(
        Mistake(
            "places among the first k are taken for texts",
            "Sorting `again` gives numbers below k: places in the list of what was found. Which text stands at each of "
            f"those places? {WHERE}",
            _unmapped,
        ),
        Mistake(
            "ranks are taken for an order",
            "You ask at which place each text comes; the list needs, for each place, the text. Which of the two does "
            f"one argsort give, and which two? {WHERE}",
            _answer(places=lambda again, first: _sorted(again).argsort(1)),
        ),
        Mistake(
            "both judges' scores are sorted together",
            "A matcher's number and a cosine have no common scale, so texts that were not looked at may pass the best "
            f"that were. Where must the rest stand, whatever the numbers? {WHERE}",
            _mixed,
        ),
        Mistake(
            "the matcher's scores are laid over the first k texts of the table",
            "`again` speaks of the k most similar texts, not of texts 0 to k - 1. Where do those stand in the table? "
            f"{WHERE}",
            _first_columns,
        ),
        Mistake(
            "the two scores are added",
            "Which of the two is louder depends on their scales, and nobody set those. Whose order was asked for among "
            f"the first k? {WHERE}",
            _answer(places=lambda again, first: _sorted(again + first)),
        ),
        Mistake(
            "the matcher's worst comes first",
            f"Is a high score of the matcher's a good one? {WHERE}",
            _answer(places=lambda again, first: again.argsort(dim=1, stable=True)),
        ),
        Mistake(
            "the least similar are looked at again",
            f"Your first list begins with the worst. Which k texts did the matcher look at? {WHERE}",
            _answer(order=lambda scores: scores.argsort(dim=1, stable=True)),
        ),
        Mistake(
            "the rest is lost",
            "Your list ends after k texts, so what was ranked lower can never be found, and R@10 of a list of five is "
            f"no R@10. Where does the rest stand? {WHERE}",
            _answer(join=lambda first, rest: first),
        ),
        Mistake(
            "the rest comes first",
            f"Those that were looked at twice now stand last. Which belong in front? {WHERE}",
            _answer(join=lambda first, rest: torch.cat([rest, first], 1)),
        ),
        Mistake(
            "the rest loses its order",
            f"The rest stands by number, as it lay in the table. What did the similarity know about it? {WHERE}",
            _answer(join=lambda first, rest: torch.cat([first, rest.sort(1).values], 1)),
        ),
        Mistake(
            "ties of the matcher's are turned round",
            "Sorted upwards and then flipped: equal scores are flipped too. Which of two should stand first if the "
            f"matcher can't decide? {WHERE}",
            _answer(places=lambda again, first: again.argsort(dim=1, stable=True).flip(1)),
        ),
        Mistake(
            "ties of the matcher's come in any order",
            "Where the matcher's numbers differ your order is right, and among equal ones it is as it happens to be: a "
            "sort promises nothing about those unless it is asked to, and on short lists one does not notice. Which of "
            f"two should stand first if the matcher can't decide? {WHERE}",
            _answer(places=lambda again, first: again.argsort(dim=1, descending=True)),
            also=(_answer(places=lambda again, first: again.topk(again.shape[1], dim=1).indices),),
        ),
        Mistake(
            "the matcher is not asked",
            f"This is the order of the similarity alone. What does `again` say? {WHERE}",
            lambda scores, again: _sorted(scores),
        ),
    ),
    hints=(
        "Number j of row n in `again` is about one text. Which number has that text in the table?",
        "Two argsorts: one of the similarities, (N, M), gives texts; one of `again`, (N, k), gives places among the "
        "first k of the other. What does `gather` do with the two?",
        "Sort the texts by similarity, best first, and cut behind k. Sort `again`, best first and stable. Gather the "
        "first part at those places, and put the second part behind it as it is. (torch takes `stable=True` only where "
        "the axis is named: `dim=1`.)",
    ),
)
