"""Figures and tables that everyone can read: one palette, one width, and words for those who don't see them."""

from .corners import corners
from .fields import fields
from .figures import PALETTE, figure, grid
from .heads import heads
from .kernels import kernels
from .nearest import nearest_sum_of_four
from .padding import padding
from .searching import searching
from .sureness import bars, sureness
from .tables import table
from .through_time import gradient_through_time

__all__ = [
    "PALETTE",
    "bars",
    "corners",
    "fields",
    "figure",
    "gradient_through_time",
    "grid",
    "heads",
    "kernels",
    "nearest_sum_of_four",
    "padding",
    "searching",
    "sureness",
    "table",
]
