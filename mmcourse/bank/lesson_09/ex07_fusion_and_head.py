"""09.7: find the faults in a fusion by concatenation and its head."""

from typing import Any

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.encoded import Encoded
from mmcourse.text import BagOfWords
from mmcourse.vision import SmallCNN

D, CLASSES, WORDS = 3, 4, 7


class Program(nn.Module):
    """Pictures and texts -> logits (B, classes), by concatenation.

    image, text  encoders: image(images) -> Encoded, text(ids, mask) -> Encoded, with d features each
    """

    def __init__(self, image: nn.Module, text: nn.Module, d: int, classes: int):
        super().__init__()
        self.image, self.text = image, text
        self.head = nn.Linear(2 * d, classes)

    def fuse(self, image: Encoded, text: Encoded) -> Tensor:
        return torch.cat([image.vector, text.vector], dim=-1)  # (B, d), (B, d) -> (B, 2d)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.head(self.fuse(self.image(images), self.text(ids, mask)))  # (B, 2d) -> (B, classes)


def _encoders() -> dict[str, nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return {"image": SmallCNN(D, widths=()), "text": BagOfWords(WORDS, D)}


def cases(draw: Draw) -> list[ModuleCase]:
    init: dict[str, Any] = {**_encoders(), "d": D, "classes": CLASSES}
    with torch.random.fork_rng(devices=[]):
        state = draw.module(Program(**init))
    state["image.layers.1.running_var"] = draw.normal(D, scale=0.3).exp()
    state["text.vectors.weight"][0] = 0  # the vector of padding

    def case(name: str, points: int, *lengths: int, size: int, high: int, wide: int) -> ModuleCase:
        mask = draw.mask(*lengths, size=size)
        ids = draw.integers(1, WORDS, *mask.shape).masked_fill(~mask, 0)
        args = {"images": draw.normal(len(lengths), 3, high, wide), "ids": ids, "mask": mask}
        return ModuleCase(
            name,
            args,
            points,
            init=init,
            state=state,
            twin=args | {"ids": ids.masked_fill(~mask, 5)},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("as many regions as words", 1, 3, 6, 4, size=6, high=4, wide=6),
        case("more regions than words", 1, 2, 3, size=4, high=6, wide=6),
        case("one pair, one region", 1, 4, size=5, high=2, wide=2),
    ]


exercise = Module(
    about=about(__name__, answer="Program", find=True),
    reference=Program,
    cases=cases,
)
