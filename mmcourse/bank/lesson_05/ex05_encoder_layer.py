"""05.5: the pre-norm encoder layer."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase
from mmcourse.text.transformer import EncoderLayer

D, HEADS, HIDDEN = 8, 2, 12


def cases(draw: Draw) -> list[ModuleCase]:
    state = draw.module(EncoderLayer(D, HEADS, HIDDEN))

    def case(name: str, points: int, *lengths: int, size: int, strided: bool = False) -> ModuleCase:
        x, mask = draw.normal(len(lengths), size, D, shift=0.3, strided=strided), draw.mask(*lengths, size=size)
        return ModuleCase(
            name,
            {"x": x, "mask": mask},
            points,
            init={"d": D, "heads": HEADS, "hidden": HIDDEN},
            state=state,
            twin={"x": x.masked_fill(~mask[..., None], 5.0), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("a batch of one, no pads", 1, 5, size=5, strided=True),
        case("three sentences without pads", 1, 3, 3, 3, size=3),
        case("padded", 2, 2, 7, 4, size=7),
        case("with a sentence without words", 1, 0, 4, size=5),
    ]


exercise = Module(
    about=about(__name__, answer="EncoderLayer"),
    reference=EncoderLayer,
    cases=cases,
)
