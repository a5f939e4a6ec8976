"""02.7: a CNN that gives a vector, regions, and a mask that knows about the bars beside a picture."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.encoded import Encoded
from mmcourse.vision.regions import real_places, regions_of

WHERE = "(lesson 02, 'One vector, or a set')"
D = 5


class CNN(nn.Module):
    """Two convolutions, each halving the picture. The exercise hands out its constructor."""

    def __init__(self, d: int):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(4, d, 3, padding=1), nn.BatchNorm2d(d), nn.ReLU(), nn.MaxPool2d(2)),
        )

    def forward(self, images: Tensor, real: Tensor) -> Encoded:
        return regions_of(self.layers(images), real_places(real, 4))


def _cases(draw: Draw) -> list[Case]:
    state = draw.module(CNN(D))
    state = {name: value.abs() + 0.4 if name.endswith("running_var") else value for name, value in state.items()}

    def case(name: str, points: int, height: int, width: int, *kept: tuple[int, int, int, int]) -> Case:
        """Pictures whose real pixels are rows a to b and columns c to d, in bars of numbers like any others."""
        real = torch.zeros(len(kept), height, width, dtype=torch.bool)
        for mask, (top, bottom, left, right) in zip(real, kept, strict=True):
            mask[top:bottom, left:right] = True
        args = {"images": draw.normal(len(kept), 3, height, width, shift=0.2), "real": real}
        return Case(name, args, points, init={"d": D}, state=state)

    return [
        case("no bars, a batch of one", 1, 8, 12, (0, 8, 0, 12)),
        case("bars above and below, left and right", 2, 12, 16, (4, 8, 0, 14), (0, 12, 7, 11), (0, 12, 0, 16)),
        case("a picture with nothing real", 1, 8, 16, (0, 0, 0, 0), (2, 7, 3, 9)),
    ]


class _Variant(CNN):
    """The reference with one step at a time to get wrong."""

    def forward(self, images: Tensor, real: Tensor) -> Encoded:
        grid = self.layers(images)  # (B, d, H', W')
        tokens, mask = self.tokens(grid), self.mask(real)
        return Encoded(self.vector(tokens, mask), tokens, mask)

    def tokens(self, grid: Tensor) -> Tensor:
        return grid.flatten(2).transpose(1, 2)

    def mask(self, real: Tensor) -> Tensor:
        return real_places(real, 4).flatten(1)

    def vector(self, tokens: Tensor, mask: Tensor) -> Tensor:
        return (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)


class _Mixed(_Variant):
    def tokens(self, grid):
        return grid.reshape(len(grid), -1, grid.shape[1])


class _Columns(_Variant):
    def tokens(self, grid):
        return grid.permute(0, 3, 2, 1).flatten(1, 2)


class _BarsCount(_Variant):
    def vector(self, tokens, mask):
        return tokens.mean(1)


class _BarsInNumber(_Variant):
    def vector(self, tokens, mask):
        return (tokens * mask[..., None]).mean(1)


class _AllReal(_Variant):
    def mask(self, real):
        return torch.ones_like(real_places(real, 4)).flatten(1)


class _Whole(_Variant):
    """A region is real only where all of its pixels are."""

    def mask(self, real):
        return ~real_places(~real, 4).flatten(1)


class _Corner(_Variant):
    """A region is what its top left pixel is."""

    def mask(self, real):
        return real[:, ::4, ::4].flatten(1)


class _Turned(_Variant):
    def mask(self, real):
        return real_places(real, 4).transpose(1, 2).flatten(1)


class _Inverted(_Variant):
    def mask(self, real):
        return ~super().mask(real)


class _Grid(_Variant):
    def mask(self, real):
        return real_places(real, 4)

    def vector(self, tokens, mask):
        return super().vector(tokens, mask.flatten(1))


class _Float(_Variant):
    def mask(self, real):
        return F.max_pool2d(real[:, None].to(torch.float64), 4).flatten(1)


class _Nan(_Variant):
    def vector(self, tokens, mask):
        return (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


class _ALittleMore(_Variant):
    def vector(self, tokens, mask):
        return (tokens * mask[..., None]).sum(1) / (mask.sum(1, keepdim=True) + 1e-6)


class _AHundredThousandth(_Variant):
    def vector(self, tokens, mask):
        return (tokens * mask[..., None]).sum(1) / (mask.sum(1, keepdim=True) + 1e-5)


class _Picked(_Variant):
    def vector(self, tokens, mask):
        return torch.stack([row[real].mean(0) for row, real in zip(tokens, mask, strict=True)])


class _Sum(_Variant):
    def vector(self, tokens, mask):
        return (tokens * mask[..., None]).sum(1)


class _Mostly(_Variant):
    def mask(self, real):
        return F.avg_pool2d(real[:, None].float(), 4).flatten(1) >= 0.5


class _Middle(_Variant):
    def mask(self, real):
        return real[:, 2::4, 2::4].flatten(1)


class _ByPixels(_Variant):
    def forward(self, images, real):
        out = super().forward(images, real)
        share = F.avg_pool2d(real[:, None].to(images.dtype), 4).flatten(1)  # (B, T)
        total = (out.tokens * share[..., None]).sum(1)
        return out._replace(vector=total / share.sum(1, keepdim=True).clamp(min=1e-9))


class _Blank(_Variant):
    def forward(self, images, real):
        out = super().forward(images, real)
        return out._replace(tokens=out.tokens * out.mask[..., None])


class _Painted(_Variant):
    def forward(self, images, real):
        return super().forward(images * real[:, None], real)


class _Largest(_Variant):
    def vector(self, tokens, mask):
        return (tokens * mask[..., None]).amax(1)


class _Tuple(_Variant):
    def forward(self, images, real):
        return tuple(super().forward(images, real))


encoder = Exercise(
    id="02.7",
    title="A CNN that gives three things",
    kind="module",
    answer="CNN",
    reference=CNN,
    cases=_cases,
    mistakes=(
        Mistake(
            "features and places are mixed",
            "`reshape` cuts the map as it lies in memory, feature by feature, so each of your regions holds one "
            "feature "
            f"at several places. Which two axes should become one, and which two change places? {WHERE}",
            _Mixed,
        ),
        Mistake(
            "the regions are read column by column",
            "Your regions are whole, but their order and the mask's are not the same. Which of H' and W' should move "
            f"faster? {WHERE}",
            _Columns,
        ),
        Mistake(
            "the bars are part of the mean",
            f"Your vector changes with how wide the bars are. Over which regions is the mean? {WHERE}",
            _BarsCount,
        ),
        Mistake(
            "the bars are not in the sum but in the number that it is divided by",
            f"A picture between wide bars gets a short vector. Divide by how many regions? {WHERE}",
            _BarsInNumber,
        ),
        Mistake("every region is called real", f"`real` has no say in your mask. What does it know? {WHERE}", _AllReal),
        Mistake(
            "a region must lie wholly inside the picture",
            "A region that shows half a picture and half a bar is lost. When is a region real: if all of its pixels "
            f"are, or if any is? {WHERE}",
            _Whole,
        ),
        Mistake(
            "a region must lie for the most part inside the picture",
            "A region with a single row of picture is lost. When is a region real: if most of its pixels are, or if "
            f"any is? {WHERE}",
            _Mostly,
        ),
        Mistake(
            "a region is judged by the pixel in its middle",
            "The picture may end before the middle of a region, and still inside it. Which pixels has a "
            f"region? {WHERE}",
            _Middle,
        ),
        Mistake(
            "a region counts by how many of its pixels are real",
            "A fine mean, and another one: yours goes over pixels. Over what is the vector's mean to go, and how much "
            f"does a region count that is real at all? {WHERE}",
            _ByPixels,
        ),
        Mistake(
            "the tokens of the bars are set to 0",
            "Vector and mask are right. The mask alone says what is not real, so the tokens may stay as the layers "
            f"give them; a 0 written over them says it a second time. {WHERE}",
            _Blank,
        ),
        Mistake(
            "the bars are painted over before the layers",
            "Zeros beside the picture change what regions at its border see. What was said about the pictures that "
            f"the layers get? {WHERE}",
            _Painted,
        ),
        Mistake(
            "a region is judged by its top left pixel",
            "The picture may begin further right or below, and still inside the region. Which pixels has a "
            f"region? {WHERE}",
            _Corner,
        ),
        Mistake(
            "the mask is read column by column",
            f"Your mask has the right number of True and in another order than the regions. {WHERE} Row by row, as "
            "`flatten` does: which axis comes last?",
            _Turned,
        ),
        Mistake(
            "the mask is the wrong way round",
            f"The bars are all that counts in your vector. What does True mean in this course? {WHERE}",
            _Inverted,
        ),
        Mistake(
            "the mask keeps the shape of the grid",
            f"(B, H', W') says the same and nobody who takes an `Encoded` expects it. One entry for each what? {WHERE}",
            _Grid,
        ),
        Mistake(
            "the mask is made of floats",
            f"It holds the right ones and zeros. A mask is bool here: `~mask` and `x[mask]` rely on it. {WHERE}",
            _Float,
        ),
        Mistake(
            "a picture with nothing real becomes nan",
            f"0 regions, and 0 divided by 0. What is a mean of nothing in this course? {WHERE}",
            _Nan,
        ),
        Mistake(
            "a millionth of a region is added to avoid dividing by zero",
            "All is right but for one small thing: `+ 1e-6` saves the picture with nothing real and bends all other "
            f"means, by little, enough for a comparison to see. What changes only the zero? {WHERE}",
            _ALittleMore,
            also=(_AHundredThousandth,),
        ),
        Mistake(
            "a mean is taken over no region at all",
            "Picture by picture, the real tokens are picked and averaged; where none is real, the mean of nothing is "
            f"nan. What is a mean of nothing in this course? {WHERE}",
            _Picked,
        ),
        Mistake(
            "the real regions are summed and not averaged",
            f"A picture between wide bars gets a short vector. Divide by how many regions? {WHERE}",
            _Sum,
        ),
        Mistake(
            "the vector is the largest over the regions",
            f"That pools too, and the mean was asked for. {WHERE}",
            _Largest,
        ),
        Mistake(
            "a plain tuple comes back",
            f"The three are right, and a fusion asks for `.vector`. Which named tuple carries them? {WHERE}",
            _Tuple,
        ),
    ),
    hints=(
        "What does the map (B, d, H', W') look like as a list of places, and which places does a fusion have to "
        "ignore?",
        "Tokens: flatten H' and W', then exchange with d: (B, T, d). Mask: a region is 4 by 4 pixels, and real "
        "where any "
        "of them is; a max pool of the mask as floats says so.",
        "Run the layers. Flatten and transpose. Pool `real`, with an axis for one channel put in and taken out, "
        "back to "
        "bool, flattened. Sum the real tokens and divide by their number, at least 1.",
    ),
)
