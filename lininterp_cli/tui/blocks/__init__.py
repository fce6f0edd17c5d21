"""The heat map of a run's blocks against alpha, and finer curves inside a block."""
