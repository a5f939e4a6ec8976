"""Lesson 10, image-text matching."""
