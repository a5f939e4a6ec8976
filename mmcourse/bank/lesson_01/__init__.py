"""Lesson 01, preprocessing."""
