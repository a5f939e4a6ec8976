"""Lesson 08, attention fusion: one module an exercise."""

from . import binding, cross, fused, guessed, kernel, looked, low_rank, pairs, reach

EXERCISES = (
    pairs.written_out,
    fused.fused,
    reach.reached,
    low_rank.scores,
    kernel.weights,
    cross.asking,
    guessed.wild,
    looked.looked,
    binding.bound,
)
