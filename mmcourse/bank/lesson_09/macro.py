"""09.2: Macro-F1 by hand."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.tasks.metrics import macro_f1

from .where import LITTLE


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, table: list[list[int]], classes: int | None = None) -> Case:
        """From a table with a row for what it is and a column for what was said, in random order."""
        pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
        pairs = [pairs[place] for place in draw.permutation(len(pairs))]
        labels, answers = torch.tensor(pairs).T.contiguous()
        args = {"answers": answers, "labels": labels, "classes": classes or len(table)}
        return Case(name, args, points, gradients=False)

    return [
        case("a rare class that is sometimes found", 1, [[7, 2, 1], [1, 4, 0], [1, 0, 2]]),
        case("a rare class that is never answered", 1, [[8, 1, 0], [2, 3, 0], [1, 2, 0]]),
        case("names for classes that occur nowhere", 1, [[4, 1, 0], [1, 0, 0], [2, 0, 3]], classes=5),
        case("a class that is answered and never there", 1, [[5, 1, 2], [1, 3, 0], [0, 0, 0]]),
        case("a single pair", 0, [[0, 0], [0, 1]], classes=4),
    ]


def _by(score: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor, int], float]:
    """A score made of hits, wrong answers and misses of each class, (K,) each."""

    def answer(answers: Tensor, labels: Tensor, classes: int) -> float:
        table = torch.zeros(classes, classes, dtype=torch.double)
        table.index_put_((labels, answers), torch.ones(len(labels), dtype=torch.double), accumulate=True)
        hits = table.diagonal()
        return score(hits, table.sum(0) - hits, table.sum(1) - hits).item()

    return answer


def _f1(hits: Tensor, wrong: Tensor, missed: Tensor) -> Tensor:
    return 2 * hits / (2 * hits + wrong + missed)


def _of_means(h: Tensor, w: Tensor, m: Tensor) -> Tensor:
    precision, recall = (
        (h / (h + w)).nan_to_num()[h + w + m > 0].mean(),
        (h / (h + m)).nan_to_num()[h + w + m > 0].mean(),
    )
    return 2 * precision * recall / (precision + recall)


macro = Exercise(
    id="09.2",
    title="Macro-F1 by hand",
    kind="function",
    answer="macro_f1",
    reference=macro_f1,
    cases=_cases,
    mistakes=(
        Mistake(
            "hits are counted over all classes together",
            "Then each wrong answer of one class is a miss of another, and what is left is accuracy: the common class "
            f"speaks for all. Over what is the mean taken in a macro mean? {LITTLE}",
            _by(lambda h, w, m: _f1(h.sum(), w.sum(), m.sum())),
        ),
        Mistake(
            "each class counts as often as it occurs",
            f"Weighed by its size, a rare class is as quiet as before. How much should each class count? {LITTLE}",
            _by(lambda h, w, m: (_f1(h, w, m).nan_to_num() * (h + m)).sum() / (h + m).sum()),
        ),
        Mistake(
            "a class that occurs nowhere is scored 0",
            "Nobody is it, nobody was called it: there was nothing to get wrong, and your mean goes down all the same. "
            f"By how many classes do you divide? {LITTLE}",
            _by(lambda h, w, m: _f1(h, w, m).nan_to_num().mean()),
        ),
        Mistake(
            "a class that occurs nowhere is scored 1",
            "There was nothing to get wrong there, and nothing to get right. Whose F1 belongs in the mean? " + LITTLE,
            _by(lambda h, w, m: _f1(h, w, m).nan_to_num(1.0).mean()),
        ),
        Mistake(
            "a class that occurs nowhere turns the mean into nan",
            f"0 / 0 is nan, and so is a mean with a nan in it. Which classes have a score at all? {LITTLE}",
            _by(lambda h, w, m: _f1(h, w, m).mean()),
        ),
        Mistake(
            "only classes that are among the labels are counted",
            "A class that was answered, and never rightly, has wrong answers to its name. Is its F1 unknown, or 0? "
            + LITTLE,
            _by(lambda h, w, m: _f1(h, w, m)[h + m > 0].mean()),
        ),
        Mistake(
            "only classes that are among the answers are counted",
            "A class that is there and never answered drops out of your mean: not to find it costs nothing. Is its F1 "
            f"unknown, or 0? {LITTLE}",
            _by(lambda h, w, m: _f1(h, w, m)[h + w > 0].mean()),
        ),
        Mistake(
            "only classes that are among both labels and answers are counted",
            "A class that is never answered, and one that is answered and never there, drop out of your mean: neither "
            f"fault costs anything. Which classes have no score at all? {LITTLE}",
            _by(lambda h, w, m: _f1(h, w, m)[(h + m > 0) & (h + w > 0)].mean()),
        ),
        Mistake(
            "classes without a hit are left out",
            f"A score of 0 is a score. Which classes have none at all? {LITTLE}",
            _by(lambda h, w, m: _f1(h, w, m)[h > 0].mean()),
        ),
        Mistake(
            "it is the mean of the classes' recall",
            "Recall asks how many of a class were found. What of all those that were wrongly called by its name? "
            + LITTLE,
            _by(lambda h, w, m: (h / (h + m)).nan_to_num()[h + w + m > 0].mean()),
        ),
        Mistake(
            "it is the mean of the classes' precision",
            f"Precision asks how many answers were right. What of those of the class that nobody found? {LITTLE}",
            _by(lambda h, w, m: (h / (h + w)).nan_to_num()[h + w + m > 0].mean()),
        ),
        Mistake(
            "the midpoint of precision and recall is taken for F1",
            "The plain mean of the two is high where either is. F1 lies nearer to the lower one; put the three counts "
            f"into its formula. {LITTLE}",
            _by(lambda h, w, m: (((h / (h + w)).nan_to_num() + (h / (h + m)).nan_to_num()) / 2)[h + w + m > 0].mean()),
        ),
        Mistake(
            "the right noes are counted too",
            "Of most classes most pictures are none, and that a picture was rightly not called one is in your score. "
            f"Which three counts does F1 know? {LITTLE}",
            _by(lambda h, w, m: (1 - (w + m) / (h + m).sum())[h + w + m > 0].mean()),
        ),
        Mistake(
            "the means of precision and recall are joined at the end",
            "First the F1 of each class, then the mean: the other order gives another number, and one that a class "
            f"can hide in. {LITTLE}",
            _by(_of_means),
        ),
        Mistake(
            "a hit is counted once",
            "Hits over hits, wrong answers and misses is another score (intersection over union). How often does a hit "
            f"count in F1, above and below the line? {LITTLE}",
            _by(lambda h, w, m: (h / (h + w + m)).nanmean()),
        ),
        Mistake(
            "a hit is counted once above the line and twice below it",
            f"Then a model without a fault scores one half. Count above the line again. {LITTLE}",
            _by(lambda h, w, m: (h / (2 * h + w + m)).nanmean()),
        ),
        Mistake(
            "the scores of the classes are added up",
            f"A mean divides. By the number of which classes? {LITTLE}",
            _by(lambda h, w, m: _f1(h, w, m).nansum()),
        ),
    ),
    hints=(
        "For one class: how many were called it rightly, how many wrongly, and how many of it were missed?",
        "The three counts come from comparing `answers` with the class and `labels` with the class. Which classes have "
        "0 in all three?",
        "Go through the classes. Hits: answered it and is it; the sum below the line is how often it was answered plus "
        "how often it occurs. Leave the class out where that sum is 0; take the mean of the others.",
    ),
)
