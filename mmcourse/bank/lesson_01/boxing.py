"""01.2, letterbox."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.preprocess import letterbox, resize

WHERE = "(lesson 01, 'One size, and a mask')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, high: int, wide: int, size: int, fill: float) -> Case:
        image = draw.normal(3, high, wide)
        image[:, :2, :2] = fill  # part of the picture looks like the pads
        return Case(name, {"image": image, "size": size, "fill": fill}, points)

    return [
        case("higher than wide", 1, 12, 7, 8, 0.5),
        case("wider than high", 1, 5, 15, 10, -1.5),
        case("smaller than the square", 1, 3, 5, 8, 2.0),
        case("a square", 0, 7, 7, 4, 1.0),
        case("a line", 1, 41, 1, 12, -0.5),
    ]


def _boxed(
    least: int = 1,
    scale: Callable[[int, int, int], float] = lambda high, wide, size: size / max(high, wide),
    whole: Callable[[float], int] = round,
    start: Callable[[int], int] = lambda over: over // 2,
    swap: bool = False,
    filled: bool = True,
    mask: Callable[[Tensor, Tensor, float], Tensor] = lambda mask, boxed, fill: mask,
) -> Callable[[Tensor, int, float], tuple[Tensor, Tensor]]:
    """`letterbox` with another choice for one of its parts."""

    def answer(image: Tensor, size: int, fill: float):
        _, high, wide = image.shape
        h, w = (max(least, whole(side * scale(high, wide, size))) for side in (high, wide))
        h, w = (w, h) if swap else (h, w)
        top, left = start(size - h), start(size - w)
        beside = (left, size - w - left, top, size - h - top)
        boxed = F.pad(resize(image, h, w), beside, value=fill if filled else 0.0)
        real = F.pad(torch.ones_like(boxed[0, :h, :w], dtype=torch.bool), beside)
        return boxed, mask(real, boxed, fill)

    return answer


def _stretched(image, size, fill):
    boxed = resize(image, size, size)
    return boxed, torch.ones_like(boxed[0], dtype=torch.bool)


def _cropped(image, size, fill):
    _, high, wide = image.shape
    scale = size / min(high, wide)
    h, w = max(size, round(high * scale)), max(size, round(wide * scale))
    top, left = (h - size) // 2, (w - size) // 2
    boxed = resize(image, h, w)[:, top : top + size, left : left + size]
    return boxed, torch.ones_like(boxed[0], dtype=torch.bool)


def _mask_per_channel(image, size, fill):
    boxed, mask = letterbox(image, size, fill)
    return boxed, mask.expand_as(boxed)


boxing = Exercise(
    id="01.2",
    title="Letterbox",
    kind="function",
    answer="letterbox",
    reference=letterbox,
    cases=_cases,
    mistakes=(
        Mistake(
            "the picture is stretched to the square",
            f"A circle would become an egg. How many scales may there be for two sides? {WHERE}",
            _stretched,
        ),
        Mistake(
            "the shorter side is brought to the size and the rest is cut off",
            "Nothing is padded, and what stood at the ends is gone. Which side has to fit for all of the picture to "
            f"fit? {WHERE}",
            _cropped,
        ),
        Mistake(
            "the picture lies in the corner",
            f"All of what is left over is on one side. How much of it belongs above, and how much on the left? {WHERE}",
            _boxed(start=lambda over: 0),
        ),
        Mistake(
            "the odd pixel goes above and to the left",
            "Where an odd number of pixels is left over, the smaller half was to come first. How does `//` round? "
            f"{WHERE}",
            _boxed(start=lambda over: (over + 1) // 2),
        ),
        Mistake(
            "the mask is the wrong way round",
            f"Yours is True on the pads. What does True mean in this course? {WHERE}",
            _boxed(mask=lambda mask, boxed, fill: ~mask),
        ),
        Mistake(
            "the mask is True everywhere",
            f"Whoever takes a mean over your mask takes the bars into it. Which pixels came from the picture? {WHERE}",
            _boxed(mask=lambda mask, boxed, fill: torch.ones_like(mask)),
        ),
        Mistake(
            "the mask is read off the values",
            "A pixel of the picture may have the very colour of the pads; in these cases some have. What do you know "
            f"of the place of the picture without looking at it? {WHERE}",
            _boxed(mask=lambda mask, boxed, fill: (boxed != fill).any(0)),
        ),
        Mistake(
            "the mask has a channel axis",
            f"Three equal masks, one for each colour. Which axes does a place have? {WHERE}",
            _mask_per_channel,
        ),
        Mistake(
            "the shorter side is rounded down",
            f"`int` cuts off, 4.67 becomes 4. Which whole number is nearest? {WHERE}",
            _boxed(whole=int),
        ),
        Mistake(
            "the shorter side is rounded up",
            f"Whatever is over counts as a whole pixel: 3.33 becomes 4. Which whole number is nearest? {WHERE}",
            _boxed(whole=math.ceil),
        ),
        Mistake(
            "a very thin picture has no pixel left",
            "A line 41 long and 1 wide, brought to 12, is 0.29 wide, and the nearest whole number is 0. How wide is it "
            f"to be at least? {WHERE}",
            _boxed(least=0),
        ),
        Mistake(
            "height and width change places",
            f"A shape is (C, H, W): which of the two comes first, in the shape and in `resize`? {WHERE}",
            _boxed(swap=True),
        ),
        Mistake(
            "the pads are always 0",
            f"`fill` is the colour that the pads were to have, and yours have none of it. {WHERE}",
            _boxed(filled=False),
        ),
        Mistake(
            "small pictures are not enlarged",
            f"Then small pictures stay small, and only large ones fill the square. What was to become `size`? {WHERE}",
            _boxed(scale=lambda high, wide, size: min(1.0, size / max(high, wide))),
        ),
    ),
    hints=(
        "One scale for both sides, so that all of the picture fits. Which of the two sides decides it?",
        "The scale is `size` over the longer side. The picture becomes (C, h, w), and (size - h) rows and (size - w) "
        "columns are left over: half of them, rounded down, come first.",
        "Work out h and w, rounded, at least 1, and resize. Make a page (C, size, size) full of `fill` and a mask "
        "(size, size) full of False, both like the picture in device and, the page, in dtype. Put the picture into the "
        "middle of the one and True into the same place of the other.",
    ),
)
