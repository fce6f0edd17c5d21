"""Options that several commands take, declared once; nothing heavier than typer is imported here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

Runs = Annotated[
    Path,
    typer.Option("--runs", envvar="LININTERP_RUNS", help="The folder that holds the runs.", show_default="./runs"),
]
DataDir = Annotated[
    Path,
    typer.Option(
        "--data-dir", envvar="LININTERP_DATA", help="Where data sets are, or are downloaded to.", show_default="./data"
    ),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Plain = Annotated[bool, typer.Option("--plain", help="Print rows with tabs between the cells, and a head.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no advice; only what was asked for.")]
Reference = Annotated[
    Optional[str],  # noqa: UP045 (typer shows `RUN` only for this spelling)
    typer.Argument(metavar="RUN", help="An id, a unique prefix of one, or a name.", show_default="newest finished"),
]

RUNS = Path("runs")
DATA = Path("data")


Definition = Literal["rise", "chord", "mean", "max"]
BatchNormChoice = Literal["running", "recalibrate", "batch", "final", "all"]
By = Literal["block", "kind", "layer", "tensor"]
EvaluationDtype = Literal["float32", "float64", "bfloat16", "float16", "tf32"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command works."""

    runs: Path
    """The run store."""
    data: Path
    """Where data sets are kept."""
    device: str
    """What computes."""
    devices: str | None = None
    """What shares the work, instead."""
    memory: str | None = None
    """What activations may take on each."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of a run that does not decide its weights."""

    name: str | None
    """What the user calls it."""
    tags: tuple[str, ...]
    """The user's marks."""
    save_at: tuple[int, ...]
    """Epochs whose weights are kept besides the first and the last."""
