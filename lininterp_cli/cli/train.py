"""`train`: train a run as the flags define it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lininterp_cli.cli import options, recipe
from lininterp_cli.config.run import RunConfig
from lininterp_cli.config.save_at import parse_save_at
from lininterp_cli.errors import ConfigError, LininterpError

if TYPE_CHECKING:
    from lininterp_cli.runs.run import Run
    from lininterp_cli.training.request import Request


def train(
    file: recipe.File = None,
    preset: recipe.Preset = None,
    data: recipe.Data = None,
    data_dir: options.DataDir = options.DATA,
    train_size: recipe.TrainSize = None,
    label_noise: recipe.LabelNoise = None,
    copies: recipe.Copies = None,
    zeroed: recipe.Zeroed = None,
    augment: recipe.Augment = None,
    epochs: recipe.Epochs = None,
    stop_at: recipe.StopAt = None,
    batch_size: recipe.BatchSize = None,
    dtype: recipe.Dtype = None,
    model: recipe.Model = None,
    width: recipe.Width = None,
    depth: recipe.Depth = None,
    norm: recipe.Norm = None,
    skip: recipe.Skip = None,
    stem: recipe.Stem = None,
    opt: recipe.Opt = None,
    lr: recipe.Lr = None,
    momentum: recipe.Momentum = None,
    weight_decay: recipe.WeightDecay = None,
    block_lr: recipe.BlockLr = None,
    block_weight_decay: recipe.BlockWeightDecay = None,
    schedule: recipe.Schedule = None,
    warmup: recipe.Warmup = None,
    settings: recipe.Settings = None,
    init: recipe.Init = None,
    block_init_scale: recipe.BlockInitScale = None,
    seed: recipe.Seed = None,
    resume: recipe.Resume = None,
    save_at: recipe.SaveAt = "0,end",
    eval_every: recipe.EvalEvery = None,
    name: recipe.Name = None,
    tag: recipe.Tag = None,
    force: recipe.Force = False,
    device: options.Device = "auto",
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a network and keep its first and last weights.

    Settings come from a preset, then FILE, then flags, then --set; each wins over what comes before. The same
    settings again are the same run: finished, nothing is done; interrupted, it goes on.

    For example:

        lininterp train --opt sgd

        lininterp train --preset resnet18-cifar10 --seed 3 --save-at 0,1,5,end
    """
    changes, place = recipe.changes(locals()), options.Place(runs, data_dir, device)
    run = perform_training(
        config=None if resume else recipe.configuration(preset, file, changes, settings or []),
        resume=_only_resume(resume, changes or settings or file or preset),
        place=place,
        labels=options.Labels(name, tuple(tag or ()), parse_save_at(save_at)),
        force=force,
        quiet=quiet,
    )
    report(run, place, quiet, as_json)


def perform_training(
    *,
    config: RunConfig | None,
    resume: str | None,
    place: options.Place,
    labels: options.Labels,
    force: bool,
    quiet: bool,
) -> "Run":
    """Train a run, or go on with one, and show the progress.

    Args:
        config: The run's configuration; None where one is resumed.
        resume: The run to go on with.
        place: The folders and the device.
        labels: The run's name, tags and epochs to save.
        force: Train again even if the run exists.
        quiet: Print nothing.

    Returns:
        The run.
    """
    from lininterp_cli.cli.output import interruptible
    from lininterp_cli.cli.progress import TrainingProgress
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.train import recipe_of, train

    if config is None:
        former = Store(place.runs).find(resume)
        config = recipe_of(former)
        labels = replace(labels, save_at=tuple(sorted({*labels.save_at, *former.record.save_at})))
    request = request_for(config, place, labels, force)
    listener = TrainingProgress(config.training.epochs, quiet)
    with interruptible("the run is kept; the same command goes on with it"):
        try:
            run = train(request, listener)
        finally:
            listener.close()
    listener.ended(run)
    return run


def report(run: "Run", place: options.Place, quiet: bool, as_json: bool) -> None:
    """Report a run that was just made, and the command that measures its line.

    Args:
        run: The run.
        place: The folders it was made with.
        quiet: Print only the requested data.
        as_json: Print the record.

    Raises:
        LininterpError: If the run diverged.
    """
    from lininterp_cli.cli.output import say, show, show_json
    from lininterp_cli.view.runs.table import run_panel

    if as_json:
        show_json(run.record.to_dict())
    elif not quiet:
        show(lambda width, look: [run_panel(run, [], width=width, look=look)])
    if run.record.status == "diverged":
        kept = ", ".join(run.checkpoints())
        raise LininterpError(f"{run.id} diverged: {run.record.error}; try a smaller --lr (weights kept: {kept})")
    way = place.command("interpolate", run.record.name or run.id, "--layer-wise")
    say(f"next: {way}", quiet or as_json)


def request_for(
    config: RunConfig,
    place: options.Place,
    labels: options.Labels,
    force: bool,
) -> "Request":
    """The training request of a configuration and the options of a command.

    Args:
        config: The run's configuration.
        place: The folders and the device.
        labels: The run's name, tags and epochs to save.
        force: Train again even if the run exists.

    Returns:
        The request.

    Raises:
        ConfigError: If an epoch is to be kept that the run does not have.
    """
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.device import resolve
    from lininterp_cli.training.request import Request

    beyond = [epoch for epoch in labels.save_at if epoch > config.training.epochs]
    if beyond:
        raise ConfigError(f"--save-at {beyond[0]}: the run has {config.training.epochs} epochs")
    return Request(
        config=config,
        store=Store(place.runs),
        data_folder=place.data,
        device=resolve(place.device),
        name=labels.name,
        tags=labels.tags,
        save_at=labels.save_at,
        force=force,
    )


def _only_resume(resume: str | None, others: object) -> str | None:
    if resume is not None and others:
        raise ConfigError("--resume goes on by the run's own recipe; leave the other settings out")
    return resume
