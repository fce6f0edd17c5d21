"""Runs and groups of runs in lists, tables and words."""
