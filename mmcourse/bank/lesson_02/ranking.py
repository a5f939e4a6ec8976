"""02.2: AUROC, with ties."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.metrics import auroc

WHERE = "(lesson 02, 'Beside what, and how sure?')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, positives: int, negatives: int, scores: Tensor, points: int = 1) -> Case:
        labels = torch.tensor([1] * positives + [0] * negatives)
        order = draw.normal(len(labels)).argsort()
        return Case(name, {"scores": scores[order], "labels": labels[order]}, points, gradients=False)

    def normal(positives: int, negatives: int, apart: float, scale: float = 1.0, shift: float = 0.0) -> Tensor:
        """Scores of the positives first: theirs are `apart` higher on average."""
        return draw.normal(positives + negatives, scale=scale, shift=shift) + apart * (
            torch.arange(positives + negatives) < positives
        )

    upside_down = draw.normal(13).sort().values  # all positives below all negatives ...
    upside_down[[2, 9]] = upside_down[[9, 2]]  # ... but for one of each
    return [
        case("no two scores alike", 4, 7, normal(4, 7, 0.7)),
        case("few positives", 2, 15, normal(2, 15, 0.7)),
        case("a model that has it the wrong way round", 7, 6, upside_down),
        case("many ties", 6, 9, draw.integers(0, 4, 15) + (torch.arange(15) < 6).double(), points=2),
        case("very sure scores", 5, 6, normal(5, 6, 1.0, scale=4, shift=60)),
    ]


def _parts(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    return scores[labels == 1][:, None], scores[labels == 0]


def _ties_won(scores: Tensor, labels: Tensor) -> float:
    positive, negative = _parts(scores, labels)
    return (positive >= negative).double().mean().item()


def _ties_lost(scores: Tensor, labels: Tensor) -> float:
    positive, negative = _parts(scores, labels)
    return (positive > negative).double().mean().item()


def _turned(scores: Tensor, labels: Tensor) -> float:
    return auroc(-scores, labels)


def _accuracy(scores: Tensor, labels: Tensor) -> float:
    return ((scores > 0) == labels.bool()).double().mean().item()


def _at_half(scores: Tensor, labels: Tensor) -> float:
    return ((scores > 0.5) == labels.bool()).double().mean().item()


def _squashed(scores: Tensor, labels: Tensor) -> float:
    return auroc(scores.sigmoid(), labels)


def _by_ranks(scores: Tensor, labels: Tensor) -> float:
    """The rank formula with ranks as they come: ties in the order in which they stand."""
    ranks = scores.argsort(stable=True).argsort().double() + 1
    p, n = int(labels.sum()), int((1 - labels).sum())
    return ((ranks[labels == 1].sum() - p * (p + 1) / 2) / (p * n)).item()


def _along(scores: Tensor, labels: Tensor) -> float:
    """The area under the curve, from the highest score down, one sample at a time."""
    positive = labels[scores.argsort(descending=True, stable=True)].double()
    above = positive.cumsum(0) / positive.sum()
    return (above * (1 - positive)).sum().item() / (1 - positive).sum().item()


def _all_pairs(scores: Tensor, labels: Tensor) -> float:
    positive, negative = _parts(scores, labels)
    won = (positive > negative).double() + (positive == negative).double() / 2
    return (won.sum() / len(scores) ** 2).item()


ranking = Exercise(
    id="02.2",
    title="AUROC, with ties",
    kind="function",
    answer="auroc",
    reference=auroc,
    cases=_cases,
    mistakes=(
        Mistake(
            "ties are counted as won",
            f"A model that gives everyone the same score would get 1 from you. What does it know? {WHERE}",
            _ties_won,
        ),
        Mistake(
            "ties are counted as lost",
            "A model that gives everyone the same score would get 0 from you, worse than guessing. How often would a "
            f"coin decide a tie rightly? {WHERE}",
            _ties_lost,
        ),
        Mistake(
            "negatives are asked to score above positives",
            f"Your number and the right one add up to 1. Who should stand above whom? {WHERE}",
            _turned,
        ),
        Mistake(
            "it is the accuracy at the threshold 0",
            f"AUROC knows no threshold: add 100 to every score, and what should change? {WHERE}",
            _accuracy,
        ),
        Mistake(
            "it is the accuracy at the threshold one half",
            f"AUROC knows no threshold: add 100 to every score, and what should change? {WHERE}",
            _at_half,
        ),
        Mistake(
            "the scores go through a sigmoid first",
            "In 32 bits a sigmoid of 18 is exactly 1, in 64 bits one of 40, and scores that differed are tied. "
            "torchmetrics takes one of whatever lies outside 0 to 1. Does a ranking need a sigmoid? "
            f"{WHERE}",
            _squashed,
        ),
        Mistake(
            "a model that has it the wrong way round is turned",
            "Below one half you report the rest to 1. Then no model can be worse than guessing: which of the two "
            f"models would you put to use? {WHERE}",
            lambda scores, labels: max(auroc(scores, labels), 1 - auroc(scores, labels)),
        ),
        Mistake(
            "tied scores are taken one after the other along the curve",
            "Where scores are equal, no threshold lies between them, and your curve takes a step there by accident of "
            f"order. What does a tie count? {WHERE}",
            _along,
        ),
        Mistake(
            "tied scores are ranked by where they stand in the list",
            "Sorting has put one of two equal scores first, by accident of order. Which rank should both have? "
            f"{WHERE}",
            _by_ranks,
        ),
        Mistake(
            "the pairs of all with all are what is divided by",
            f"Two positives are never compared. How many pairs of one positive and one negative are there? {WHERE}",
            _all_pairs,
        ),
    ),
    hints=(
        "Draw one positive and one negative at random. Of whom do you ask that he scores higher, and how often?",
        "P positive scores as (P, 1) against N negative ones as (N) broadcast to a table (P, N) of comparisons. What "
        "stands in a cell where the two are equal?",
        "Pick the positives and the negatives by the labels. Compare all pairs: 1 where the positive is greater, one "
        "half where both are equal, else 0. The mean over the table is the answer, as a Python number.",
    ),
)
