"""Lesson 05, Transformer text encoders."""
