"""05.1: scaled dot-product attention with a mask."""

import torch
from torch import Tensor

from mmcourse.attention import attend_by_hand
from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, q: Tensor, k: Tensor, mask: Tensor) -> Case:
        v = draw.normal(*k.shape[:2], 5, shift=0.5)
        hidden = ~mask.expand(len(k), q.shape[1], k.shape[1]).any(1)[..., None]  # (B, Tk, 1): seen by nobody
        twin = {"q": q, "k": k.masked_fill(hidden, 3.0), "v": v.masked_fill(hidden, -9.0), "mask": mask}
        return Case(name, {"q": q, "k": k, "v": v, "mask": mask}, points, twin=twin, twin_says="only what is hidden")

    def quiet(
        name: str, points: int, batch: int, queries: int, mask: Tensor, d: int = 4, strided: bool = False
    ) -> Case:
        q, k = (draw.normal(batch, n, d, strided=strided) for n in (queries, mask.shape[-1]))
        return case(name, points, q, k, mask)

    each = draw.integers(0, 2, 2, 3, 5).bool() | (torch.arange(5) == 2)  # at least the middle key is seen
    padded = draw.mask(3, 4, 5, size=6)  # (B, Tk)
    q, k = draw.normal(3, 3, 9, scale=30), draw.normal(3, 6, 9, scale=30)
    q[..., 0] = 300
    k[:2, :, 0] = torch.where(padded[:2], torch.tensor([[0.0], [-200]]), torch.tensor([[200.0], [0]]))
    return [
        quiet("a batch of one, nothing hidden", 1, 1, 2, draw.mask(3)[:, None], d=9),
        quiet("padded keys", 1, 3, 2, draw.mask(2, 6, 4)[:, None], strided=True),
        quiet("a mask of its own for each query", 1, 2, 3, each),
        quiet("queries with nothing to look at", 1, 2, 3, draw.mask(0, 4)[:, None], d=9),
        # hidden scores of about 20,000; then real ones of -20,000; then both alike
        case("scores far from 0, above and below", 1, q, k, padded[:, None]),
    ]


exercise = Function(
    about=about(__name__, answer="attention"),
    reference=attend_by_hand,
    cases=cases,
)
