"""09.2: macro-F1."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.metrics import macro_f1


def cases(draw: Draw) -> list[Case]:
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


exercise = Function(
    about=about(__name__, answer="macro_f1"),
    reference=macro_f1,
    cases=cases,
)
