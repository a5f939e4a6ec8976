"""Lesson 04, RNN text encoders."""
