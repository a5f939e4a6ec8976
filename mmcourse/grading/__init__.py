"""Grading with nbval: the learner's notebook runs from top to bottom and the released checks give the points.

It runs in the learner's own process and believes it: advice for the learner and for CI, not a verdict.
"""
