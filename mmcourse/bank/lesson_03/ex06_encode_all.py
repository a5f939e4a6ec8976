"""03.6: vectors of all pictures from a frozen encoder."""

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.vision import SmallCNN
from mmcourse.vision.transfer import encode_all

from .weights import state_of

LIMIT = 5 * 2**16  # bytes: twice what a batch needs; all pictures at once, or in `batch` pieces, hold more


def cases(draw: Draw) -> list[Case]:
    def case(
        name: str,
        points: int,
        n: int,
        batch: int,
        training: bool = False,
        side: int = 8,
        memory: int | None = None,
        gradients: bool = True,
    ) -> Case:
        encoder = SmallCNN(5, widths=(3,)).double()
        encoder.load_state_dict(state_of(draw, encoder))
        images = draw.normal(n, 3, side, side + 4, shift=0.3)
        args = {"encoder": encoder.train(training), "images": images, "batch": batch}
        return Case(name, args, points, memory=memory, gradients=gradients)

    return [
        case("batches that come out even", 1, 6, 3),
        case("a last batch that is smaller", 1, 7, 3),
        case("a batch larger than the set", 1, 2, 5),
        case("an encoder that is in training mode", 2, 7, 3, training=True),
        case("within memory", 1, 64, 4, side=24, memory=LIMIT, gradients=False),
    ]


exercise = Function(
    about=about(__name__, answer="encode_all"),
    reference=encode_all,
    cases=cases,
)
