"""Lesson 06, concatenation fusion."""
