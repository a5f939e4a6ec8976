"""Lesson 06, concatenation fusion."""

from .corners import corners
from .film import film
from .gate import gate
from .heard import heard
from .kinds import kinds
from .late import late
from .mixing import mixing
from .split import split

EXERCISES = (split, corners, late, gate, film, mixing, heard, kinds)
