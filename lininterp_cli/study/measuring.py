"""Steps that measure criticality or Gauss length: turns their options into questions, and measures."""

from collections.abc import Callable
from typing import Any, Literal

from lininterp_cli.landscape.criticality import CriticalityQuestion, criticality
from lininterp_cli.landscape.curves.alphas import parse
from lininterp_cli.landscape.gauss_length import GaussLengthQuestion, gauss_length
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.runs.run import Run
from lininterp_cli.study.plan import Step
from lininterp_cli.study.step_options import names_in, read_options

_OPTIONS: dict[str, dict[str, tuple[str, Any]]] = {
    "criticality": {
        "by": ("by", Literal["block", "layer"]),
        "block": ("blocks", str),
        "epsilon": ("epsilon", float),
        "alphas": ("alphas", int | str),
        "examples": ("num_examples", int),
        "draws": ("num_draws", int),
    },
    "gauss-length": {
        "from": ("start", str),
        "to": ("end", str),
        "alphas": ("alphas", int | str),
        "examples": ("num_examples", int),
        "split": ("split", Literal["test", "train"]),
    },
}
"""Kind of step to the flags of `lininterp measure`, each with the question's field that it sets, and the type."""


MeasureQuestion = CriticalityQuestion | GaussLengthQuestion
"""A question about a run that no curve answers."""


def measure_question(step: Step) -> MeasureQuestion:
    """The question that a step asks.

    Args:
        step: A `criticality` or `gauss-length` step.

    Returns:
        The question.
    """
    known = _OPTIONS[step.kind]
    given = read_options(step, {name: allowed for name, (_, allowed) in known.items()})
    chosen = {known[name][0]: value for name, value in given.items()}
    if "alphas" in chosen:
        chosen["alphas"] = parse(str(chosen["alphas"]))
    if "blocks" in chosen:
        chosen["blocks"] = names_in(chosen["blocks"])
    return CriticalityQuestion(**chosen) if step.kind == "criticality" else GaussLengthQuestion(**chosen)


def measure(run: Run, step: Step, ground: Ground, told: Callable[[str], None]) -> str:
    """Measure a run, unless it was measured before.

    Args:
        run: The run.
        step: A `criticality` or `gauss-length` step.
        ground: Store, data and device.
        told: Called with a message where the data cannot be checked, or the network's code has changed.

    Returns:
        The measure's name.
    """
    question = measure_question(step)
    if isinstance(question, CriticalityQuestion):
        return criticality(run, question, ground, _unheard, told)[0].name
    return gauss_length(run, question, ground, _unheard, told)[0].name


def _unheard(done: int, total: int) -> None:
    """Ignore the progress: there are too many points to report."""
