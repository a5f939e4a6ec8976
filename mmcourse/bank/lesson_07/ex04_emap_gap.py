"""07.4: what EMAP leaves of a perfect model."""

from mmcourse.bank.about import about
from mmcourse.checking.exercise import Value

# Cells that EMAP gets right of a model that says +1 for yes and -1 for no; above 0 is yes, 0 or less is no.
LEFT = {
    "both": 4,
    "exactly one": 2,
    "the text alone": 4,
    "same of three": 6,
    "at least": 9,
    "one apart": 7,
}

exercise = Value(about=about(__name__, answer="left"), reference=LEFT)
