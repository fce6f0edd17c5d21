"""How sure a barrier is."""
