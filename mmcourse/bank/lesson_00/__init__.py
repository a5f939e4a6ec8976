"""Lesson 00, Start here: shapes, nested batches, broadcasting, baselines, a first pipeline."""

from .broadcast import broadcast
from .majority import majority
from .nested import nested
from .pipeline import pipeline
from .shapes import shapes

EXERCISES = (shapes, nested, broadcast, majority, pipeline)
