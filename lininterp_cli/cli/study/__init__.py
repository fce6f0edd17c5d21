"""`study`: the commands that show, run and report studies."""
