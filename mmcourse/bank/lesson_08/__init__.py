"""Lesson 08, attention fusion."""
