"""08.7: find the fault in a softmax over pairs."""

from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion import joint_softmax


def pair_weights(f: Tensor, scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
    """What it should do; f has no say in it."""
    return joint_softmax(scores, f_mask, g_mask)


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        f_lengths: tuple[int, ...],
        g_lengths: tuple[int, ...],
        i: int,
        j: int,
        zeros: tuple[tuple[int, int], ...] = (),
        pads: float = 0.0,
        twin: bool = True,
        shift: float = 0.0,
    ) -> Case:
        f_mask, g_mask = draw.mask(*f_lengths, size=i), draw.mask(*g_lengths, size=j)
        f = draw.normal(len(f_lengths), i, 3).masked_fill(~f_mask[..., None], pads)
        for b, region in zeros:
            f[b, region] = 0
        scores = draw.normal(len(f_lengths), i, j, scale=1.5, shift=shift)
        args = {"f": f, "scores": scores, "f_mask": f_mask, "g_mask": g_mask}
        hidden = ~(f_mask[:, :, None] & g_mask[:, None])
        other = args | {"scores": scores.masked_fill(hidden, 300.0)} if twin else None
        return Case(name, args, points, twin=other, twin_says="only the scores of pads change")

    return [
        case("as its authors tried it: full sentences, pads of zeros", 0, (2, 4), (3, 3), 4, 3, twin=False),
        case("a sentence shorter than its neighbour", 1, (3, 3), (2, 4), 3, 4),
        case("pads that are not zeros", 1, (2, 3, 1), (4, 4, 4), 3, 4, pads=0.8),
        case("a real region that is all zeros", 1, (3, 2), (2, 2), 3, 2, zeros=((0, 1),)),
        case("scores far below zero", 1, (2, 3), (3, 1), 3, 3, shift=-3e4),
        case("a picture without regions, a text without words", 1, (0, 2, 3), (2, 0, 3), 3, 3),
    ]


exercise = Function(
    about=about(__name__, answer="pair_weights", find=True),
    reference=pair_weights,
    cases=cases,
)
