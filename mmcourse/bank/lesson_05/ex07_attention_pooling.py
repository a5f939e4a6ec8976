"""05.7: find the fault in a masked attention pooling."""

import torch
from torch import Tensor

from mmcourse.attention import attention_pool
from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, scores: Tensor, mask: Tensor, single: bool = False) -> Case:
        tokens = draw.normal(*scores.shape, 3, shift=0.3)
        if single:
            scores, tokens = scores.float(), tokens.float()
        args = {"scores": scores, "tokens": tokens, "mask": mask}
        twin = {"scores": scores, "tokens": tokens.masked_fill(~mask[..., None], 7.0), "mask": mask}
        return Case(name, args, points, twin=twin, twin_says="only what stands in the pads changes")

    def lengths(
        *words: int, size: int, pads: float | None = None, apart: float = 1.5, shift: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Scores and mask; `pads` is the score of every pad."""
        mask = draw.mask(*words, size=size)
        scores = draw.normal(len(words), size, scale=apart, shift=shift)
        return (scores if pads is None else scores.masked_fill(~mask, pads)), mask

    apart, mask = lengths(5, size=7, pads=60.0, apart=25.0)
    apart[0, :2] = apart[0].max() + torch.tensor([0.0, 1])  # the two highest words are close together
    return [
        case("as its author tested it: small scores", 0, *lengths(2, 5, 4, size=6)),
        case("a pad's score stands far above", 1, *lengths(3, 1, 4, size=5, pads=900.0)),
        case("far above, in single precision", 1, *lengths(2, 4, size=5, pads=120.0), single=True),
        case("a batch of one, scores far apart", 1, apart, mask),
        case("the words' scores lie far below 0", 1, *lengths(4, 2, size=6, pads=1.0, shift=-20_000.0)),
        case("a sentence without words", 0, *lengths(0, 3, size=4, pads=40.0)),
    ]


exercise = Function(
    about=about(__name__, answer="attention_pool", find=True),
    reference=attention_pool,
    cases=cases,
)
