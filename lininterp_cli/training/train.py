"""From a request to a run: trained anew, resumed, or found finished."""

import contextlib
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lininterp_cli.config.identity import digest, run_id, without_hashes
from lininterp_cli.config.own import has_changed, is_own, short_name
from lininterp_cli.config.run import RunConfig, from_dict
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import ConfigError, NotFoundError, StoreError, UnknownNameError
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.state import State
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint, save_state
from lininterp_cli.training.determined import check_training
from lininterp_cli.training.endpoints import locate
from lininterp_cli.training.initial import INITS, draw
from lininterp_cli.training.pretrained import imagenet
from lininterp_cli.training.request import Request, relabel
from lininterp_cli.training.same_data import hashes_of, is_kept, is_unchanged
from lininterp_cli.training.session import Listener, Session, now

Source = Callable[[Callable[[], nn.Module]], State]
"""Loads a run's initial weights: takes a factory of the network, returns a state on the CPU."""


def config_of(run: Run) -> RunConfig:
    """The resolved configuration of a run, from its record.

    Args:
        run: The run.

    Returns:
        The configuration.

    Raises:
        NotFoundError: If a user's file that it names is not there; the message states the folder to look from.
    """
    try:
        return recipe.resolve(from_dict(run.record.config))
    except NotFoundError as error:
        there = run.record.folder or "the folder in which it was made"
        raise NotFoundError(
            f"{error}; {run.id} names it from {there}: run the command there, with --runs {run.folder.parent.resolve()}"
        ) from error


def recipe_of(run: Run) -> RunConfig:
    """The resolved configuration of a run that was trained here, for training with it again.

    Args:
        run: The run.

    Returns:
        The configuration.

    Raises:
        ConfigError: If the run is imported, or a user's file that its configuration names has changed.
    """
    if run.record.kind == "import":
        raise ConfigError(
            f"{run.id} was trained elsewhere, and its recipe is not known; train from it: --init {run.id}"
        )
    config = config_of(run)
    for part in config.parts:
        if has_changed(part.name):
            raise ConfigError(
                f"{short_name(part.name)} is not what it was when {run.id} was made: what it trains now is another run"
            )
    return config


def train(request: Request, listener: Listener, source: Source | None = None) -> Run:
    """The requested run: trained anew, resumed, or found finished or diverged.

    Args:
        request: The request.
        listener: Receives the progress.
        source: Loads the run's initial weights; None for those of its configuration's `init`.

    Returns:
        The run with its record as it is afterwards; its status is `diverged` if the loss, the weights or
        BatchNorm statistics were not finite.

    Raises:
        StoreError: If another process is at work on the run (BusyError), or the store cannot be written.
        ConfigError: If the request contradicts itself or an existing run.
    """
    config = recipe.resolve(request.config)
    for epoch in request.save_at:
        if not 0 <= epoch <= config.training.epochs:
            raise ConfigError(f"there is no epoch {epoch} to save: the run has epochs 0 to {config.training.epochs}")
    if source is None and config.init not in INITS:
        config, source = _from_elsewhere(config, request)
    run = found = request.store.existing(run_id(config))
    if run is not None and run.record.digest != digest(config):
        raise StoreError(f"two configurations have the id {run.id}; keep them in two stores (--runs)")
    request.store.check_name(request.name, run_id(config))
    if run is not None and not request.force and run.status() in ("finished", "diverged"):
        return _found(run, config, request, listener)
    dataset = recipe.load_dataset(config, request.data_folder)
    build = recipe.network(config, dataset)
    model, initial = draw(build, recipe.scheme(config), config.seed)
    _check(config, build, initial, dataset, model, request.device)
    if run is None or request.force or not run.checkpoint_path("initial").is_file():
        if source is None and (config.init not in INITS or config.reset is not None):
            raise ConfigError(f"{run_id(config)} starts from weights that are not here; make it anew as it was made")
        initial = initial if source is None else source(build)
        if run is not None:  # trained anew, it is still the run that the user named and tagged
            tags = tuple(dict.fromkeys((*run.record.tags, *request.tags)))
            request = replace(request, name=request.name or run.record.name, tags=tags)
        run = request.store.run(
            new_record(run_id(config), recipe.explicit(config), digest(config), request, dataset, model)
        )
        with _lock(run, found, request.store):
            # A process that is killed in between must find neither a position of the old weights with the new record,
            # nor the old record without its weights.
            run.position_path.unlink(missing_ok=True)
            run.record.write(run.record_path)
            _clear(run)
            save_state(run.checkpoint_path("initial"), initial)
            return _finished(run, config, dataset, model, initial, request.device, listener)
    _check_data(run, config, is_same=is_unchanged(run, config, dataset))
    with _lock(run, found, request.store):
        relabel(run, request)
        return _finished(run, config, dataset, model, load_checkpoint(run, "initial"), request.device, listener)


