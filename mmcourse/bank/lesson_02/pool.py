"""02.4: the largest number of each window."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision.pool import max_pool2d

WHERE = "(lesson 02, 'Keep the largest')"
SIZE = "(lesson 02, 'How much is left, and how far it sees')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, x: tuple, kernel: int, stride: int, padding: int, shift: float = 0.0) -> Case:
        args = {"x": draw.normal(*x, shift=shift, strided=points == 1)}
        return Case(name, args | {"kernel": kernel, "stride": stride, "padding": padding}, points)

    return [
        case("windows side by side", 1, (1, 2, 6, 4), 2, 2, 0),
        case("an odd size: what is left over is dropped", 1, (3, 2, 7, 5), 2, 2, 0),
        case("windows that overlap", 1, (2, 3, 7, 8), 3, 2, 0),
        case("padding, and numbers below zero", 2, (2, 2, 5, 6), 3, 2, 1, shift=-2.5),
    ]


def _zeros_around(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(F.pad(x, (padding,) * 4), kernel, stride)


def _no_padding(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(x, kernel, stride)


def _mean(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.avg_pool2d(x, kernel, stride, padding)


def _kernel_for_stride(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(x, kernel, kernel, padding)


def _every_pixel(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(x, kernel, 1, padding)


def _left_over_kept(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(x, kernel, stride, padding, ceil_mode=True)


def _over_channels(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(x, kernel, stride, padding).amax(1, keepdim=True)


def _by_size(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    out, where = F.max_pool2d(x.abs(), kernel, stride, padding, return_indices=True)
    return x.flatten(2).gather(2, where.flatten(2)).view(out.shape)


def _with_places(x: Tensor, kernel: int, stride: int, padding: int):
    x = F.pad(x, (padding,) * 4, value=-torch.inf).unfold(2, kernel, stride).unfold(3, kernel, stride)
    return x.flatten(-2).max(-1)


def _rows_only(x: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    """The largest of each row of a window: one of the two axes is left."""
    x = F.pad(x, (padding,) * 4, value=-torch.inf).unfold(2, kernel, stride).unfold(3, kernel, stride)
    return x.max(-1).values


pool = Exercise(
    id="02.4",
    title="Max pooling by hand",
    kind="function",
    answer="max_pool2d",
    reference=max_pool2d,
    cases=_cases,
    mistakes=(
        Mistake(
            "the padding is zeros",
            "Where all of a window is below zero, your padding wins. Which number never wins a maximum? " + WHERE,
            _zeros_around,
        ),
        Mistake(
            "the padding is left out",
            f"The first window should begin outside the picture. By how much? {SIZE}",
            _no_padding,
        ),
        Mistake(
            "only left and right are padded",
            f"`F.pad` counts axes from the last: two numbers are the width alone. What about the rows? {SIZE}",
            lambda x, kernel, stride, padding: F.max_pool2d(
                F.pad(x, (padding, padding), value=-torch.inf), kernel, stride
            ),
        ),
        Mistake(
            "the places of the maxima come back too",
            "`max` along an axis gives two tensors, the largest numbers and where they stood. Which of them was "
            f"asked for? {WHERE}",
            _with_places,
        ),
        Mistake(
            "the mean is taken", f"A pool of another kind: which number of the window was asked for? {WHERE}", _mean
        ),
        Mistake(
            "the windows never overlap",
            f"You move by the kernel's size. Which argument says how far to move? {SIZE}",
            _kernel_for_stride,
        ),
        Mistake(
            "the stride is left out", f"Your window stops at every pixel. How far should it move? {SIZE}", _every_pixel
        ),
        Mistake(
            "a window that hangs over the edge is kept",
            f"By the formula the division is rounded down. What becomes of pixels that fill no whole window? {SIZE}",
            _left_over_kept,
        ),
        Mistake(
            "the channels compete too",
            f"Each channel answers a question of its own. How many channels should come out? {WHERE}",
            _over_channels,
        ),
        Mistake(
            "the number furthest from zero is kept",
            f"-3 is a larger number than 2 only without its sign. Which of the two is the maximum? {WHERE}",
            _by_size,
        ),
        Mistake(
            "the maximum runs over one axis of the window",
            "A window has kernel times kernel numbers, and each of your results comes of one row. What of the "
            f"rest? {WHERE}",
            _rows_only,
        ),
    ),
    hints=(
        "What stands beyond the edge, if it must never be the largest?",
        "Pad with that number, then `unfold` along both axes: (B, C, H', W', k, k). Which two axes does the maximum "
        "remove?",
        "Pad all four sides with minus infinity. Take every window by two unfolds with the stride. Flatten the last "
        "two axes into one and take its maximum.",
    ),
)
