"""The report of a study as tables, plots, a page and LaTeX."""
