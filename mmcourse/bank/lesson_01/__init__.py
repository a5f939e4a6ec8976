"""Lesson 01, preprocessing: pixels, letterbox, leaks, vocabulary, encoding, stop words, batches, snapshots."""

from .batching import batching
from .boxing import boxing
from .encoding import encoding
from .leaking import leaking
from .listing import listing
from .normalising import normalising
from .shooting import shooting
from .stopping import stopping

EXERCISES = (normalising, boxing, leaking, listing, encoding, stopping, batching, shooting)
