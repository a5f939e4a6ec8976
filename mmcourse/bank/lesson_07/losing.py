"""07.5, dropout of a modality."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion.missing import modality_dropout

WHERE = "(lesson 07, 'When one half is missing')"


def _cases(draw: Draw) -> list[Case]:
    def case(name: str, points: int, u: list[float], rate: float, d_f: int, d_g: int, rows: list | None = None) -> Case:
        there = torch.tensor(rows or [[True, True]] * len(u))
        image, text = draw.normal(len(u), d_f, shift=0.5, strided=True), draw.normal(len(u), d_g, shift=-0.5)
        args = {"image": image, "text": text, "there": there, "u": torch.tensor(u, dtype=torch.float64), "rate": rate}
        twin = args | {
            "image": image.masked_fill(~there[:, :1], torch.nan),
            "text": text.masked_fill(~there[:, 1:], torch.inf),
        }
        return Case(name, args, points, twin=twin, twin_says="only what stands in a missing half changes")

    return [
        case("one sample, its picture goes", 1, [0.1], 0.4, 3, 4),
        case("five samples", 2, [0.9, 0.05, 0.25, 0.3, 0.6], 0.5, 4, 3),
        case("on the edge", 1, [0.25, 0.5, 0.0, 0.75], 0.5, 2, 5),
        case("nothing is to be lost", 1, [0.0, 0.6, 0.2], 0.0, 3, 2),
        case(
            "some have only one from the start",
            2,
            [0.1, 0.1, 0.4, 0.4, 0.1, 0.9],
            0.6,
            3,
            4,
            [[True, False], [False, True], [True, False], [False, True], [True, True], [False, False]],
        ),
    ]


def _answer(
    gone: Callable[[Tensor, float], tuple[Tensor, Tensor]] = lambda u, rate: (
        u < rate / 2,
        (u >= rate / 2) & (u < rate),
    ),
    may: Callable[[Tensor], Tensor] = lambda there: there.all(1),
    scale: Callable[[float], float] = lambda rate: 1.0,
    told: Callable[[Tensor, Tensor], Tensor] = lambda before, after: after,
    hidden: Callable[[Tensor, Tensor], Tensor] = lambda before, after: ~after,
) -> Callable:
    """`modality_dropout` with one part done otherwise."""

    def answer(image: Tensor, text: Tensor, there: Tensor, u: Tensor, rate: float):
        lost = torch.stack(gone(u, rate), dim=1) & may(there)[:, None]
        after = there & ~lost
        hide, factor = hidden(there, after), scale(rate)
        image, text = image.masked_fill(hide[:, :1], 0) * factor, text.masked_fill(hide[:, 1:], 0) * factor
        return image, text, told(there, after)

    return answer


def _times_zero(image: Tensor, text: Tensor, there: Tensor, u: Tensor, rate: float):
    after = modality_dropout(image, text, there, u, rate)[2]
    return image * after[:, :1], text * after[:, 1:], after


losing = Exercise(
    id="07.5",
    title="Lose one half now and then",
    kind="function",
    answer="modality_dropout",
    reference=modality_dropout,
    cases=_cases,
    mistakes=(
        Mistake(
            "both halves go at once",
            f"From nothing there is nothing to learn. How many may one sample lose? {WHERE}",
            _answer(gone=lambda u, rate: (u < rate, u < rate)),
        ),
        Mistake(
            "only the picture ever goes",
            f"Then the model never learns to do without the text. Which part of [0, rate) is the text's? {WHERE}",
            _answer(gone=lambda u, rate: (u < rate, u < 0)),
        ),
        Mistake(
            "each half goes at the full rate",
            f"Twice as many samples lose one as `rate` says. How is [0, rate) shared between the two? {WHERE}",
            _answer(gone=lambda u, rate: (u < rate, (u >= rate) & (u < 2 * rate))),
        ),
        Mistake(
            "picture and text have changed places",
            f"Below rate/2 your text goes. Which of the two comes first in this course? {WHERE}",
            _answer(gone=lambda u, rate: ((u >= rate / 2) & (u < rate), u < rate / 2)),
        ),
        Mistake(
            "the edges belong to the wrong side",
            "u is drawn from [0, 1), so u = 0 happens, and at a rate of 0 something is lost. Which of < and ≤ makes "
            f"the shares right? {WHERE}",
            _answer(gone=lambda u, rate: (u <= rate / 2, (u > rate / 2) & (u <= rate))),
            also=(
                _answer(gone=lambda u, rate: (u <= rate / 2, (u > rate / 2) & (u < rate))),
                _answer(gone=lambda u, rate: (u < rate / 2, (u >= rate / 2) & (u <= rate))),
            ),
        ),
        Mistake(
            "the first sample decides for the batch",
            f"All lose the same, or none does. For how many samples was u drawn? {WHERE}",
            _answer(
                gone=lambda u, rate: tuple(
                    x.expand(len(u)) for x in (u[0] < rate / 2, (u[0] >= rate / 2) & (u[0] < rate))
                )
            ),
        ),
        Mistake(
            "the last half is taken from those that have only one",
            "A sample without a text loses its picture too, and nothing is left. From whom may something be taken? "
            f"{WHERE}",
            _answer(may=lambda there: torch.ones_like(there[:, 0])),
        ),
        Mistake(
            "what was missing from the start comes back",
            f"Your `there` knows only what you took away. What did it say when it came in? {WHERE}",
            _answer(told=lambda before, after: after | ~before, hidden=lambda before, after: before & ~after),
        ),
        Mistake(
            "what was missing from the start keeps its numbers",
            f"Junk stands where nothing is. What becomes zeros: what went now, or all that is missing? {WHERE}",
            _answer(hidden=lambda before, after: before & ~after),
        ),
        Mistake(
            "what is missing is multiplied by 0",
            "Where nothing was ever measured there may be nan, and 0 times nan is nan. What puts zeros there without "
            f"a look at what stood there? {WHERE}",
            _times_zero,
        ),
        Mistake(
            "nobody is told",
            "The numbers are zeros, and `there` still says that all is well: a zero vector looks like a picture that "
            f"is just grey. What does a fusion with masks need to know? {WHERE}",
            _answer(told=lambda before, after: before),
        ),
        Mistake(
            "only `there` is changed",
            f"Whoever doesn't read the mask still sees everything. What stands where a half is missing? {WHERE}",
            _answer(hidden=lambda before, after: ~before),
        ),
        Mistake(
            "the mask is turned round",
            f"What does True mean in `there`, in this course: there, or gone? {WHERE}",
            _answer(told=lambda before, after: ~after),
        ),
        Mistake(
            "what is left is scaled up",
            "Dropout of features does that, so that a sum keeps its size. Here the mask says what is missing, and at "
            f"test time a picture comes as it is. Which size should it have in training? {WHERE}",
            _answer(scale=lambda rate: 1 / (1 - rate)),
        ),
    ),
    hints=(
        "One number u for each sample, and three things that may happen to it. Which part of [0, 1) belongs to each?",
        "Two masks of shape (B): the picture goes, the text goes; neither for a sample that has only one. The new "
        "`there` is the old one without those. Which axis do the masks need to meet (B, d_f)?",
        "From u and the rate the two masks; both and-ed with 'has both'. Take them out of `there`, a column each. "
        "Fill with 0 wherever the new `there` is False, and give back all three.",
    ),
)
