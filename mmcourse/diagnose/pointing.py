"""Where does attention look? Scored against boxes that are known to be true."""

import torch
from torch import Tensor


def grid_boxes(rows: int, columns: int, height: int, width: int) -> Tensor:
    """The boxes of a grid's places, row by row: (rows * columns, 4), each left, top, right, bottom in pixels.

    `rows` and `columns` count the places of the map (as `regions_of` flattens it), `height` and `width` the pixels of
    the picture. float32, on the CPU.
    """
    top, left = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")  # (rows, columns)
    corners = torch.stack([left, top, left + 1, top + 1], dim=-1).flatten(0, 1)  # (rows · columns, 4)
    return corners * torch.tensor([width / columns, height / rows, width / columns, height / rows])


def centre_inside(regions: Tensor, truth: Tensor) -> Tensor:
    """Whether a region's centre lies in the true box: (B, I, 4) or (I, 4), (B, 4) -> (B, I) bool.

    Boxes are left, top, right, bottom. Left and top belong to a box, right and bottom no longer do.
    """
    centre = (regions[..., :2] + regions[..., 2:]) / 2  # (B, I, 2) or (I, 2): x, y
    low, high = truth[:, None, :2], truth[:, None, 2:]  # (B, 1, 2)
    return ((low <= centre) & (centre < high)).all(-1)  # (B, I)


def pointing(weights: Tensor, named: Tensor, regions: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """Does the attention of a name's words point into the true box, and how much of it lies there? -> (B), (B)

    weights  (B, I, J): how much region i and word j get, such as `BilinearAttention.attention`, one glimpse of it;
             pads get exactly 0
    named    (B, J) bool: the words of the name; their attention is added up, region by region
    regions  (B, I, 4) or (I, 4): boxes of the regions; left, top, right, bottom
    truth    (B, 4): the true box

    A region counts as inside if its centre is. The first result, the pointing game, is 1 where the region that gets
    most is inside; where n regions share first place, it is the share of the n that are inside, which is what a fair
    draw among them would give on average. So even attention scores what chance would. The second is the share of the
    name's attention that falls on regions inside. Where a name gets no attention at all, both are 0.

    Source: Zhang, Lin, Brandt, Shen, Sclaroff 2016, arXiv:1608.00507, where the one point of greatest attention is
    hit or miss, with a margin of 15 pixels. Here there is no margin, and the rule for ties is this course's.
    """
    per_region = weights.masked_fill(~named[:, None], 0).sum(-1)  # (B, I, J) -> (B, I)
    inside = centre_inside(regions, truth)  # (B, I)
    total = per_region.sum(-1)  # (B)
    first = (per_region == per_region.amax(-1, keepdim=True)) & (total > 0)[:, None]  # (B, I)
    hit = (first & inside).sum(-1) / first.sum(-1).clamp(min=1)  # (B)
    share = (per_region * inside).sum(-1) / total.masked_fill(total == 0, 1)  # (B)
    return hit.to(weights), share
