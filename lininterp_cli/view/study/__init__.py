"""What a study has found, as tables, plots, a page and LaTeX."""
