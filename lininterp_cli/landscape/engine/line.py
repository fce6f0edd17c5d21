"""One interpolation line as plain data: a network, its two end states and the moving groups; nothing is on a device."""

from collections.abc import Mapping
from dataclasses import dataclass

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.landscape.curves.curve import Rest
from lininterp_cli.landscape.engine.batchnorm import Treatment
from lininterp_cli.models.blocks import Group
from lininterp_cli.models.state import State
from lininterp_cli.training.evaluation import Dtype


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A network, its states at alpha 0 and 1, and the groups of tensors that move between them."""

    treatment: Treatment
    """The network in the mode it is run in, with the treatment of its BatchNorm statistics."""
    start: State
    """The state at alpha 0."""
    end: State
    """The state at alpha 1."""
    rest: Rest
    """The end at which all tensors outside the moving group stay."""
    moving: tuple[Group, ...]
    """The groups of tensors that move, one path for each."""
    dtype: Dtype
    """The dtype of forward passes."""
    dataset: Dataset
    """The data set whose statistics normalise inputs."""
    examples: Mapping[str, Split]
    """The examples of each split that points may be measured on, in evaluation order."""
