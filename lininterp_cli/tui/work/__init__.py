"""Starts commands as jobs, which outlive the explorer, and watches what is running."""
