"""Measures of a run other than its curves, as data and as files; nothing is computed here, and never torch.

`<run>/measures/<name>.json` holds one measure: module criticality, or the Gauss length of a path.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import finite, number, read_json, typed, write_json
from lininterp_cli.runs.run import Run

SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockCriticality:
    """Criticality of one block or layer: how much of its way from alpha 0 to 1 it needs, and how precisely."""

    mu: float | None
    """The smallest alpha^2 distance^2 / sigma^2 of the allowed points of the grid; None where none is allowed."""
    alpha: float | None
    """The alpha of that point; 0 is the block's initial state."""
    sigma: float | None
    """Standard deviation of its noise, in the units of the weights; 0 (no noise) where alpha or distance is 0."""
    error: float | None
    """Mean training error at that point, a fraction."""
    distance: float
    """Euclidean distance between the block's ends over its parameters."""
    num_parameters: int
    """How many parameters the block has."""
    is_at_edge: bool
    """Whether mu may be smaller beyond the grid: sigma is the smallest or largest tried, or no point is allowed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Criticality:
    """Module criticality of every block of a run (Chatterji, Neyshabur & Sedghi 2020, arXiv 1912.00528)."""

    name: str
    """The file's name without its ending."""
    run: str
    """Id of the run it belongs to."""
    start: Mapping[str, Any]
    """The endpoint at alpha 0, towards which one block at a time moves back."""
    end: Mapping[str, Any]
    """The endpoint at alpha 1, at which all other blocks stay."""
    by: str
    """The unit that moves at a time: `block` or `layer`."""
    blocks: Mapping[str, BlockCriticality]
    """The criticality of each block, in the network's order."""
    epsilon: float
    """The largest training error that is allowed, a fraction."""
    final_error: float
    """The training error of the final network on the same examples, a fraction."""
    alphas: tuple[float, ...]
    """Positions that were tried, ascending."""
    num_examples: int
    """Number of training examples that an error is a mean over."""
    num_draws: int
    """Number of noise draws that an error is a mean over; every alpha and sigma has the same draws."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Versions and device."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Hash of the examples and labels of each split, and of a user's own `model` file; empty if not recorded."""

    @property
    def total(self) -> float | None:
        """The network's criticality: the sum of mu over the measured blocks; None where a block has no mu."""
        known = [block.mu for block in self.blocks.values() if block.mu is not None]
        return math.fsum(known) if len(known) == len(self.blocks) else None

    def to_dict(self) -> dict[str, Any]:
        """The content of the measure's file, which includes the total."""
        blocks = [{"block": name, **_fields(block)} for name, block in self.blocks.items()]
        return {"schema": SCHEMA, "measure": "criticality", **_fields(self), "blocks": blocks, "total": self.total}


@dataclass(frozen=True, kw_only=True, slots=True)
class GaussLength:
    """How much the trajectory of the logits bends along a path (Lucas et al. 2021, arXiv 2104.11044)."""

    name: str
    """The file's name without its ending."""
    run: str
    """Id of the run it belongs to."""
    start: Mapping[str, Any]
    """The endpoint at alpha 0."""
    end: Mapping[str, Any]
    """The endpoint at alpha 1."""
    split: str
    """The split it was measured on."""
    alphas: tuple[float, ...]
    """Positions between which angles were measured, ascending."""
    mean: float
    """Mean over examples, in radians; NaN where no example has a length."""
    stderr: float
    """Standard error of that mean over examples; NaN for fewer than two."""
    num_examples: int
    """Number of examples that the mean is over."""
    num_missing: int
    """Number of other examples, for which the logits' derivative was not finite somewhere on the path."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Versions and device."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Hash of the examples and labels of each split, and of a user's own `model` file; empty if not recorded."""

    def to_dict(self) -> dict[str, Any]:
        """The content of the measure's file."""
        figures = {"mean": finite(self.mean), "stderr": finite(self.stderr)}
        return {"schema": SCHEMA, "measure": "gauss-length", **_fields(self), **figures}


Measure = Criticality | GaussLength


def measure_path(run: Run, name: str) -> Path:
    """The path of a measure's file.

    Args:
        run: The run.
        name: The measure's name.

    Returns:
        The path; the file need not exist.
    """
    return run.measures_folder / f"{name}.json"


def measures_of(run: Run) -> list[Measure]:
    """The readable measures of a run.

    Args:
        run: The run.

    Returns:
        The measures, sorted by name; a file that is damaged or newer than this program is left out.
    """
    found: list[Measure] = []
    for path in sorted(run.measures_folder.glob("*.json")):
        try:
            found.append(read_measure(path))
        except (FileNotFoundError, StoreError):
            continue
    return found


def write_measure(path: Path, measure: Measure) -> None:
    """Write a measure's file atomically.

    Args:
        path: The file.
        measure: The measure.
    """
    write_json(path, measure.to_dict())


def read_measure(path: Path) -> Measure:
    """Read a measure's file.

    Args:
        path: The file.

    Returns:
        The measure.

    Raises:
        StoreError: If the file is damaged, foreign or newer than this program.
    """
    content = read_json(path, SCHEMA)
    try:
        return _KINDS[content["measure"]](content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"{path} is damaged: {type(error).__name__} {error}") from error


def _read_criticality(content: Mapping[str, Any]) -> Criticality:
    blocks = {typed(one["block"], str): _read_block(one) for one in typed(content["blocks"], list)}
    if not blocks:
        raise ValueError("there is no block in it")
    return Criticality(
        **_head(content),
        by=typed(content["by"], str),
        blocks=blocks,
        epsilon=number(content["epsilon"]),
        final_error=number(content["final_error"]),
        num_draws=typed(content["num_draws"], int),
    )


def _read_block(content: Mapping[str, Any]) -> BlockCriticality:
    known = {key: _optional(content[key]) for key in ("mu", "alpha", "sigma", "error")}
    if len({math.isnan(value) for value in known.values()}) > 1:
        raise ValueError("a block has some of mu, alpha, sigma and error")
    return BlockCriticality(
        **{key: None if math.isnan(value) else value for key, value in known.items()},
        distance=number(content["distance"]),
        num_parameters=typed(content["num_parameters"], int),
        is_at_edge=typed(content["is_at_edge"], bool),
    )


def _read_gauss_length(content: Mapping[str, Any]) -> GaussLength:
    return GaussLength(
        **_head(content),
        split=typed(content["split"], str),
        mean=_optional(content["mean"]),
        stderr=_optional(content["stderr"]),
        num_missing=typed(content["num_missing"], int),
    )


_KINDS: dict[str, Callable[[Mapping[str, Any]], Measure]] = {
    "criticality": _read_criticality,
    "gauss-length": _read_gauss_length,
}


def _head(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that all measures share."""
    return {
        **{key: typed(content[key], str) for key in ("name", "run")},
        **{key: dict(typed(content[key], dict)) for key in ("start", "end", "environment")},
        "data": dict(typed(content.get("data", {}), dict)),
        "alphas": tuple(number(alpha) for alpha in typed(content["alphas"], list)),
        "num_examples": typed(content["num_examples"], int),
    }


def _fields(measure: Measure | BlockCriticality) -> dict[str, Any]:
    plain = {key: getattr(measure, key) for key in measure.__slots__}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


def _optional(value: object) -> float:
    """The number; NaN if it is None."""
    return math.nan if value is None else number(value)
