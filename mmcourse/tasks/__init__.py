"""Downstream tasks: heads, losses and metrics."""
