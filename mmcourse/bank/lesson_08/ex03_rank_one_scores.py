"""08.3: what scores of rank 1 can reach."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

REACH = {
    "b = 3": 6,
    "b = -0.5": 1,
    "how many": 2,
    "how many, bent": 2,
    "how many, a number for each word": 2,
    "b = 3, a number for each region": 5,
    "how many, a number for each region": 6,
    "rank, a number for each region": 2,
    "how many, on a circle": 6,
    "the mean at b = 0": 1,
}

exercise = Value(about=about(__name__, answer="reach"), reference=REACH)
