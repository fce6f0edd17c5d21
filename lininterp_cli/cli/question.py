"""The options of `interpolate`; nothing is measured here."""

from pathlib import Path
from typing import Annotated

import typer

from lininterp_cli.cli import completion, options
from lininterp_cli.landscape.curves import curve

_PATH, _MEASURE, _SHOW = "Path", "Measurement", "Output"

LayerWise = Annotated[
    bool, typer.Option("--layer-wise", "-l", help="Also move one block at a time.", rich_help_panel=_PATH)
]
By = Annotated[options.By | None, typer.Option(help="What moves at a time; means --layer-wise.", rich_help_panel=_PATH)]
Block = Annotated[
    list[str] | None,
    typer.Option(help="Only this one; may be repeated.", rich_help_panel=_PATH, autocompletion=completion.blocks),
]
Start = Annotated[str, typer.Option("--from", help="The end at alpha 0.", rich_help_panel=_PATH)]
End = Annotated[str, typer.Option("--to", help="The end at alpha 1.", rich_help_panel=_PATH)]
Alphas = Annotated[
    str, typer.Option(help="A number of points, START:STOP:STEP, a list, or adaptive[:N].", rich_help_panel=_PATH)
]
Tolerance = Annotated[
    float, typer.Option(help="Nats between points that adaptive alphas leave unknown.", rich_help_panel=_PATH)
]
Extrapolate = Annotated[
    bool, typer.Option("--extrapolate", help="Let alphas lie outside [0, 1].", rich_help_panel=_PATH)
]
Rest = Annotated[curve.Rest, typer.Option(help="Which end the other blocks stay at.", rich_help_panel=_PATH)]
Split = Annotated[str, typer.Option(help="test, train or both.", rich_help_panel=_MEASURE)]
Examples = Annotated[
    int | None, typer.Option(help="Examples of each split.", show_default="all", rich_help_panel=_MEASURE)
]
Precision = Annotated[
    float | None,
    typer.Option(
        help="Stop when every barrier is known within this, in nats or as a fraction.",
        show_default="all examples", rich_help_panel=_MEASURE,
    ),
]  # fmt: skip
Metric = Annotated[
    curve.Metric, typer.Option(help="Whose barriers are shown, and made precise.", rich_help_panel=_MEASURE)
]
Memory = Annotated[
    str | None,
    typer.Option(
        help="For activations, such as 8G; --bn recalibrate and batch say where their whole batches need more.",
        show_default="by what is free", rich_help_panel=_MEASURE,
    ),
]  # fmt: skip
Devices = Annotated[str | None, typer.Option(help="Share the work: all, or cuda:0,cuda:1.", rich_help_panel=_MEASURE)]
Bn = Annotated[
    options.BatchNormChoice, typer.Option(help="BatchNorm statistics; all compares.", rich_help_panel=_MEASURE)
]
Dtype = Annotated[
    options.EvaluationDtype,
    typer.Option(
        metavar="DTYPE", help="Of forward passes: float32, float64, bfloat16, float16 or tf32.",
        rich_help_panel=_MEASURE,
    ),
]  # fmt: skip
BatchSize = Annotated[
    int | None,
    typer.Option(help="Examples per forward pass.", show_default="by the device", rich_help_panel=_MEASURE),
]
Barrier = Annotated[
    options.Definition | None,
    typer.Option(help="Definition shown, and made precise.", show_default="by the ends", rich_help_panel=_SHOW),
]
Svg = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep what is shown as a picture.", rich_help_panel=_SHOW)
]
Force = Annotated[bool, typer.Option("--force", help="Measure again what is there.", rich_help_panel=_SHOW)]
