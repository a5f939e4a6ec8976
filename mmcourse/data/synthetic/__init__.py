"""Certified tasks: it is known how they are made, so the best that any model can do is known, and the best of each
class of models: the picture alone, the text alone, sums of the two, pooled regions.

    >>> from mmcourse.data.synthetic import XOR
    >>> pairs = XOR.draw(4000, seed=0)          # pairs.image, pairs.text: Encoded; pairs.labels
    >>> XOR.rates()["additive"].accuracy

XOR, GATING, AND     a rule of two noisy bits (`bits`)
TWO_VIEWS, COPIES, ONE_TELLS   one bit that both see, or one of them (`views`)
MATCH, BINDING       symbols, and regions [key; value] (`symbols`)

`mmcourse.diagnose.certify` trains one model of each class and lays it beside these rates.
"""

from .bits import AND, GATING, SIGNAL, TASKS, XOR, Task, directions
from .rates import ADDITIVE, FULL, PICTURE, POOLED, TEXT, EncodedPairs, Pairs, Rate
from .sets import CERTIFIED
from .symbols import BINDING, MATCH, Binding, Match
from .views import COPIES, ONE_TELLS, TWO_VIEWS, Views

__all__ = [
    "ADDITIVE",
    "AND",
    "BINDING",
    "CERTIFIED",
    "COPIES",
    "FULL",
    "GATING",
    "MATCH",
    "ONE_TELLS",
    "PICTURE",
    "POOLED",
    "SIGNAL",
    "TASKS",
    "TEXT",
    "TWO_VIEWS",
    "XOR",
    "Binding",
    "EncodedPairs",
    "Match",
    "Pairs",
    "Rate",
    "Task",
    "Views",
    "directions",
]
