"""Curves, barriers and blocks in plots, tables and words."""
