"""What the cases of 07.1 and 07.3 share: tables of logits whose sides help as much as one likes."""

import torch
from torch import Tensor

from mmcourse.checking.draw import Draw


def votes_table(draw: Draw, n: int, k: int, image: float, text: float, both: float) -> tuple[Tensor, Tensor]:
    """Logits (N, N, K) and labels (N): votes of each side for its own pair's class, and one where the two agree."""
    labels = torch.tensor([(i * k) // n for i in range(n)])[torch.tensor(draw.permutation(n))]
    own = torch.nn.functional.one_hot(labels, k).double()  # (N, K)
    agree = (labels[:, None] == labels[None])[..., None]  # (N, N, 1)
    table = image * own[:, None] + text * own[None] + both * agree * own[:, None]
    return table + draw.normal(n, n, k), labels


def partners(draw: Draw, n: int, shuffles: int) -> Tensor:
    """(R, N): for each pair another pair, each the partner of one."""
    rows = []
    for _ in range(shuffles):
        ring = torch.tensor(draw.permutation(n))
        row = torch.empty_like(ring)
        row[ring] = ring.roll(-1)
        rows.append(row)
    return torch.stack(rows)
