"""Straight lines through weight space and the loss along them: paths, evaluation, curves, barriers."""
