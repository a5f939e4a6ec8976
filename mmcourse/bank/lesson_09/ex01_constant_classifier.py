"""09.1: accuracy and macro-F1 of a constant classifier."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

SCORES = {
    "accuracy": 60,
    "F1 of A": 75,
    "macro-F1": 25,
    "a fourth name: macro-F1": 25,
    "all else is D: macro-F1": 25,
    "ten for ten: accuracy": "same",
    "ten for ten: macro-F1": "up",
    "twice as many A: accuracy": "up",
}

exercise = Value(about=about(__name__, answer="scores"), reference=SCORES)
