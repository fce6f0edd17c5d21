"""What is to be known of a line; everything in it decides the curve, and nothing of it is computed here."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import torch

from lininterp_cli.config.identity import digest_of
from lininterp_cli.errors import ConfigError, UnknownNameError
from lininterp_cli.landscape.alphas import USUAL_ALPHAS, parse
from lininterp_cli.landscape.barrier import BARRIERS
from lininterp_cli.landscape.curve import BatchNorm, Granularity, Metric, Rest
from lininterp_cli.landscape.placement import DEFAULT_TOLERANCE, spelled
from lininterp_cli.training.evaluation import Dtype, usual_batch

SPLITS = ("test", "train")

NORMALISED_BATCH = 512
"""Examples per batch where batches normalise themselves and nothing else is said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be known of a line."""

    start: str = "initial"
    """The endpoint at alpha 0."""
    end: str = "final"
    """The endpoint at alpha 1."""
    by: Granularity = "full"
    """What moves at a time besides the whole network."""
    blocks: tuple[str, ...] = ()
    """The blocks, layers or tensors to move; none means all of them."""
    alphas: tuple[float, ...] = field(default_factory=lambda: parse(USUAL_ALPHAS))
    """Positions; of no account where they are placed."""
    num_placed: int | None = None
    """How many positions each path may take where they are placed one after the other; None where they are given."""
    tolerance: float = DEFAULT_TOLERANCE
    """Nats to which a curve of placed positions is to be known between them."""
    rest: Rest = "final"
    """Which end the blocks that do not move stay at."""
    splits: tuple[str, ...] = ("test",)
    """What is measured on."""
    num_examples: int | None = None
    """Examples of each split, the first in its order; None for all."""
    precision: float | None = None
    """Half the width that every barrier's interval may have, in nats or as a fraction; None for all examples."""
    metric: Metric = "loss"
    """Whose barriers are to be that precise."""
    barrier: str | None = None
    """By which definition; None for the curve's own."""
    bn: BatchNorm = "running"
    """What is done with BatchNorm statistics."""
    dtype: Dtype = "float32"
    """What forward passes compute in."""
    batch_size: int | None = None
    """Examples per forward pass; part of the question only where batches normalise themselves."""

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
        """The batch size where it decides values, else None."""
        return (self.batch_size or NORMALISED_BATCH) if self.bn == "batch" else None

    @property
    def asked_batch_size(self) -> int | None:
        """The batch size where it decides values or is wanted, else None."""
        return self.own_batch_size or self.batch_size

    def batch_size_on(self, device: torch.device) -> int:
        """How many examples at a time: the batch that decides values, what is wanted, or the device's usual."""
        return self.asked_batch_size or usual_batch(device)

    @property
    def asked(self) -> dict[str, Any]:
        """How precise the curve is asked to be, as its file says it; empty for every example at given positions."""
        placed = {} if self.num_placed is None else {
            "alphas": f"adaptive:{self.num_placed}", "tolerance": self.tolerance,
        }  # fmt: skip
        barrier = {} if self.barrier is None else {"barrier": self.barrier}
        precise = {} if self.precision is None else {"precision": self.precision, "metric": self.metric} | barrier
        return placed | precise

    @property
    def name(self) -> str:
        """The curve's name: what is unusual about the question, and a hash where the words do not say it all."""
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
        """The question without what decides nothing in it."""
        asked = replace(self, batch_size=self.own_batch_size)
        if self.num_placed is None:
            asked = replace(asked, tolerance=DEFAULT_TOLERANCE)
        else:
            asked = replace(asked, alphas=())
        return asked if self.precision is not None else replace(asked, metric="loss", barrier=None)


def positions(text: str, extrapolate: bool = False) -> tuple[tuple[float, ...], int | None]:
    """Where a path is measured.

    Args:
        text: A number of points, START:STOP:STEP, a list, or `adaptive[:N]`.
        extrapolate: Whether positions may lie outside [0, 1].

    Returns:
        The positions, and None; or none, and how many may be placed one after the other.

    Raises:
        ConfigError: If positions are to be placed outside [0, 1].
    """
    num_placed = spelled(text)
    if num_placed is not None and extrapolate:
        raise ConfigError(
            f"--alphas {text.strip()} places positions in [0, 1] only; leave --extrapolate away, or write "
            "the positions, as in --alphas=-0.5:1.5:0.05 --extrapolate"
        )
    return (parse(text, extrapolate), None) if num_placed is None else ((), num_placed)


def splits(text: str) -> tuple[str, ...]:
    """The splits a text names.

    Args:
        text: Names separated by commas.

    Returns:
        The names, each once.

    Raises:
        ConfigError: If there is none.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise ConfigError("the split is test, train or test,train")
    return names
