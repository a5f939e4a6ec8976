"""Lesson 03, ResNet and transfer."""

from .block import block
from .encode import encode
from .kept import kept
from .pixels import pixels
from .probe import still
from .roads import roads
from .stage import stage
from .task import task

EXERCISES = (roads, block, stage, pixels, still, encode, kept, task)
