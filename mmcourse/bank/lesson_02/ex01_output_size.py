"""02.1: output sizes and receptive fields."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

SIZES = {
    "same": 30,
    "stride": 13,
    "dilated": 22,
    "pooled map": 7,
    "two threes": 5,
    "far": 15,
    "behind a pool": 8,
    "regions": 63,
}

exercise = Value(about=about(__name__, answer="sizes"), reference=SIZES)
