"""09.4: the expected calibration error."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.calibration import calibration_error

EDGES = (  # largest chance, and how many of the predictions with it are right and wrong
    (0.5, 2, 1),
    (0.6, 2, 1),
    (0.75, 3, 0),
    (1.0, 2, 1),
)


def cases(draw: Draw) -> list[Case]:
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


exercise = Function(
    about=about(__name__, answer="calibration_error"),
    reference=calibration_error,
    cases=cases,
)
