"""What is walked: plain data about a network between two of its states; nothing is on a device, nothing is computed."""

from collections.abc import Mapping
from dataclasses import dataclass

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.landscape.batchnorm import Treatment
from lininterp_cli.landscape.curve import Rest
from lininterp_cli.models.blocks import Group
from lininterp_cli.models.state import State
from lininterp_cli.training.evaluation import Dtype


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What is walked: a network between two ends, and what moves."""

    treatment: Treatment
    """The network in its mode."""
    start: State
    """The state at alpha 0."""
    end: State
    """The state at alpha 1."""
    rest: Rest
    """Which end what does not move stays at."""
    moving: tuple[Group, ...]
    """What moves, one path for each."""
    dtype: Dtype
    """What forward passes compute in."""
    dataset: Dataset
    """What inputs are normalised by."""
    examples: Mapping[str, Split]
    """Split to the examples that points may be measured on, in their order."""
