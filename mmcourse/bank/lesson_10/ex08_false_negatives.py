"""10.8: find the fault in a contrastive loss whose batches hold false negatives."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.concepts import contrastive_loss_of_concepts


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, d: int, scale: float, *concept: int, apart: float = 0.8) -> Case:
        """Pairs of one concept lie near each other; no two vectors are the same."""
        middle = draw.normal(max(concept) + 1, d, scale=2.0, shift=0.3)
        image = middle[list(concept)] + 0.5 * draw.normal(len(concept), d)
        text = 0.4 * image + apart * draw.normal(len(concept), d)
        args = {
            "image": image,
            "text": text,
            "scale": torch.tensor(scale, dtype=torch.float64),
            "concept": torch.tensor(concept),
        }
        return Case(name, args, points)

    only = case("one concept only", 1, 3, 900.0, 4, 4, 4, apart=0.05)
    only.args["text"].sub_(2 * only.args["image"])  # pairs that disagree: what is out must lie below even that
    return [
        case("no concept twice", 0, 4, 3.0, 2, 0, 3, 1),
        case("a concept twice", 2, 5, 4.0, 0, 3, 1, 0, 2),
        case("three times and twice, at a low scale", 2, 4, 0.6, 5, 1, 5, 0, 1, 5, 2),
        only,
        case("a sharp scale", 1, 4, 500.0, 1, 0, 1, 2, apart=0.1),
    ]


exercise = Function(
    about=about(__name__, answer="contrastive_loss_of_concepts", find=True),
    reference=contrastive_loss_of_concepts,
    cases=cases,
)
