"""The run store: where each file of a run lives; list, find, lock, delete; never torch."""
