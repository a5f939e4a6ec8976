"""08.5: weights from a Gaussian kernel, shared out in two ways."""

from typing import Any

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.fusion.kernel import kernel_weights


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        f_lengths: tuple[int, ...],
        g_lengths: tuple[int, ...],
        i: int,
        j: int,
        d: int,
        width: float,
        far: float | tuple[tuple[float, ...], ...] = 0.0,
        junk: float | None = None,
    ) -> Case:
        f_mask, g_mask = draw.mask(*f_lengths, size=i), draw.mask(*g_lengths, size=j)
        f, g = draw.normal(len(f_lengths), i, d, strided=True), draw.normal(len(g_lengths), j, d)
        g = g + torch.tensor(far)[..., None]

        def padded(of_f: float, of_g: float) -> dict[str, Any]:
            return args | {
                "f": f.masked_fill(~f_mask[..., None], of_f),
                "g": g.masked_fill(~g_mask[..., None], of_g),
            }

        args = {"f": f, "g": g, "f_mask": f_mask, "g_mask": g_mask, "width": width}
        args, twin = args if junk is None else padded(junk, junk), padded(torch.nan, -4.0)
        return Case(name, args, points, twin=twin, twin_says="only what stands in the pads changes")

    return [
        case("a batch of one, no pads", 1, (3,), (4,), 3, 4, 2, 1.3),
        case("a narrow kernel", 1, (4, 4), (3, 3), 4, 3, 3, 0.6),
        case("padded regions and words", 1, (2, 4, 3), (5, 1, 3), 4, 5, 2, 1.5),
        case("pads that hold nan", 1, (1, 3), (4, 2), 3, 4, 2, 1.1, junk=torch.nan),
        case("a sample without regions, one without words", 1, (0, 3, 2), (2, 0, 1), 3, 2, 2, 0.9),
        case(  # every word of the first sample, and two words of the second
            "words far from all regions", 1, (3, 2), (2, 3), 3, 3, 2, 0.4, far=((30.0, 30, 30), (0, 30, 40))
        ),
    ]


exercise = Function(
    about=about(__name__, answer="kernel_weights"),
    reference=kernel_weights,
    cases=cases,
)
