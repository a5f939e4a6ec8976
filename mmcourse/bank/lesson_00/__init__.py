"""Lesson 00, shapes, nested batches, broadcasting, baselines, a first pipeline."""
