"""10.5: zero-shot classification."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.search import zero_shot


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, n: int, k: int, p: int, d: int, longer: float = 1.0) -> Case:
        """Of each class's sentences, number i is `longer` to the power i as long as the first."""
        lengths = longer ** torch.arange(p, dtype=torch.float64)[:, None]
        prompts = (draw.normal(k, 1, d, scale=0.4) + draw.normal(k, p, d)) * lengths
        return Case(name, {"image": draw.normal(n, d, scale=2.0, strided=True), "prompts": prompts}, points)

    return [
        case("one picture, one sentence for each class", 1, 1, 3, 1, 4),
        case("three sentences for each class", 1, 7, 4, 3, 5),
        case("sentences of very different lengths", 2, 5, 6, 4, 3, longer=3.0),
        case("as many sentences as classes as pictures", 1, 4, 4, 4, 6, longer=0.6),
    ]


exercise = Function(
    about=about(__name__, answer="zero_shot"),
    reference=zero_shot,
    cases=cases,
)
