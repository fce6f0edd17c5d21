"""The run store: paths of a run's files; listing, finding, locking and deleting runs; never imports torch."""
