"""03.4: The scale on which a pretrained network wants its pixels."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.vision.pixels import rescale


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, shape: tuple[int, int, int], white: float, mean: list, std: list, as_float=False):
        brightest = 180 if as_float else 255  # not every batch has white in it
        images = draw.integers(0, brightest + 1, shape[0], 3, *shape[1:]).to(torch.uint8)
        images[0, :, 0, 0], images[0, :, 0, 1] = 0, brightest
        # float32, so that `images / 255`, which is float32 for whole numbers, is as right as any; once float64.
        dtype = torch.float64 if as_float else torch.float32
        args = {"mean": torch.tensor(mean, dtype=dtype), "std": torch.tensor(std, dtype=dtype)}
        images = images.double() if as_float else images
        return Case(name, {"images": images, **args, "white": white}, points, gradients=False)

    return [
        case("white is 1", 1, (3, 4, 5), 1.0, [0.5, 0.4, 0.3], [0.2, 0.25, 0.3]),
        case("white is 255", 1, (1, 5, 2), 255.0, [127.0, 120.0, 110.0], [128.0, 60.0, 50.0]),
        case("as wide as there are colours", 1, (2, 4, 3), 1.0, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        case("pixels that are floats already", 1, (2, 3, 5), 1.0, [0.3, 0.5, 0.2], [0.1, 0.3, 0.2], as_float=True),
    ]


def _axes(x: Tensor) -> Tensor:
    return x[:, None, None]


def _no_unit(images, mean, std, white):
    return (images.to(mean.dtype) - _axes(mean)) / _axes(std)


def _always_one(images, mean, std, white):
    return (images.to(mean.dtype) / 255 - _axes(mean)) / _axes(std)


def _after(images, mean, std, white):
    """Mean and spread in their own unit taken from raw pixels, and divided by 255 afterwards."""
    return (images.to(mean.dtype) - _axes(mean)) / _axes(std) * (white / 255)


def _twice(images, mean, std, white):
    return rescale(images.to(mean.dtype) / 255, mean, std, white)


def _along_width(images, mean, std, white):
    return (images.to(mean.dtype) * (white / 255) - mean) / std


def _one_for_all(images, mean, std, white):
    return rescale(images, mean.mean().expand(3), std.mean().expand(3), white)


def _own(images, mean, std, white):
    pixels = images.to(mean.dtype)
    own = [f((0, 2, 3), keepdim=True) for f in (pixels.mean, pixels.std)]
    return (pixels - own[0]) / own[1]


def _times(images, mean, std, white):
    return (images.to(mean.dtype) * (white / 255) - _axes(mean)) * _axes(std)


def _variance(images, mean, std, white):
    return (images.to(mean.dtype) * (white / 255) - _axes(mean)) / _axes(std) ** 2


def _mean_only(images, mean, std, white):
    return images.to(mean.dtype) * (white / 255) - _axes(mean)


def _std_only(images, mean, std, white):
    return images.to(mean.dtype) * (white / 255) / _axes(std) - _axes(mean)


def _blue_first(images, mean, std, white):
    return rescale(images.flip(1), mean, std, white)


def _wraps(images, mean, std, white):
    """Subtracts while the pixels are still whole numbers from 0 to 255: below 0 they begin again at 255."""
    if images.is_floating_point():
        return rescale(images, mean, std, white)
    less = images - _axes((mean * 255 / white).round().to(torch.uint8))
    return less.to(mean.dtype) * (white / 255) / _axes(std)


def _by_256(images, mean, std, white):
    return rescale(images.to(mean.dtype) * 255 / 256, mean, std, white)


def _by_brightest(images, mean, std, white):
    return rescale(images.to(mean.dtype) * (255 / images.max()), mean, std, white)


def _by_white(images, mean, std, white):
    return (images.to(mean.dtype) / white - _axes(mean)) / _axes(std)


def _single(images, mean, std, white):
    return rescale(images.float(), mean.float(), std.float(), white)


WHERE = "(lesson 03, 'Borrowed eyes')"

pixels = Exercise(
    id="03.4",
    title="The pixels that a backbone wants",
    kind="function",
    answer="rescale",
    reference=rescale,
    cases=_cases,
    mistakes=(
        Mistake(
            "raw pixels meet a mean in another unit",
            "Your pixels go up to 255 whatever `white` says. In which unit is the mean, and in which the pixels? "
            f"{WHERE}",
            _no_unit,
        ),
        Mistake(
            "white is taken to be 1 for every network",
            f"For some networks mean and std count from 0 to 255. What does `white` say? {WHERE}",
            _always_one,
        ),
        Mistake(
            "the unit is changed after the mean is taken away",
            "A mean of 0.5 was taken from a pixel of 200: as good as nothing. Which comes first, the unit or the mean? "
            f"{WHERE}",
            _after,
        ),
        Mistake(
            "the pixels are brought to 0..1 twice",
            f"Divided by 255 two times over, every picture is black. Who divides? {WHERE}",
            _twice,
        ),
        Mistake(
            "mean and std are lined up with the width",
            "(3,) stands under W from the right: with three columns each column gets a colour's mean. Where is the "
            f"axis of the colours, and how many axes come after it? {WHERE}",
            _along_width,
        ),
        Mistake(
            "one mean and one spread serve all colours",
            f"Red, green and blue each have their own. {WHERE}",
            _one_for_all,
        ),
        Mistake(
            "the batch's own mean and spread are used",
            "The weights were trained with one fixed mean and spread, and a picture would come out differently in "
            f"other company. Whose statistics does the network know? {WHERE}",
            _own,
        ),
        Mistake(
            "the difference is multiplied by std",
            f"In (x - mean) / std, a large spread makes the numbers smaller. {WHERE}",
            _times,
        ),
        Mistake(
            "the difference is divided by the variance",
            f"std is the spread itself; its square is the variance. {WHERE}",
            _variance,
        ),
        Mistake("std is left out", f"The mean is gone, and the spread is still there. {WHERE}", _mean_only),
        Mistake(
            "the mean is taken away after dividing by std",
            f"The mean is in units of pixels, not of spreads. Which parts stand in the brackets? {WHERE}",
            _std_only,
        ),
        Mistake(
            "red and blue are exchanged",
            "OpenCV reads pictures as blue, green, red; the course's pictures are red, green, blue, and so are mean "
            f"and std. Which order was asked for? {WHERE}",
            _blue_first,
        ),
        Mistake(
            "whole numbers are subtracted from whole numbers",
            "uint8 has no numbers below 0: 100 - 127 is 229 there. What has to happen before the mean is taken away? "
            f"{WHERE}",
            _wraps,
        ),
        Mistake(
            "white is taken to be 256",
            f"The largest pixel is 255. To what should it be brought? {WHERE}",
            _by_256,
        ),
        Mistake(
            "the brightest pixel at hand is taken for white",
            "A dark picture would come out as bright as any, and its numbers would depend on its neighbours. Which "
            f"number is white in every picture? {WHERE}",
            _by_brightest,
        ),
        Mistake(
            "the pixels are divided by white",
            "`white` is what white should be afterwards; in the pixels that you get, it is 255. What is left of 255 if "
            f"white is 1? {WHERE}",
            _by_white,
        ),
        Mistake(
            "the result is always float32",
            f"The result should have the dtype of mean and std, whatever that is. {WHERE}",
            _single,
        ),
    ),
    hints=(
        "In which unit is the mean given, and in which are the pixels?",
        "images are (B, 3, H, W), mean and std (3,). From the right, two axes are missing: (3, 1, 1).",
        "Make the pixels floats of the mean's dtype. Bring them from 0..255 to 0..white. Take the mean away, colour by "
        "colour, then divide by std.",
    ),
)
