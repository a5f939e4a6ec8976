"""09.4: How far off the confidence is."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.calibration import calibration_error

from .where import SURE

EDGES = (  # largest chance, and how many of the predictions with it are right and wrong
    (0.5, 2, 1),
    (0.6, 2, 1),
    (0.75, 3, 0),
    (1.0, 2, 1),
)


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, classes: int, bins: int, timid: bool = False) -> Case:
        chance = draw.normal(n, classes, scale=1.5).softmax(-1)  # (N, K)
        true = chance**3 if timid else chance.sqrt()  # the labels are surer than the model, or less sure
        labels = torch.multinomial(true, 1, generator=draw.generator)[:, 0]
        return Case(name, {"probabilities": chance, "labels": labels, "bins": bins}, points, gradients=False)

    rows, labels = [], []
    for chance, right, wrong in EDGES:
        for hit in [True] * right + [False] * wrong:
            answer, *others = draw.permutation(3)
            row = [0.0, 0.0, 0.0]
            row[answer], row[others[0]], row[others[1]] = chance, (1 - chance) / 2, (1 - chance) / 2
            rows.append(row)
            labels.append(answer if hit else others[0])
    order = draw.permutation(len(rows))
    edges = {
        "probabilities": torch.tensor(rows, dtype=torch.double)[order],
        "labels": torch.tensor(labels)[order],
        "bins": 4,
    }
    return [
        case("many predictions, five bins", 2, 60, 4, 5),
        case("few predictions, so that some bins are empty", 1, 7, 3, 10),
        case("two classes, and a timid model", 1, 80, 2, 6, timid=True),
        Case("chances on the edges of bins", edges, 1, gradients=False),
        case("one bin for all", 0, 9, 3, 1),
    ]


def _by(
    join: Callable[[Tensor, Tensor, Tensor], Tensor],
    confidence: Callable[[Tensor, Tensor], Tensor] = lambda p, y: p.amax(-1),
    place: Callable[[Tensor, int], Tensor] = lambda c, n: (c * n).ceil().long().clamp(1, n) - 1,
) -> Callable[[Tensor, Tensor, int], float]:
    """An error made of each bin's count, confidence and accuracy, (n,) each; the last two are nan in empty bins."""

    def answer(probabilities: Tensor, labels: Tensor, bins: int) -> float:
        sure, right = confidence(probabilities, labels), (probabilities.argmax(-1) == labels).double()
        member = torch.arange(bins)[:, None] == place(sure, bins)  # (n, N)
        count = member.sum(1)  # (n,)
        return join(count, (member * sure).sum(1) / count, (member * right).sum(1) / count).item()

    return answer


def _weighed(n: Tensor, c: Tensor, a: Tensor) -> Tensor:
    return ((c - a).abs().nan_to_num() * n).sum() / n.sum()


def _by_label(probabilities, labels, bins):
    sure, right = probabilities.amax(-1), (probabilities.argmax(-1) == labels).double()
    gaps = [(sure[labels == k].mean() - right[labels == k].mean()).abs() * (labels == k).sum() for k in labels.unique()]
    return (torch.stack(gaps).sum() / len(labels)).item()


def _each_alone(probabilities, labels, bins):
    return (probabilities.amax(-1) - (probabilities.argmax(-1) == labels).double()).abs().mean().item()


def _in_bins(inside: Callable[[Tensor, int, int], Tensor]) -> Callable[[Tensor, Tensor, int], float]:
    """The error where `inside(confidence, k, bins)` says who is in bin k: bins may share, or leave out."""

    def answer(probabilities: Tensor, labels: Tensor, bins: int) -> float:
        sure, right = probabilities.amax(-1), (probabilities.argmax(-1) == labels).double()
        places = [inside(sure, k, bins) for k in range(bins)]
        gaps = [(sure[here].sum() - right[here].sum()).abs() for here in places]
        return (torch.stack(gaps).sum() / len(labels)).item()

    return answer


def _equal_numbers(probabilities, labels, bins):
    sure, right = probabilities.amax(-1), (probabilities.argmax(-1) == labels).double()
    parts = sure.argsort(stable=True).tensor_split(bins)
    return (torch.stack([(sure[part] - right[part]).sum().abs() for part in parts]).sum() / len(labels)).item()


def _every_class(probabilities, labels, bins):
    """All chances of a row are sorted into bins, each against whether it was that class."""
    chance, holds = probabilities.flatten(), F.one_hot(labels, probabilities.shape[1]).double().flatten()
    place = (chance * bins).ceil().long().clamp(1, bins) - 1
    off = torch.zeros(bins, dtype=torch.double).index_add(0, place, holds - chance.double())
    return (off.abs().sum() / len(chance)).item()


