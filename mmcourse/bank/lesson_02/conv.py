"""02.3: convolution by hand, with stride and padding."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision.conv import conv2d

WHERE = "(lesson 02, 'One small window, everywhere')"
SIZE = "(lesson 02, 'How much is left, and how far it sees')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, x: tuple, weight: tuple, stride: int, padding: int, strided: bool = False) -> Case:
        args = {"x": draw.normal(*x, strided=strided), "weight": draw.normal(*weight), "bias": draw.normal(weight[0])}
        return Case(name, args | {"stride": stride, "padding": padding}, points)

    return [
        case("one channel, one kernel", 1, (1, 1, 5, 6), (1, 1, 3, 3), 1, 0),
        case("more channels, more kernels", 1, (3, 4, 6, 7), (5, 4, 2, 3), 1, 0, strided=True),
        case("padding", 1, (2, 3, 5, 4), (4, 3, 3, 3), 1, 2),
        case("a stride that leaves pixels over", 1, (2, 2, 8, 11), (3, 2, 3, 3), 3, 0),
        case("stride and padding", 1, (1, 3, 7, 6), (2, 3, 3, 2), 2, 1),
    ]


def _with(change_x=None, change_weight=None, pad=None, after=None, bias_as=None):
    """The right answer with one step done otherwise."""

    def answer(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
        weight = change_weight(weight) if change_weight else weight
        x = pad(x, padding) if pad else F.pad(x, (padding,) * 4)
        out = F.conv2d(x, weight, None, stride)
        return (after(out) if after else out) + (bias_as(bias) if bias_as else bias[:, None, None])

    return answer


def _as_dilation(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(x, weight, bias, 1, padding, dilation=stride)


def _rows_only(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(x, weight, bias, (stride, 1), padding)


def _columns_only(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(x, weight, bias, (1, stride), padding)


def _thinned(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(F.pad(x, (padding,) * 4)[:, :, ::stride, ::stride], weight, bias)


def _square(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    k = weight.shape[2]
    windows = F.pad(x, (padding,) * 4).unfold(2, k, stride).unfold(3, k, stride)
    return torch.einsum("bcijuv,dcuv->bdij", windows, weight) + bias[:, None, None]


def _no_stride(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(x, weight, bias, 1, padding)


def _mixed(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    """Windows with their kernel axes in front of the channels, against weights with the channels in front."""
    d, c, kh, kw = weight.shape
    windows = F.pad(x, (padding,) * 4).unfold(2, kh, stride).unfold(3, kw, stride)  # (B, C, H', W', kh, kw)
    columns = windows.permute(0, 2, 3, 4, 5, 1).flatten(3)  # (B, H', W', kh·kw·C)
    return (columns @ weight.reshape(d, -1).T + bias).permute(0, 3, 1, 2)


def _flat(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    """`F.unfold`'s columns put back with height and width exchanged."""
    out = F.conv2d(x, weight, bias, stride, padding)
    return out.reshape(*out.shape[:2], out.shape[3], out.shape[2])


