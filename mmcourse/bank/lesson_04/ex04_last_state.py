"""04.4: the state after the last real word."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.text.rnn import last_state


def cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, *lengths: int, size: int, strided: bool = False) -> Case:
        mask = draw.mask(*lengths, size=size)
        states = draw.normal(len(lengths), size, 4, strided=strided)
        return Case(
            name,
            {"states": states, "mask": mask},
            points,
            twin={"states": states.masked_fill(~mask[..., None], 7.0), "mask": mask},
            twin_says="only what stands in the pads changes",
        )

    return [
        case("one sentence, padded", 1, 3, size=5),
        case("lengths that differ", 2, 2, 6, 1, size=6, strided=True),
        case("one word each", 1, 1, 1, size=3),
        case("a sentence without words", 1, 4, 0, 2, size=5),
    ]


exercise = Function(
    about=about(__name__, answer="last_state"),
    reference=last_state,
    cases=cases,
)
