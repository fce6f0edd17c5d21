"""The explorer: browse and watch runs in a terminal; never torch."""
