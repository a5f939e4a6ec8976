"""01.1, pixels in the units of the statistics."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.preprocess import normalise

WHERE = "(lesson 01, 'Pixels: which axis, which unit')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, batch: int, high: int, wide: int) -> Case:
        images = draw.integers(0, 256, batch, 3, high, wide).to(torch.uint8)
        mean = torch.tensor([0.48, 0.41, 0.29]) + draw.normal(3, scale=0.01).float()
        std = torch.tensor([0.31, 0.22, 0.14]) + draw.normal(3, scale=0.005).float()
        return Case(name, {"images": images, "mean": mean, "std": std}, points, gradients=False)  # given numbers

    return [
        case("pictures three pixels wide", 1, 2, 5, 3),
        case("pictures of another width", 2, 3, 4, 6),
        case("a batch of one", 1, 1, 2, 5),
    ]


def _stand(x: Tensor) -> Tensor:
    return x[:, None, None]


def _own(images, mean, std):
    pixels = images.float() / 255
    spread, middle = torch.std_mean(pixels, (0, 2, 3), correction=0, keepdim=True)
    return (pixels - middle) / spread + 0 * _stand(mean + std)


normalising = Exercise(
    id="01.1",
    title="Pixels around zero",
    kind="function",
    answer="normalise",
    reference=normalise,
    cases=_cases,
    mistakes=(
        Mistake(
            "the pixels stay on the scale 0 to 255",
            "Yours are numbers in the hundreds, less a mean below 1. On which scale were mean and std taken, and on "
            f"which are your pixels? {WHERE}",
            lambda images, mean, std: (images - _stand(mean)) / _stand(std),
        ),
        Mistake(
            "the mean is brought to the pixels' scale and the spread is not",
            "Everything of yours is 255 times too large. If 255 goes into one of the two, into which other one must it "
            f"go? {WHERE}",
            lambda images, mean, std: (images - 255 * _stand(mean)) / _stand(std),
        ),
        Mistake(
            "one mean and one spread serve all three channels",
            f"Red, green and blue have numbers of their own here. How many means does a picture have? {WHERE}",
            lambda images, mean, std: (images / 255 - mean.mean()) / std.mean(),
        ),
        Mistake(
            "the three means stand along the width",
            "(3) lines up with the last axis, W: with pictures three pixels wide each column got a mean of its own, "
            f"with others it does not run. Which shape puts the 3 under C? {WHERE}",
            lambda images, mean, std: (images / 255 - mean) / std,
        ),
        Mistake(
            "the channels are taken in the order blue, green, red",
            f"Red got blue's mean. In which order does this course, and torchvision, keep the channels? {WHERE}",
            lambda images, mean, std: (images / 255 - _stand(mean.flip(0))) / _stand(std.flip(0)),
        ),
        Mistake(
            "it is divided by the variance",
            f"The variance is in the pixel's unit squared. Which of the two was given? {WHERE}",
            lambda images, mean, std: (images / 255 - _stand(mean)) / _stand(std) ** 2,
        ),
        Mistake(
            "it is multiplied by the spread",
            f"A channel that varies little is now even quieter. What makes every spread 1? {WHERE}",
            lambda images, mean, std: (images / 255 - _stand(mean)) * _stand(std),
        ),
        Mistake(
            "only the mean is divided by the spread",
            f"Python divides before it subtracts. What should be subtracted first? {WHERE}",
            lambda images, mean, std: images / 255 - _stand(mean) / _stand(std),
        ),
        Mistake(
            "the pixels are divided as whole numbers",
            "All but the brightest are 0 now: `//` keeps no fraction, and bytes have none. What must a byte become "
            f"before it is divided? {WHERE}",
            lambda images, mean, std: (images // 255 - _stand(mean)) / _stand(std),
        ),
        Mistake(
            "the mean is subtracted from bytes",
            "A byte has no minus: what should lie just below 0 begins again at 255. What must a byte become before "
            f"anything is subtracted from it? {WHERE}",
            lambda images, mean, std: (images - _stand((255 * mean).to(torch.uint8))) / (255 * _stand(std)),
        ),
        Mistake(
            "mean and spread are exchanged",
            f"Which of the two says where the middle is, and which how far it goes from there? {WHERE}",
            lambda images, mean, std: (images / 255 - _stand(std)) / _stand(mean),
        ),
        Mistake(
            "the batch's own mean and spread are used",
            "The same picture would come out differently in other company, and the numbers that the model was trained "
            f"with are not asked. Whose statistics were given? {WHERE}",
            _own,
        ),
    ),
    hints=(
        "mean and std are of pixels on the scale 0 to 1. On which scale are the bytes?",
        "(3) must stand under the C of (B, C, H, W). Broadcasting lines shapes up from the right: which shape has the "
        "3 in the third place from there?",
        "Divide the bytes by 255, which makes floats of them. Give mean and std two axes of size 1 at the end, "
        "subtract the one, divide by the other.",
    ),
)
