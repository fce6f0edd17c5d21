"""Options of the commands of `study`, declared once; nothing heavier than typer is imported here."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from lininterp_cli.cli import completion

Which = Annotated[
    str,
    typer.Argument(metavar="FILE|NAME", help="A study's file, or one that ships.", autocompletion=completion.studies),
]
Smoke = Annotated[bool, typer.Option("--smoke", help="Its small form: minutes on two cores, every step still done.")]
Engine = Annotated[
    Literal["local", "ray"] | None,
    typer.Option(help="Processes of this machine, or Ray's workers.", show_default="local"),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Cells at a time. Unless OMP_NUM_THREADS is set, each gets its part of the cores.",
        show_default="what there is room for",
    ),
]
GpusPerJob = Annotated[float | None, typer.Option(help="Each cell's share of a GPU, such as 0.25.", show_default="1")]
Only = Annotated[
    str | None,
    typer.Option(metavar="CELL", help="Do this here: an index, a label, a group, or how a digest begins."),
]
RayAddress = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="The cluster: HOST:PORT or auto.", show_default="a Ray of one's own"),
]


@dataclass(frozen=True, slots=True)
class Workers:
    """The workers that run a study's cells; None for options that were not given."""

    engine: str | None
    """`local` or `ray`."""
    jobs: int | None
    """Cells at a time."""
    gpus_per_job: float | None
    """Each cell's share of a GPU."""
    ray_address: str | None
    """Address of the cluster."""
