"""10.2: the contrastive loss (InfoNCE, both ways)."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.match import contrastive_loss


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d: int, scale: float, apart: float = 0.8) -> Case:
        """Each text is its picture's vector, of another length and somewhat off."""
        image = draw.normal(batch, d, scale=2.0, shift=0.4, strided=True)
        text = 0.3 * image + apart * draw.normal(batch, d)
        return Case(name, {"image": image, "text": text, "scale": torch.tensor(scale, dtype=torch.float64)}, points)

    large = case("scores so large that exp overflows", 1, 3, 3, 900.0, apart=0.05)
    image, text = large.args["image"], large.args["text"]
    image[0] *= 3 / image[0].norm()
    image[1] = 0.7 * image[0] + 0.4 * draw.normal(3)
    text[:2] = 0.3 * image[:2].flip(0) + 0.03 * draw.normal(2, 3)  # two of the pairs are wrong, and it costs
    text[2] = 0.3 * image[0] + 0.1 * draw.normal(3)
    image[2] = -image[0]  # disagrees with every text: exp of (its logits - the table's largest) is 0
    return [
        case("a batch of one", 0, 1, 4, 3.0),  # nothing to choose from: the loss is 0
        case("three pairs", 2, 3, 4, 2.5),
        case("five pairs, more than features", 2, 5, 3, 6.0),
        case("a low scale", 1, 4, 5, 0.4),
        large,
    ]


exercise = Function(
    about=about(__name__, answer="contrastive_loss"),
    reference=contrastive_loss,
    cases=cases,
)