def _mean(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    return F.conv2d(x, weight / weight[0].numel(), bias, stride, padding)


def _own_channels(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    """Every channel against the kernel's first channel."""
    return F.conv2d(x.sum(1, keepdim=True), weight[:, :1], bias, stride, padding)


convolution = Exercise(
    id="02.3",
    title="Convolution by hand",
    kind="function",
    answer="conv2d",
    reference=conv2d,
    cases=_cases,
    mistakes=(
        Mistake(
            "the kernel is flipped",
            "That is the mathematician's convolution, turned by half a circle. Deep learning slides the kernel as it "
            f"is written: which pixel meets weight[0, 0]? {WHERE}",
            _with(change_weight=lambda w: w.flip(2, 3)),
        ),
        Mistake(
            "rows and columns of the kernel are exchanged",
            f"Your kernel is mirrored at its diagonal. Which axis of `weight` runs down the picture? {WHERE}",
            _with(change_weight=lambda w: w.transpose(2, 3)),
        ),
        Mistake(
            "the bias is added along the last axis",
            "(B, D, H', W') plus (D): lined up from the right, D stands under W'. One bias per what, and which axis "
            f"is that? {WHERE}",
            _with(bias_as=lambda b: b),
        ),
        Mistake(
            "the bias is left out",
            f"Everything is off by one number for each kernel. Which argument has not been used? {WHERE}",
            _with(bias_as=lambda b: torch.zeros_like(b)[:, None, None]),
        ),
        Mistake(
            "the padding is left out",
            f"The kernel never stands over the edge. What lies beyond it, and how far? {SIZE}",
            _with(pad=lambda x, p: x),
        ),
        Mistake(
            "the padding comes below and to the right only",
            f"Padding goes round all four sides. How many rows does it add altogether? {SIZE}",
            _with(pad=lambda x, p: F.pad(x, (0, p, 0, p))),
        ),
        Mistake(
            "the padding comes above and to the left only",
            f"Padding goes round all four sides. How many rows does it add altogether? {SIZE}",
            _with(pad=lambda x, p: F.pad(x, (p, 0, p, 0))),
        ),
        Mistake(
            "only left and right are padded",
            f"`F.pad` counts axes from the last: two numbers are the width alone. What about the rows? {SIZE}",
            _with(pad=lambda x, p: F.pad(x, (p, p))),
        ),
        Mistake(
            "the padding repeats the edge",
            f"What lies beyond the edge is zero here, not another copy of the edge. {SIZE}",
            _with(pad=lambda x, p: F.pad(x, (p,) * 4, mode="replicate")),
        ),
        Mistake(
            "the stride is left out",
            f"Your kernel stops at every pixel. How far should it move? {SIZE}",
            _no_stride,
        ),
        Mistake(
            "the stride spreads the kernel's taps",
            "Your windows have gaps in them, and start at every pixel: that is dilation. What should be far apart, the "
            f"taps of one window or the windows? {SIZE}",
            _as_dilation,
        ),
        Mistake(
            "the stride holds for the rows only",
            f"Down the picture you move by `stride`, across it by 1. How many columns should be left? {SIZE}",
            _rows_only,
        ),
        Mistake(
            "the stride holds for the columns only",
            f"Across the picture you move by `stride`, down it by 1. How many rows should be left? {SIZE}",
            _columns_only,
        ),
        Mistake(
            "the stride is taken out of the picture",
            "You drop pixels first, and the kernel sees what is left: most pixels meet no weight at all. What moves by "
            f"`stride`, the pixels of a window or the window? {SIZE}",
            _thinned,
        ),
        Mistake(
            "the kernel's height is taken for both sides",
            f"It goes well while kernels are square. How wide is `weight`, and which of its axes says so? {WHERE}",
            _square,
        ),
        Mistake(
            "channels and places of the window are mixed up",
            "Your windows list the channels last and the kernel lists them first; flattened, they no longer meet. "
            f"Which index moves fastest in each? {WHERE}",
            _mixed,
        ),
        Mistake(
            "height and width of the result are exchanged",
            "The numbers are right and stand in the wrong places. A list of places is read row by row: how long is a "
            f"row? {WHERE}",
            _flat,
        ),
        Mistake(
            "the products are averaged",
            f"A convolution adds its products up. What did you divide by? {WHERE}",
            _mean,
        ),
        Mistake(
            "all channels meet the kernel's first channel",
            f"A kernel has weights of its own for every channel. How many numbers does one kernel hold? {WHERE}",
            _own_channels,
        ),
    ),
    hints=(
        "One number of the result: which pixels, of which channels, meet which weights?",
        "Pad first. Then `unfold(2, kh, stride)` and `unfold(3, kw, stride)` give every window, (B, C, H', W', "
        "kh, kw). "
        "Over which of these axes is the sum?",
        "Multiply windows and kernels and sum over C, kh and kw: an einsum with six letters on one side and four on "
        "the other. Add the bias as (D, 1, 1).",
    ),
)
