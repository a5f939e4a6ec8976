"""Right answers that are written differently: each must pass with full marks.

A module a lesson; `ANSWERS` maps an exercise's id to at least two of them.
"""
