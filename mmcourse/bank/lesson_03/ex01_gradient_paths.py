"""03.1: slopes and paths of plain and residual layers."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

GRADIENTS = {
    "plain, w = 3, two layers": 9,
    "residual, w = 3, two layers": 16,
    "plain, w = -2, three layers": -8,
    "residual, w = -2, three layers": -1,
    "residual, w = 0, fifty layers": 1,
    "residual, w = 1, then 2, then 4": 30,
    "roads through three residual layers": 8,
    "of these, through exactly one F": 3,
}

exercise = Value(about=about(__name__, answer="gradients"), reference=GRADIENTS)
