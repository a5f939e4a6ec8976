"""Lesson 03, residual networks and transfer."""
