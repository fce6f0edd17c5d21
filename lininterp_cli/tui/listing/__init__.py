"""What the list of runs is asked to show, and what is done to the runs in it."""
