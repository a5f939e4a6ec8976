"""Lesson 02, CNN encoders."""
