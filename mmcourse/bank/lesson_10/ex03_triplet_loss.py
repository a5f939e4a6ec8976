"""10.3: the triplet loss with the hardest negatives."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.tasks.match import triplet_loss


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        batch: int,
        d: int,
        margin: float,
        same: tuple[tuple[int, int], ...] = (),
        apart: float = 0.8,
    ) -> Case:
        """`same` lists further right pairs, as (picture, text)."""
        image = draw.normal(batch, d, scale=2.0, strided=True)
        table = torch.zeros(batch, batch, dtype=torch.bool)
        for picture, text_too in same:
            table[picture, text_too] = True
        text = 0.4 * image + apart * draw.normal(batch, d)
        return Case(name, {"image": image, "text": text, "margin": margin, "same": table}, points)

    twice = case("texts that fit two pictures", 2, 5, 4, 0.4, ((0, 3), (3, 0), (1, 4)))
    text, image = twice.args["text"], twice.args["image"]
    # Nearly the same caption twice: its own pair is no better than the other. (Exactly the same would tie, and a tie's
    # gradient may go to either.)
    text[0] = 0.3 * (image[0] + image[3])
    text[3] = text[0] + 0.05 * draw.normal(4)
    text[4] = 0.2 * (2 * image[1] + image[4])
    alone = case("a picture that every text fits", 1, 3, 5, 1.7, ((0, 1), (0, 2)))
    alone.args["text"][0] = -2 * alone.args["image"][0]
    opposed = case("every wrong one disagrees", 1, 3, 3, 1.6, apart=0.3)
    middle = torch.eye(3, dtype=torch.float64) - 0.4  # three directions, each pair of them more than a right angle
    opposed.args["image"].copy_(middle * 3 + 0.1 * draw.normal(3, 3))
    opposed.args["text"].copy_(middle + 0.03 * draw.normal(3, 3))
    return [
        case("a batch of one", 0, 1, 4, 0.2),  # no negatives: the loss is 0
        case("four pairs", 2, 4, 5, 0.2, apart=1.5),
        case("a margin that some keep", 1, 6, 4, 0.5),
        twice,
        alone,
        opposed,
    ]


exercise = Function(
    about=about(__name__, answer="triplet_loss"),
    reference=triplet_loss,
    cases=cases,
)
