"""Several runs against each other: which, how, and in which words."""
