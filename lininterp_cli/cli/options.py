"""Options that several commands take, declared once; nothing heavier than typer is imported here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

from lininterp_cli.cli import completion
from lininterp_cli.runs import advice

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
    typer.Argument(
        metavar="RUN",
        help="An id, a unique prefix of one, or a name.",
        show_default="newest finished",
        autocompletion=completion.runs,
    ),
]

Block = Annotated[
    list[str] | None, typer.Option(help="Only this one; may be repeated.", autocompletion=completion.blocks)
]

RUNS = advice.RUNS
DATA = Path("data")


Definition = Literal["rise", "chord", "mean", "max"]
BatchNormChoice = Literal["running", "recalibrate", "batch", "final", "all"]
By = Literal["block", "kind", "layer", "tensor"]
EvaluationDtype = Literal["float32", "float64", "bfloat16", "float16", "tf32"]

Curve = Annotated[str | None, typer.Option(help="Name of the curve.", show_default="the most telling one")]
Barrier = Annotated[Definition | None, typer.Option(help="Definition of a barrier.", show_default="by the ends")]


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and devices that a command uses."""

    runs: Path
    """The run store."""
    data: Path
    """The folder of data sets."""
    device: str
    """The device that computes."""
    devices: str | None = None
    """Several devices that share the work instead; None for one."""
    memory: str | None = None
    """Memory for activations on each device; None to decide by the free memory."""

    def command(self, *words: str) -> str:
        """A command line to advise, with the options that name these folders; defaults are left out.

        Args:
            words: The command and its arguments.

        Returns:
            The command line, quoted for a shell.
        """
        data = () if self.data == DATA else ("--data-dir", str(self.data))
        return advice.command(self.runs, *words, *data)


@dataclass(frozen=True, slots=True)
class Labels:
    """The properties of a run that do not affect its weights."""

    name: str | None
    """The name that the user gives it, if any."""
    tags: tuple[str, ...]
    """Its tags."""
    save_at: tuple[int, ...]
    """Epochs whose weights are kept besides the first and the last."""
