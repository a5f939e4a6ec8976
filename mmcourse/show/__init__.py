"""Figures and tables that everyone can read: one palette, one width, and words for those who don't see them."""

from .corners import corners
from .fields import fields
from .figures import PALETTE, figure, grid
from .heads import heads
from .kernels import kernels
from .padding import padding
from .tables import table
from .through_time import gradient_through_time

__all__ = [
    "PALETTE",
    "corners",
    "fields",
    "figure",
    "gradient_through_time",
    "grid",
    "heads",
    "kernels",
    "padding",
    "table",
]
