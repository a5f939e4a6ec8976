"""02.6: an index of pictures with two faults: neighbours that matter, and regions that are none."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.encoded import Encoded

NEIGHBOURS = "(lesson 02, 'A score that depends on its neighbours')"
REGIONS = "(lesson 02, 'One vector, or a set')"


def _grid(images, kernels, mean, var, scale, shift, own: bool = False) -> Tensor:
    """(B, 3, H, W) -> (B, d, H', W'); `own` normalises by the batch itself."""
    grid = F.conv2d(images, kernels, padding=1)
    running = (None, None) if own else (mean, var)
    return F.max_pool2d(F.batch_norm(grid, *running, scale, shift, training=own).relu(), 2)


def _encoded(grid: Tensor, tokens: Tensor) -> Encoded:
    mask = torch.ones(tokens.shape[:2], dtype=torch.bool, device=grid.device)
    return Encoded(grid.mean((2, 3)), tokens, mask)


def index(images, kernels, mean, var, scale, shift) -> Encoded:
    """The right one: running statistics, and a region for each place, row by row."""
    grid = _grid(images, kernels, mean, var, scale, shift)
    return _encoded(grid, grid.flatten(2).transpose(1, 2))


def _given(images, kernels, mean, var, scale, shift) -> Encoded:
    grid = F.conv2d(images, kernels, padding=1)
    grid = F.max_pool2d(F.batch_norm(grid, mean, var, scale, shift, training=True).relu(), 2)
    return _encoded(grid, grid.reshape(len(grid), -1, grid.shape[1]))


def _variant(own: bool = False, tokens=lambda grid: grid.flatten(2).transpose(1, 2), largest: bool = False):
    def answer(images, kernels, mean, var, scale, shift):
        grid = _grid(images, kernels, mean, var, scale, shift, own)
        out = _encoded(grid, tokens(grid))
        return out._replace(vector=grid.amax((2, 3))) if largest else out

    return answer


def _mixed(grid: Tensor) -> Tensor:
    return grid.reshape(len(grid), -1, grid.shape[1])


def _tokens_only(images, kernels, mean, var, scale, shift) -> Encoded:
    grid = F.conv2d(images, kernels, padding=1)
    grid = F.max_pool2d(F.batch_norm(grid, mean, var, scale, shift, training=True).relu(), 2)
    return _encoded(grid, grid.flatten(2).transpose(1, 2))


def _picture_by_picture(images, kernels, mean, var, scale, shift) -> Encoded:
    """Each picture normalised by its own statistics: no neighbours, and no running statistics either."""
    parts = [_variant(own=True)(image[None], kernels, mean, var, scale, shift) for image in images]
    return Encoded(*map(torch.cat, zip(*parts, strict=True)))


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, d: int, height: int, width: int) -> Case:
        args = {
            "images": draw.normal(batch, 3, height, width, shift=0.3),
            "kernels": draw.normal(d, 3, 3, 3, scale=0.4),
            "mean": draw.normal(d),
            "var": draw.normal(d).square() + 0.5,
            "scale": draw.normal(d, scale=0.3, shift=1.0),
            "shift": draw.normal(d, shift=0.4),
        }
        return Case(name, args, points, gradients=False)  # of an index nothing is learnt

    return [
        case("one feature: only the statistics matter", 1, 2, 1, 6, 8),
        case("a batch of one", 1, 1, 5, 4, 8),
        case("a batch of three", 2, 3, 4, 6, 4),
    ]


fault = Exercise(
    id="02.6",
    title="An index that changes with its neighbours",
    kind="function",
    answer="index",
    reference=index,
    given=_given,
    cases=_cases,
    mistakes=(
        Mistake(
            "the statistics are mended and the regions are not",
            "Vectors are right now. Your regions have the right shape and the wrong numbers: what stands in the "
            "first d "
            f"entries of a map (d, H', W') as it lies in memory? {REGIONS}",
            _variant(tokens=_mixed),
        ),
        Mistake(
            "the regions are mended and the statistics are not",
            "Each region is a place now. But encode a picture alone and then in company, and its vector differs; and "
            f"the running statistics that you were given have moved. Which argument decides that? {NEIGHBOURS}",
            _tokens_only,
        ),
        Mistake(
            "the batch's own statistics are used and the running ones left alone",
            "Nothing is written into any more, and a picture's vector still depends on its company. Whose statistics "
            f"are there for this moment? {NEIGHBOURS}",
            _variant(own=True),
        ),
        Mistake(
            "the batch's own statistics are used, and the regions are still mixed",
            "Nothing is written into any more; both faults are still there. Whose statistics are there for this "
            f"moment? {NEIGHBOURS}",
            _variant(own=True, tokens=_mixed),
        ),
        Mistake(
            "each picture is normalised by itself",
            "No neighbour has a say now, and neither has what training gathered: a picture in dim light and the "
            "same in "
            f"bright light become one. What are `mean` and `var` for? {NEIGHBOURS}",
            _picture_by_picture,
        ),
        Mistake(
            "the regions are read column by column",
            "The regions are whole, in another order than row by row. Which of H' and W' should move faster? "
            f"{REGIONS}",
            _variant(tokens=lambda grid: grid.permute(0, 3, 2, 1).flatten(1, 2)),
        ),
        Mistake(
            "features and places stay exchanged",
            f"Yours is (B, d, T). Which axis counts the regions in `tokens`? {REGIONS}",
            _variant(tokens=lambda grid: grid.flatten(2)),
        ),
        Mistake(
            "the vector is the largest over the regions",
            f"The mean was right as it was. Which two lines have to change? {REGIONS}",
            _variant(largest=True),
        ),
    ),
    hints=(
        "Two questions, one for each fault: may a picture's vector depend on who is encoded with it? And is row i of "
        "`tokens` a place?",
        "Look at the argument `training` of the batch norm, and at what `reshape` does to (B, d, H', W') when d is not "
        "the last axis.",
        "In an index nothing is trained, so the running statistics must be used and left alone. For the regions, first "
        "flatten H' and W' into one axis, then exchange that axis with d.",
    ),
)
