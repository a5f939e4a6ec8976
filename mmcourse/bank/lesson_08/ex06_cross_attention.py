"""08.6: cross-attention."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.encoded import Encoded
from mmcourse.fusion import CrossAttention

INIT = {"d_f": 5, "d_g": 3, "d": 4, "heads": 2}


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(CrossAttention(**INIT))

    def side(lengths: tuple[int, ...], size: int, d: int) -> Encoded:
        mask = draw.mask(*lengths, size=size)
        return Encoded(draw.normal(len(lengths), d, shift=-0.3), draw.normal(len(lengths), size, d, shift=0.2), mask)

    def case(
        name: str,
        points: int,
        f_lengths: tuple[int, ...],
        g_lengths: tuple[int, ...],
        i: int,
        j: int,
        junk: float | None = None,
    ) -> ModuleCase:
        args = {"image": side(f_lengths, i, INIT["d_f"]), "text": side(g_lengths, j, INIT["d_g"])}

        def padded(with_what: float) -> dict[str, Encoded]:
            return {n: e._replace(tokens=e.tokens.masked_fill(~e.mask[..., None], with_what)) for n, e in args.items()}

        twin, says = padded(6.0), "only what stands in the pads changes"
        args = args if junk is None else padded(junk)
        return ModuleCase(name, args, points, init=INIT, state=state, twin=twin, twin_says=says)

    return [
        case("a batch of one, no pads", 1, (3,), (2,), 3, 2),
        case("as many words as regions", 1, (4, 4), (4, 4), 4, 4),
        case("padded regions", 1, (1, 4, 2), (3, 3, 3), 4, 3),
        case("padded words, as many places as regions", 1, (3, 2, 3), (2, 3, 1), 3, 3),
        case("pads that hold nan", 1, (2, 3), (4, 1), 3, 4, torch.nan),
        case("a picture without regions, a text without words", 1, (0, 3, 2), (2, 0, 1), 3, 2),
    ]


exercise = Module(
    about=about(__name__, answer="CrossAttention"),
    reference=CrossAttention,
    cases=cases,
)
