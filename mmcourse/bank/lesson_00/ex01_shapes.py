"""00.1: shapes of the tensors that carry pictures and sentences."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

SHAPES = {
    "words": (2, 5, 6),
    "sentences": (2, 6),
    "pair": (2, 16),
    "regions": (2, 28, 6),
    "scores": (2, 28, 5),
    "trap": (3, 3),
}

exercise = Value(about=about(__name__, answer="shapes"), reference=SHAPES)
