"""05.3: what masks do to attention weights, and how many weights there are."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

NUMBERS = {
    "nothing hidden": 30,
    "third hidden": 15,
    "third hidden after the softmax": 10,
    "third hidden by a score of 0": 30,
    "all hidden by scores of -1e9": 30,
    "shape of the weights": (2, 4, 3, 5),
    "sum of the weights": 24,
    "parameters": 288,
}

exercise = Value(about=about(__name__, answer="numbers"), reference=NUMBERS)
