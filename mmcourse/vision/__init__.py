"""Image encoders. Each gives `Encoded`: one vector, a set of region vectors, and a mask that is all True."""

from .lite0 import Lite0
from .small import SmallCNN

__all__ = ["Lite0", "SmallCNN"]
