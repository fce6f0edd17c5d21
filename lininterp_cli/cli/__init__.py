"""The command line: parse, call one function, print; errors become exit codes."""
