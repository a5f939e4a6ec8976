"""08.4: low-rank bilinear scores."""

from typing import Any

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.fusion import PairScores

D_F, D_G = 5, 4
LIMIT = 2**20  # bytes; all pairs with all their features would be twice as much


def cases(draw: Draw) -> list[ModuleCase]:
    def case(name: str, points: int, batch: int, i: int, j: int, rank: int, glimpses: int, **more: Any) -> ModuleCase:
        init = {"d_f": D_F, "d_g": D_G, "rank": rank, "glimpses": glimpses}
        args = {"f": draw.normal(batch, i, D_F, strided=True), "g": draw.normal(batch, j, D_G, shift=0.3)}
        return ModuleCase(name, args, points, init=init, state=draw.module(PairScores(**init)), **more)

    return [
        case("one glimpse, a batch of one", 1, 1, 3, 2, 6, 1),
        case("two glimpses", 2, 3, 4, 5, 3, 2),
        case("all sizes alike", 1, 3, 3, 3, 3, 3),
        case("rank 1", 1, 2, 4, 3, 1, 2),
        case("within memory", 1, 4, 49, 20, 64, 2, memory=LIMIT, gradients=False),
    ]


exercise = Module(
    about=about(__name__, answer="PairScores"),
    reference=PairScores,
    cases=cases,
)
