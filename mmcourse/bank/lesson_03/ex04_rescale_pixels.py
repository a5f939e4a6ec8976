"""03.4: pixels normalised as a pretrained network wants them."""

import torch

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.vision.pixels import rescale


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        shape: tuple[int, int, int],
        white: float,
        mean: list[float],
        std: list[float],
        as_float: bool = False,
    ) -> Case:
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


exercise = Function(
    about=about(__name__, answer="rescale"),
    reference=rescale,
    cases=cases,
)
