"""The list of runs: its filter, order and groups, and changes to its runs."""
