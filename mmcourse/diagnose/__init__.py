"""Does a model use both modalities, and how? Questions to ask of any model of two inputs.

`interaction`  the share of a score that no sum of two votes can have
`certify`      does a task need both, and more than a sum? Models that may not have them, beside the best possible
`uses`         accuracy as it is, without and with the other's picture or text, and of the nearest sum (EMAP)
`information`  what two discrete sources say of a label: redundant, unique, synergistic
"""

from .certify import Certificate, certify
from .information import Parts, decompose, mutual_information
from .interaction import interaction
from .uses import Uses, emap, perceptual_score, uses

__all__ = [
    "Certificate",
    "Parts",
    "Uses",
    "certify",
    "decompose",
    "emap",
    "interaction",
    "mutual_information",
    "perceptual_score",
    "uses",
]
