"""Image encoders, and the operations that they are made of.

Each encoder gives `Encoded`: one vector, a set of region vectors, and a mask that is all True.
"""

from .conv import conv2d, output_size, receptive_field, windows
from .lite0 import Lite0
from .norm import batch_norm
from .pool import global_mean, max_pool2d, mean_pool2d
from .regions import real_places, regions_of
from .small import SmallCNN

__all__ = [
    "Lite0",
    "SmallCNN",
    "batch_norm",
    "conv2d",
    "global_mean",
    "max_pool2d",
    "mean_pool2d",
    "output_size",
    "real_places",
    "receptive_field",
    "regions_of",
    "windows",
]
