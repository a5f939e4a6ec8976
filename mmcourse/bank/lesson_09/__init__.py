"""Lesson 09, downstream: classification."""

from .constant import constant
from .joined import joined
from .macro import macro
from .picture import picture
from .rebuilt import rebuilt
from .sentence import sentence
from .several import several
from .sure import sure

EXERCISES = (constant, macro, several, sure, picture, sentence, joined, rebuilt)
