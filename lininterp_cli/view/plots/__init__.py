"""Plots of any lines as text; what the lines mean is not known here."""