def _found(run: Run, config: RunConfig, request: Request, listener: Listener) -> Run:
    """A finished or diverged run, with the labels of the request; refused if its data have changed."""
    _check_data(run, config, is_same=is_kept(run, config, request.data_folder, listener.told))
    if relabel(run, request):
        run.record.write(run.record_path)
    return run


def _check_data(run: Run, config: RunConfig, *, is_same: bool) -> None:
    if not is_same:
        raise ConfigError(
            f"{run.id} was trained on other data than {short_name(config.data.name)} gives now; train it anew with "
            "--force, or keep it and train in another folder (--runs)"
        )


@contextlib.contextmanager
def _lock(run: Run, found: Run | None, store: Store) -> Iterator[None]:
    """Hold a run's lock; refuse if another process has worked on the run since it was found."""
    with run.lock():
        if store.existing(run.id) != found:
            run.refuse()
        yield


def _finished(
    run: Run,
    config: RunConfig,
    dataset: Dataset,
    model: nn.Module,
    initial: State,
    device: torch.device,
    listener: Listener,
) -> Run:
    model.load_state_dict(initial)
    Session(run, config, dataset.to(device), initial, listener).finish(recipe.trainee(config, model, device))
    return run


def _check(
    config: RunConfig,
    build: Callable[[], nn.Module],
    initial: State,
    dataset: Dataset,
    model: nn.Module,
    device: torch.device,
) -> None:
    """Refuse a training that would fail, before there is a run of it."""
    recipe.optimizer(config, model, torch.device("cpu"))  # raises if the network lacks a block that is named
    smallest = min(config.training.batch_size, len(dataset.train))
    if smallest == 1 and config.training.epochs and statistics_of(model):
        raise ConfigError(
            "BatchNorm cannot take statistics of one example; use batches of two at least, or --norm group"
        )
    if is_own(config.model.name) or is_own(config.optimizer.name):
        check_training(config, build, initial, dataset, device)


def _from_elsewhere(config: RunConfig, request: Request) -> tuple[RunConfig, Source | None]:
    if without_hashes(config.init) != config.init:
        return config, None  # an identity from a record: the initial weights are in the run's folder
    if config.init.partition(":")[0] == "imagenet":
        build = recipe.network(config, recipe.load_dataset(config, request.data_folder))
        weights = imagenet(config.init, config.model.name, build)
        _check_drawn(config, weights.blocks, config.init)
        own = replace(config, init=weights.identity)
        return own, lambda make: weights.over(draw(make, recipe.scheme(own), own.seed)[1])
    try:
        endpoint = locate(config.init, request.store, None)
    except NotFoundError as error:
        if any(mark in config.init for mark in ":@./"):
            raise
        raise UnknownNameError("initial state", config.init, [*INITS, "imagenet"]) from error
    if "random" not in endpoint.description:
        _check_drawn(config, config.block_init_scale, config.init)
    return replace(config, init=endpoint.identity), lambda build: endpoint.load(build, "default")


def _check_drawn(config: RunConfig, given: Collection[str], origin: str) -> None:
    """Refuse a scale for blocks whose initial weights are given, not drawn."""
    blocks = ", ".join(name for name, factor in config.block_init_scale.items() if factor != 1 and name in given)
    if blocks:
        raise ConfigError(
            f"block_init_scale is for weights that are drawn; those of {blocks} are from {origin}: leave {blocks} out"
        )


def new_record(
    own_id: str, settings: dict[str, Any], content_digest: str, request: Request, dataset: Dataset, model: nn.Module
) -> Record:
    """The record of a run that is being made.

    Args:
        own_id: The run's id.
        settings: Its configuration, as far as it is known, including defaults.
        content_digest: The SHA-256 whose first digits end the id.
        request: The request.
        dataset: Its data set.
        model: Its network.

    Returns:
        The record.
    """
    return Record(
        id=own_id,
        config=settings,
        digest=content_digest,
        name=request.name,
        kind=request.kind,
        parent=request.parent,
        data=hashes_of(dataset, request.config.data.name),
        folder=str(Path.cwd()) if any(is_own(part.name) for part in request.config.parts) else None,
        tags=list(request.tags),
        save_at=sorted(set(request.save_at)),
        times={"created": now()},
        num_parameters=sum(parameter.numel() for parameter in model.parameters()),
        num_classes=dataset.num_classes,
    )


def _clear(run: Run) -> None:
    run.checkpoint_path("initial").unlink(missing_ok=True)  # first: without it the next process clears again
    for folder in (run.folder / "checkpoints", run.curves_folder, run.measures_folder, run.resume_folder):
        shutil.rmtree(folder, ignore_errors=True)
    run.metrics_path.unlink(missing_ok=True)
