"""Read a measure of a run from its file, or load the network's ends and the data and compute it.

The function that computes the measure is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import nn

from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset, Split
from lininterp_cli.landscape.curves.measures import Criticality, GaussLength, measure_path, write_measure
from lininterp_cli.landscape.interpolate import Ground
from lininterp_cli.landscape.kept import Loaded, kept_measure, kept_or_data
from lininterp_cli.models.state import State
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.determined import check_changed
from lininterp_cli.training.device import environment
from lininterp_cli.training.endpoints import Endpoint, load_ends, locate
from lininterp_cli.training.evaluation import sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.same_data import is_of
from lininterp_cli.training.train import config_of

_M = TypeVar("_M", Criticality, GaussLength)

OnProgress = Callable[[int, int], None]
"""Receives the number of steps done and the number of all steps."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Scene:
    """A run's network, two of its states and its data, from which a measure is computed."""

    model: nn.Module
    """The network; its own weights do not matter."""
    ends: tuple[State, State]
    """The states at alpha 0 and 1, on the CPU."""
    dataset: Dataset
    """The data, on the CPU."""
    about: dict[str, Any]
    """The fields that every measure takes from the run: run, start, end, environment, data."""

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
    check: Callable[[nn.Module], object] = lambda model: None,
    force: bool = False,
) -> tuple[_M, bool]:
    """Read a measure of a run from its file, or compute it and write the file.

    The file is used only if it is of the same weights, the same code of a user's own model and, where the data can be
    loaded to compare them, the same data.

    Args:
        run: The run whose network, data and checkpoints are used.
        name: The measure's name, which identifies all settings besides the run and its weights.
        ends: Names of the endpoints at alpha 0 and 1.
        ground: Store, data and device.
        kind: The class of the measure.
        measure: Computes the measure.
        told: Receives a message where the model's code has changed, or the data cannot be loaded to compare them.
        check: Raises an error if the measure does not fit the network, before anything is written.
        force: Compute the measure even if its file can be used.

    Returns:
        The measure, and whether this call computed it.
    """
    start, end = (locate(text, ground.store, run) for text in ends)
    path = measure_path(run, name)
    kept = None if force else kept_measure(path, kind, start, end)
    config = config_of(run)
    still = kept_or_data(kept, config, ground.data_folder, told)
    if not isinstance(still, Loaded):
        return still, False
    scene = _scene(run, config, (start, end), ground, still)
    check(scene.model)
    with run.measuring(name, told):
        # Another process may have measured it while this one waited.
        kept = None if force else kept_measure(path, kind, start, end)
        if kept is not None and is_of(kept.data, still.hashes):
            return kept, False
        found = measure(scene)
        run.check_present()
        write_measure(path, found)
    return found, True


def _scene(run: Run, config: RunConfig, endpoints: tuple[Endpoint, Endpoint], ground: Ground, loaded: Loaded) -> Scene:
    build = recipe.network(config, loaded.dataset)
    states = load_ends(*endpoints, build, recipe.scheme(config))
    check_changed(config.model.name, build, states[1], loaded.dataset, ground.device)
    about = {
        "run": run.id, "start": endpoints[0].description, "end": endpoints[1].description,
        "environment": environment(ground.device), "data": loaded.hashes,
    }  # fmt: skip
    return Scene(model=blank(build, config.seed), ends=states, dataset=loaded.dataset, about=about)
