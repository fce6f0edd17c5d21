"""Studies: many runs that answer one question together, declared in one file."""
