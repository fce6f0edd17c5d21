"""Curves and tables as text for a terminal, for both front ends; never torch."""
