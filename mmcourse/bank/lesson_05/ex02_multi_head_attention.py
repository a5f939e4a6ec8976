"""05.2: multi-head attention."""

from mmcourse.attention import MultiHeadAttention
from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Module, ModuleCase


def cases(draw: Draw) -> list[ModuleCase]:
    states = {(d, heads): draw.module(MultiHeadAttention(d, heads)) for d, heads in ((9, 1), (12, 3), (18, 2))}

    def case(
        name: str, points: int, batch: int, queries: int, *lengths: int, size: int = 0, d: int = 12, heads: int = 3
    ) -> ModuleCase:
        asks, told = draw.normal(batch, queries, d, strided=True), draw.normal(batch, size or max(lengths), d)
        mask = draw.mask(*lengths, size=size or None)
        other = told.masked_fill(~mask[..., None], 2.0)
        return ModuleCase(
            name,
            {"asks": asks, "told": told, "mask": mask},
            points,
            init={"d": d, "heads": heads},
            state=states[d, heads],
            twin={"asks": asks, "told": other, "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one head, nothing hidden", 1, 1, 4, 4, d=9, heads=1),
        case("more keys than queries", 1, 3, 2, 5, 5, 5, d=18, heads=2),
        case("padded keys", 2, 3, 3, 2, 6, 4),
        case("as many queries as keys", 1, 2, 5, 3, 5),
        case("a row with nothing to look at", 1, 2, 3, 0, 4, size=4),
    ]


exercise = Module(
    about=about(__name__, answer="MultiHeadAttention"),
    reference=MultiHeadAttention,
    cases=cases,
)
