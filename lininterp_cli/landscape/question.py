"""The settings that define one curve of an interpolation line; nothing is computed here."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import torch

from lininterp_cli.config.identity import digest_of
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.curves.alphas import FORMS, USUAL_ALPHAS, parse
from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import SPLITS, BatchNorm, Granularity, Metric, Rest
from lininterp_cli.landscape.curves.placement import DEFAULT_TOLERANCE, spelled
from lininterp_cli.training.evaluation import Dtype, usual_batch

NORMALISED_BATCH = 512
"""Examples per batch by default where batches normalise themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The settings of one curve: its endpoints, the moving units, and where and how precisely the loss is measured."""

    start: str = "initial"
    """The endpoint at alpha 0."""
    end: str = "final"
    """The endpoint at alpha 1."""
    by: Granularity = "full"
    """The unit that moves at a time, besides the whole network."""
    blocks: tuple[str, ...] = ()
    """The blocks, layers or tensors to move; none means all of them."""
    alphas: tuple[float, ...] = field(default_factory=lambda: parse(USUAL_ALPHAS))
    """Positions; unused with adaptive placement."""
    num_placed: int | None = None
    """The budget of adaptive placement, in positions per path; None where the positions are given."""
    tolerance: float = DEFAULT_TOLERANCE
    """Allowed error, in nats, of an adaptively placed curve between its positions."""
    rest: Rest = "final"
    """The end at which the blocks that do not move stay."""
    splits: tuple[str, ...] = ("test",)
    """The splits to measure on."""
    num_examples: int | None = None
    """Examples of each split, the first in evaluation order; None for all."""
    precision: float | None = None
    """Largest half-width of each barrier's interval, in nats or as a fraction; None to measure on all examples."""
    metric: Metric = "loss"
    """The metric whose barriers are to be that precise."""
    barrier: str | None = None
    """The definition of the barriers that are to be that precise; None for the curve's own."""
    bn: BatchNorm = "running"
    """The treatment of BatchNorm statistics."""
    dtype: Dtype = "float32"
    """The dtype of forward passes."""
    batch_size: int | None = None
    """Examples per forward pass; a setting of the curve only where batches normalise themselves."""

    def __post_init__(self) -> None:
        choices = {"split": (self.splits, SPLITS), "metric": ((self.metric,), get_args(Metric))}
        choices["barrier"] = ((self.barrier,) if self.barrier else (), tuple(BARRIERS))
        for what, (given, allowed) in choices.items():
            for name in given:
                if name not in allowed:
                    raise UnknownNameError(what, name, allowed)
        for what, number in (("batch_size", self.batch_size), ("examples", self.num_examples)):
            if number is not None and number < 1:
                raise ConfigError(f"{what} must be 1 or more, not {number}")
        for what, size in (("--precision", self.precision), ("--tolerance", self.tolerance)):
            if size is not None and not 0 < size < float("inf"):
                raise ConfigError(f"{what} must be a number above 0, not {size}")

    @property
    def own_batch_size(self) -> int | None:
        """The batch size where it affects values (`bn` is `batch`), else None."""
        return (self.batch_size or NORMALISED_BATCH) if self.bn == "batch" else None

    @property
    def asked_batch_size(self) -> int | None:
        """The batch size where it affects values or is given, else None."""
        return self.own_batch_size or self.batch_size

    def batch_size_on(self, device: torch.device) -> int:
        """Examples per forward pass on a device: `asked_batch_size`, or else the device's usual batch."""
        return self.asked_batch_size or usual_batch(device)

    @property
    def asked(self) -> dict[str, Any]:
        """The requested precision as the curve's file holds it; empty for all examples at given positions."""
        placed = {} if self.num_placed is None else {
            "alphas": f"adaptive:{self.num_placed}", "tolerance": self.tolerance,
        }  # fmt: skip
        barrier = {} if self.barrier is None else {"barrier": self.barrier}
        precise = {} if self.precision is None else {"precision": self.precision, "metric": self.metric} | barrier
        return placed | precise

    @property
    def name(self) -> str:
        """The curve's name: `by`, main settings that are unusual, and a hash where any but `by` is."""
        plain = Question(by=self.by)
        words = ["full" if self.by == "full" else f"by-{self.by}"]
        if (self.start, self.end) != (plain.start, plain.end):
            words += [self.start, "to", self.end]
        words += [word for word, usual in ((self.bn, plain.bn), (self.dtype, plain.dtype)) if word != usual]
        words += ["rest-initial"] if self.rest != plain.rest else []
        words += [f"{self.num_examples}-examples"] if self.num_examples is not None else []
        words += [f"adaptive-{self.num_placed}"] if self.num_placed is not None else []
        words += [f"precision-{self.precision:g}"] if self.precision is not None else []
        asked = self._canonical
        if asked != plain:
            words.append(digest_of({key: getattr(asked, key) for key in self.__slots__})[:6])
        return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(words))[-120:].strip("-.")

    @property
    def _canonical(self) -> "Question":
        """The question with every setting that has no effect at a fixed value."""
        asked = replace(self, batch_size=self.own_batch_size)
        if self.num_placed is None:
            asked = replace(asked, tolerance=DEFAULT_TOLERANCE)
        else:
            asked = replace(asked, alphas=())
        return asked if self.precision is not None else replace(asked, metric="loss", barrier=None)


def positions(text: str, extrapolate: bool = False) -> tuple[tuple[float, ...], int | None]:
    """Parse `--alphas`: the positions at which a path is measured, or the budget of adaptive placement.

    Args:
        text: A number of points, START:STOP:STEP, a list, or `adaptive[:N]`.
        extrapolate: Whether positions may lie outside [0, 1].

    Returns:
        The positions and None, or an empty tuple and the budget.

    Raises:
        ConfigError: If the text has another form, or asks for adaptive placement outside [0, 1].
    """
    num_placed = spelled(text)
    if num_placed is not None and extrapolate:
        raise ConfigError(
            f"--alphas {text.strip()} places positions in [0, 1] only; leave --extrapolate away, or write "
            "the positions, as in --alphas=-0.5:1.5:0.05 --extrapolate"
        )
    if text.strip()[:1].isalpha() and num_placed is None:
        raise ConfigError(f"--alphas takes {FORMS}, or adaptive[:N], not {text!r}")
    return (parse(text, extrapolate), None) if num_placed is None else ((), num_placed)
