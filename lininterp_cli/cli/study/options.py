"""Options that the commands of `study` share; nothing heavier than typer is imported here."""

from typing import Annotated

import typer

Which = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A study's file, or one that ships.")]
Smoke = Annotated[bool, typer.Option("--smoke", help="Its small form: minutes on two cores, every step still done.")]
