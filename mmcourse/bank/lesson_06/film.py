"""06.5: FiLM."""

from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.encoded import Encoded
from mmcourse.fusion import FiLM
from mmcourse.text import masked_mean

from .cases import D_F, D_G, D, fusion_case


def _film_cases(draw: Draw) -> list[Case]:
    state = draw.module(FiLM(D_F, D_G, D))
    return [
        fusion_case(draw, FiLM, state, "a batch of one, no pads", 1, 4, size=4),
        fusion_case(draw, FiLM, state, "as many regions as pictures", 1, 3, 3, 3, size=3),
        fusion_case(draw, FiLM, state, "padded regions", 1, 2, 4, 1, size=4),
        fusion_case(draw, FiLM, state, "pads in front", 1, 1, 4, 3, size=4, front=True),
        fusion_case(draw, FiLM, state, "a picture without regions", 1, 0, 3, size=3),
    ]


class _Film(FiLM):
    """The reference with one step at a time to get wrong."""

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        regions = self.bend(self.f(image.tokens), self.scaled(self.scale(text.vector)), self.shift(text.vector))
        return self.pool(regions, image.mask)

    def scaled(self, x):
        return 1 + x

    def bend(self, regions, gamma, beta):
        return gamma[:, None] * regions + beta[:, None]

    def pool(self, regions, mask):
        return masked_mean(regions.relu(), mask)


class _FilmRaw(_Film):
    def scaled(self, x):
        return x


class _FilmShiftFirst(_Film):
    def bend(self, regions, gamma, beta):
        return gamma[:, None] * (regions + beta[:, None])


class _FilmAligned(_Film):
    def bend(self, regions, gamma, beta):
        return gamma * regions + beta


class _FilmPads(_Film):
    def pool(self, regions, mask):
        return regions.relu().mean(1)


class _FilmZeroed(_Film):
    def pool(self, regions, mask):
        return (regions.relu() * mask[..., None]).mean(1)


class _FilmSum(_Film):
    def pool(self, regions, mask):
        return (regions.relu() * mask[..., None]).sum(1)


class _FilmLinear(_Film):
    def pool(self, regions, mask):
        return masked_mean(regions, mask)


class _FilmPooledFirst(_Film):
    def pool(self, regions, mask):
        return masked_mean(regions, mask).relu()


class _FilmVector(FiLM):
    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return ((1 + self.scale(text.vector)) * self.f(image.vector) + self.shift(text.vector)).relu()


class _FilmTurned(FiLM):
    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        gamma, beta = 1 + self.shift(text.vector), self.scale(text.vector)
        return masked_mean((gamma[:, None] * self.f(image.tokens) + beta[:, None]).relu(), image.mask)


class _FilmNan(_Film):
    def pool(self, regions, mask):
        regions = regions.relu().masked_fill(~mask[..., None], 0)
        return regions.sum(1) / mask.sum(1, keepdim=True)


film = Exercise(
    id="06.5",
    title="FiLM",
    kind="module",
    answer="FiLM",
    reference=FiLM,
    cases=_film_cases,
    mistakes=(
        Mistake(
            "the scale has no 1 in it",
            "Where Δ is near 0, as at the start of training, your scale is too, and the picture is gone. What should "
            "an unmodulated feature be multiplied with? (lesson 06, 'Where they meet')",
            _FilmRaw,
        ),
        Mistake(
            "the picture is shifted before it is scaled",
            "Your shift is scaled too. In γ ∘ x + β, what does γ touch? (lesson 06, 'Where they meet')",
            _FilmShiftFirst,
        ),
        Mistake(
            "scale and shift are lined up with the regions",
            "(B, d) stands below (B, I, d) from the right, so the texts' axis falls on the regions': where B and I are "
            "equal, region k of every picture is bent by text k. Which axis is missing, and where? "
            "(lesson 06, 'Where they meet')",
            _FilmAligned,
        ),
        Mistake(
            "the pads are in the mean",
            "What stands in a pad changes your result. Which regions are real, and what is their mean? "
            "(lesson 06, 'Where they meet')",
            _FilmPads,
        ),
        Mistake(
            "the pads are counted in the mean",
            "They add nothing to your sum, but they are in the number that you divide by. Divide by how many regions? "
            "(lesson 06, 'Where they meet')",
            _FilmZeroed,
        ),
        Mistake(
            "the regions are summed",
            "A picture with more regions gives a longer h. Which average was asked for? (lesson 06, 'Where they meet')",
            _FilmSum,
        ),
        Mistake(
            "the ReLU is left out",
            "Without it the mean of the regions is all that counts, and γ ∘ mean + β is all that is left. Where does "
            "the formula bend? (lesson 06, 'Where they meet')",
            _FilmLinear,
        ),
        Mistake(
            "the mean is taken before the ReLU",
            "Then one strongly negative region silences the others. In the formula each region passes the ReLU by "
            "itself. (lesson 06, 'Where they meet')",
            _FilmPooledFirst,
        ),
        Mistake(
            "the picture's vector is used instead of its regions",
            "FiLM bends each region before they are averaged. Which part of `image` holds the regions? "
            "(lesson 06, 'Where they meet')",
            _FilmVector,
        ),
        Mistake(
            "scale and shift are exchanged",
            "The layer `scale` is added and the layer `shift` multiplied. Which of them is γ? "
            "(lesson 06, 'Where they meet')",
            _FilmTurned,
        ),
        Mistake(
            "a picture without regions is divided by zero",
            "0 / 0 is nan. What is the mean of nothing in this course? (lesson 06, 'Where they meet')",
            _FilmNan,
        ),
    ),
    hints=(
        "One text, many regions: each region is bent in the same way. Along which axis must γ be stretched?",
        "γ and β are (B, d), the regions after their layer (B, I, d). Give γ and β an axis of size 1 in the middle.",
        "γ is 1 plus the layer `scale` of the text's vector, β the layer `shift` of it. The regions go through `f`, "
        "are multiplied with γ, β is added, then the ReLU. Then the mean over real regions, by `masked_mean`.",
    ),
)
