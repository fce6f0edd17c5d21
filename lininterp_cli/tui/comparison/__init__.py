"""Comparison of several runs: their choice, their views, and words about them."""
