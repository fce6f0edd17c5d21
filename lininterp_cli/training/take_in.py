"""Importing runs that were trained elsewhere: two states of a network, measured and stored like any other run."""

from collections.abc import Callable
from typing import Any

from lininterp_cli.config.identity import digest_of, import_id
from lininterp_cli.config.own import is_own, short_name
from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.advice import command
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import save_state
from lininterp_cli.training.determined import check_network
from lininterp_cli.training.device import environment
from lininterp_cli.training.endpoints import load_ends, locate
from lininterp_cli.training.evaluation import frozen, sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.outcome import metrics, tell_move
from lininterp_cli.training.request import Request, relabel
from lininterp_cli.training.same_data import is_kept
from lininterp_cli.training.session import now
from lininterp_cli.training.train import new_record

_SECTIONS = ("data", "model")
"""The sections that the configuration of an imported run has."""


def take_in(request: Request, ends: tuple[str, str], told: Callable[[str], None] = lambda _: None) -> tuple[Run, bool]:
    """Import two states as a run; the same sources (file name and content) with the same network and data are one run.

    Args:
        request: Store, device, name and tags; of its configuration only the data set and the model are used.
        ends: The initial and the final endpoint as texts, see `locate`.
        told: Called with a line about each step.

    Returns:
        The run, and whether it is new.  Its record has the kind `import` and the sources of the weights, and its
        configuration has no optimizer, schedule or training.

    Raises:
        ConfigError: If the run is there, and its data have changed since.
    """
    config = recipe.resolve(request.config)
    start, end = (locate(text, request.store, None) for text in ends)
    sources = {"initial": start.description, "final": end.description}
    digest = digest_of([_known(config.to_dict()), sources])
    own_id = import_id(config, digest)
    there = request.store.existing(own_id)
    request.store.check_name(request.name, own_id)
    if there is not None:
        if not is_kept(there, config, request.data_folder, told):
            raise ConfigError(
                f"{short_name(config.data.name)} is not what it was when {there.id} was made; delete that run, and the "
                f"same command makes it anew: {command(request.store.folder, 'rm', there.id)}"
            )
        if relabel(there, request):
            there.record.write(there.record_path)
        return there, False
    dataset = recipe.load_dataset(config, request.data_folder)
    build = recipe.network(config, dataset)
    states = load_ends(start, end, build, recipe.scheme(config))
    if is_own(config.model.name):
        check_network(config.model.name, build, states[1], dataset, request.device)
    told(
        f"each input x reaches the network as {dataset.normalisation()}; if the weights were trained on other values, "
        "give those as float inputs by --data FILE.py:FUNCTION"
    )
    model = blank(build)
    record = new_record(own_id, _known(recipe.explicit(config)), digest, request, dataset, model)
    record.kind, record.sources, record.status = "import", sources, "finished"
    record.environment = environment(request.device)
    here = dataset.to(request.device)
    splits = {"train": sample(here.train), "test": sample(here.test)}
    probe = frozen(model).to(request.device)
    for name, state in zip(sources, states, strict=True):
        told(f"measuring the {name} weights on {len(here.train)} and {len(here.test)} examples")
        record.result[name] = metrics(probe, state, splits, here.normalise)
    tell_move(record, model, *states)
    record.times["finished"] = now()
    run = request.store.run(record)
    with run.lock():
        for name, state in zip(sources, states, strict=True):
            save_state(run.checkpoint_path(name), state)
        record.write(run.record_path)  # last, so that a run with a record is complete
    return run, True


def _known(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in _SECTIONS}
