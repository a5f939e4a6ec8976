"""Lesson 02, CNN encoders: one module for each exercise."""

from .conv import convolution
from .encoder import encoder
from .fault import fault
from .norm import norm
from .pool import pool
from .ranking import ranking
from .sizes import sizes
from .wherever import wherever

EXERCISES = (sizes, ranking, convolution, pool, norm, fault, encoder, wherever)
