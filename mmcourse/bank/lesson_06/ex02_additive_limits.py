"""06.2: how far an additive score gets on seven tables."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

BEST = {
    "both": 4,
    "exactly one": 3,
    "turned round": 3,
    "not both": 4,
    "same of three": 7,
    "at least": 9,
    "one apart": 8,
}

exercise = Value(about=about(__name__, answer="best"), reference=BEST)
