"""04.5: reading in both directions, with two GRU cells."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.text.cells import BothWays

D_IN, D = 3, 4


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(BothWays(D_IN, D))

    def case(name: str, points: int, *lengths: int, size: int | None = None) -> ModuleCase:
        mask = draw.mask(*lengths, size=size)
        words = draw.normal(*mask.shape, D_IN, strided=True)
        return ModuleCase(
            name,
            {"words": words, "mask": mask},
            points,
            init={"d_in": D_IN, "d": D},
            state=state,
            twin={"words": words.masked_fill(~mask[..., None], 5.0), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one sentence", 1, 5),
        case("a batch without padding", 1, 2, 2),
        case("padded", 2, 2, 6, 3),
        case("a sentence without words", 1, 0, 3, 1, size=5),
    ]


exercise = Module(
    about=about(__name__, answer="BothWays"),
    reference=BothWays,
    cases=cases,
)
