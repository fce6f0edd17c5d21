"""A run's blocks against alpha: what is shown of them, and how deep."""