sure = Exercise(
    id="09.4",
    title="How far off the confidence is",
    kind="function",
    answer="calibration_error",
    reference=calibration_error,
    cases=_cases,
    mistakes=(
        Mistake(
            "the chance of class 1 is taken for the confidence",
            f"Who answers class 0 is sure of class 0. What chance did the model give to its own answer? {SURE}",
            _by(_weighed, confidence=lambda p, y: p[:, 1]),
        ),
        Mistake(
            "the chance of the right class is taken for the confidence",
            "The model does not know the label when it says how sure it is. What chance did it give to its own answer? "
            + SURE,
            _by(_weighed, confidence=lambda p, y: p.gather(1, y[:, None])[:, 0]),
        ),
        Mistake(
            "predictions are sorted by their label instead of their confidence",
            f"The question is whether those that are 80 % sure are right in 80 %. Who belongs in one bin? {SURE}",
            _by_label,
        ),
        Mistake(
            "each prediction is measured by itself",
            "A single prediction is right or wrong: who is 80 % sure is off by .2 or by .8 even when perfectly "
            f"calibrated. Between which two means does the formula take the distance? {SURE}",
            _each_alone,
        ),
        Mistake(
            "all bins count alike, empty ones as 0",
            f"A bin with one prediction speaks as loud as a bin with fifty, and one with none says 'no error'. {SURE}",
            _by(lambda n, c, a: (c - a).abs().nan_to_num().mean()),
        ),
        Mistake(
            "all bins that are not empty count alike",
            f"A bin with one prediction speaks as loud as a bin with fifty. What is each bin's weight? {SURE}",
            _by(lambda n, c, a: (c - a).abs().nanmean()),
        ),
        Mistake(
            "an empty bin turns the result into nan",
            f"0 / 0 is nan, and nan times 0 is nan too. What does a bin without predictions weigh? {SURE}",
            _by(lambda n, c, a: ((c - a).abs() * n).sum() / n.sum()),
        ),
        Mistake(
            "the gaps may cancel each other",
            "Too sure here and too timid there add up to 'well calibrated'. Where does the formula take the absolute "
            f"value? {SURE}",
            _by(lambda n, c, a: (((c - a).nan_to_num() * n).sum() / n.sum()).abs()),
        ),
        Mistake(
            "the gaps keep their sign",
            f"Your error can be below 0. Where does the formula take the absolute value? {SURE}",
            _by(lambda n, c, a: ((c - a).nan_to_num() * n).sum() / n.sum()),
        ),
        Mistake(
            "only the worst bin counts",
            f"That is another measure, which one prediction can decide. Which mean was asked for? {SURE}",
            _by(lambda n, c, a: (c - a).abs().nan_to_num().max()),
        ),
        Mistake(
            "the gaps are squared",
            f"A mean of squares is in the unit of squares. What does the formula take of each gap? {SURE}",
            _by(lambda n, c, a: ((c - a).square().nan_to_num() * n).sum() / n.sum()),
        ),
        Mistake(
            "a chance on an edge is put into the bin above it",
            "The bins are (0, 1/n], (1/n, 2/n], and so on: which of its two ends belongs to a bin? " + SURE,
            _by(_weighed, place=lambda c, n: (c * n).floor().long().clamp(0, n - 1)),
        ),
        Mistake(
            "who is entirely sure falls out",
            "Your last bin ends before 1, so a chance of exactly 1 is in no bin, and those are the predictions that it "
            f"hurts most to be wrong about. Which end belongs to a bin? {SURE}",
            lambda probabilities, labels, bins: _by(
                lambda n, c, a: ((c - a).abs().nan_to_num() * n).sum() / len(labels),
                place=lambda c, n: (c * n).floor().long(),
            )(probabilities, labels, bins),
        ),
        Mistake(
            "a chance on an edge is in two bins",
            "Both of your comparisons take the edge in, so who lies on one is counted twice. The bins are (0, 1/n], "
            f"(1/n, 2/n], and so on: which end belongs to a bin? {SURE}",
            _in_bins(lambda c, k, n: (c >= k / n) & (c <= (k + 1) / n)),
        ),
        Mistake(
            "a chance on an edge is in no bin",
            "Both of your comparisons leave the edge out, so who lies on one is not counted. The bins are (0, 1/n], "
            f"(1/n, 2/n], and so on: which end belongs to a bin? {SURE}",
            _in_bins(lambda c, k, n: (c > k / n) & (c < (k + 1) / n)),
        ),
        Mistake(
            "the middle of the bin is taken for the confidence",
            "A bin from .8 to 1 may hold many with .99, and few with .81. The formula has a mean for each bin. Of "
            f"what? {SURE}",
            _by(
                lambda n, c, a: (
                    (((torch.arange(len(n), dtype=a.dtype) + 0.5) / len(n) - a).abs().nan_to_num() * n).sum() / n.sum()
                )
            ),
        ),
        Mistake(
            "bins hold equally many predictions",
            f"That is another measure, and one with its merits. Of equal what are the bins in this formula? {SURE}",
            _equal_numbers,
        ),
        Mistake(
            "the chances of all classes are sorted into bins",
            "K chances for each prediction are in your mean, and most of them are near 0 and rightly so. Which of a "
            f"row's chances is its confidence? {SURE}",
            _every_class,
        ),
        Mistake(
            "probabilities pass a softmax once more",
            f"They sum to 1 already; twice is nearly flat, and nobody is sure of anything. {SURE}",
            lambda probabilities, labels, bins: calibration_error(probabilities.softmax(-1), labels, bins),
        ),
        Mistake(
            "the root of the mean square is taken",
            f"That is another measure, in which one large gap weighs more. What does the formula take of a gap? {SURE}",
            _by(lambda n, c, a: (((c - a).square().nan_to_num() * n).sum() / n.sum()).sqrt()),
        ),
        Mistake(
            "the gaps are added up, each times its number of predictions",
            f"The formula's weights sum to 1. By what is each bin's number divided? {SURE}",
            _by(lambda n, c, a: ((c - a).abs().nan_to_num() * n).sum()),
        ),
    ),
    hints=(
        "A model is 80 % sure of some answers. If it knows itself, how many of those answers are right?",
        "For each row: the largest chance, and whether its class is the label. For each bin: the mean of the first, "
        "the mean of the second, over the rows in the bin. What weight does a bin have in which there are no rows?",
        "Go through the bins. A row is in bin k where its largest chance is above k/n and at most (k + 1)/n. Where the "
        "bin has rows, add the absolute difference of the two means, times the bin's share of all rows.",
    ),
)
