"""Lesson 09, downstream: classification."""
