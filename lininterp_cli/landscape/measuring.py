"""From a run to one of its measures: the network's ends and the data are loaded, unless the measure is there already.

What is measured is given from outside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import nn

from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.landscape.kept import Loaded, kept_measure, kept_or_data
from lininterp_cli.landscape.measures import Criticality, GaussLength, measure_path, write_measure
from lininterp_cli.models.state import State
from lininterp_cli.runs.store import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.device import environment
from lininterp_cli.training.endpoints import load_ends, locate
from lininterp_cli.training.evaluation import sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.train import config_of

_M = TypeVar("_M", Criticality, GaussLength)

OnProgress = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Scene:
    """A run's network between two of its states."""

    model: nn.Module
    """The network; its own weights do not matter."""
    ends: tuple[State, State]
    """The states at alpha 0 and 1, on the CPU."""
    dataset: Dataset
    """The data, on the CPU."""
    about: dict[str, Any]
    """What every measure's file says of it: run, start, end, environment, data."""

    def examples(self, split: str, num_examples: int | None) -> Split:
        """The first examples of a split in its order.

        Args:
            split: `test` or `train`.
            num_examples: How many at most; None for all.

        Returns:
            The examples.
        """
        return sample(getattr(self.dataset, split), num_examples)


def obtain(
    run: Run,
    name: str,
    ends: tuple[str, str],
    ground: Ground,
    kind: type[_M],
    measure: Callable[[Scene], _M],
    told: Callable[[str], None],
    *,
    force: bool = False,
) -> tuple[_M, bool]:
    """A measure of a run: the kept one, or a new one, which is kept.

    The kept one is of the same weights and, where the data can be loaded to see that, of the same data.

    Args:
        run: The run whose network, data and checkpoints are meant.
        name: The measure's name, which says all that was asked besides the run and its weights.
        ends: What the endpoints at alpha 0 and 1 are called.
        ground: Store, data and device.
        kind: What kind of measure it is.
        measure: Measures.
        told: Told where nothing can be known of the data.
        force: Measure even what is known.

    Returns:
        The measure, and whether it was measured just now.
    """
    start, end = (locate(text, ground.store, run) for text in ends)
    path = measure_path(run, name)
    kept = None if force else kept_measure(path, kind, start, end)
    config = config_of(run)
    still = kept_or_data(kept, config, ground.data_folder, told)
    if not isinstance(still, Loaded):
        return still, False
    build = recipe.network(config, still.dataset)
    states = load_ends(start, end, build, recipe.scheme(config))
    about = {
        "run": run.id, "start": start.description, "end": end.description, "environment": environment(ground.device),
        "data": still.hashes,
    }  # fmt: skip
    found = measure(Scene(model=blank(build), ends=states, dataset=still.dataset, about=about))
    write_measure(path, found)
    return found, True
