"""Evaluates points of a line exactly, and no step twice on the same values."""
