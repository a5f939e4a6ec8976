"""00.2: a nested batch moved to a device."""

from typing import NamedTuple

from torch import Tensor

from mmcourse.bank.about import about
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Case, Function
from mmcourse.device import move
from mmcourse.encoded import Encoded


class Box(NamedTuple):
    """A named tuple that the course's package does not know."""

    corners: Tensor
    label: str


def cases(draw: Draw) -> list[Case]:
    """The meta device stands in for a GPU: a tensor moved there has a shape, a type and a place, but no values."""
    image, ids, mask = draw.normal(2, 3, 4), draw.integers(0, 9, 2, 5), draw.mask(5, 3)
    batch = {"image": image, "text": {"ids": ids, "mask": mask}}
    encoded = Encoded(draw.normal(2, 4), draw.normal(2, 5, 4), mask)
    kept = {"image": draw.normal(2, 3), "names": ["cat", "dog"], "label": 3, "source": None}
    return [
        Case("a dict in a dict", {"batch": batch, "device": "meta"}, points=1, gradients=False),
        Case(
            "lists and tuples",
            {"batch": [image, (ids, mask), [encoded.vector]], "device": "meta"},
            points=1,
            gradients=False,
        ),
        Case(
            "named tuples",
            {"batch": {"image": encoded, "box": Box(image, "cat")}, "device": "meta"},
            points=1,
            gradients=False,
        ),
        Case("text and numbers beside tensors", {"batch": kept, "device": "meta"}, points=1, gradients=False),
        Case("values on the way", {"batch": image, "device": "cpu"}, points=0, gradients=False),
    ]


exercise = Function(
    about=about(__name__, answer="move"),
    reference=move,
    cases=cases,
)
