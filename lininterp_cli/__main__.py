"""`python -m lininterp_cli` is the command `lininterp`."""

from lininterp_cli.cli.app import main

main()
