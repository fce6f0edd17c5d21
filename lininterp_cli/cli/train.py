"""`train` and `reset-block`: from flags to a run."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from lininterp_cli.cli import options
from lininterp_cli.config.run import ResetTo, RunConfig
from lininterp_cli.errors import ConfigError, LininterpError

if TYPE_CHECKING:
    from lininterp_cli.runs.store import Run
    from lininterp_cli.training.train import Request

_SECTIONS = {
    "data": ("data", "name"),
    "augment": ("data", "augment"),
    "label_noise": ("data", "label_noise"),
    "train_size": ("data", "train_size"),
    "model": ("model", "name"),
    "width": ("model", "width"),
    "depth": ("model", "depth"),
    "norm": ("model", "norm"),
    "skip": ("model", "skip"),
    "stem": ("model", "stem"),
    "opt": ("optimizer", "name"),
    "lr": ("optimizer", "lr"),
    "momentum": ("optimizer", "momentum"),
    "weight_decay": ("optimizer", "weight_decay"),
    "schedule": ("schedule", "name"),
    "warmup": ("schedule", "warmup_epochs"),
    "epochs": ("training", "epochs"),
    "batch_size": ("training", "batch_size"),
    "dtype": ("training", "dtype"),
}
"""Flag to the setting it changes; every other setting has `--set`."""

_RECIPE, _NETWORK, _STEPS, _START, _RUN = "Recipe", "Network", "Optimizer", "Start", "Run"


def train(
    file: Annotated[Optional[Path], typer.Argument(metavar="[FILE]", help="A TOML file of settings.")] = None,  # noqa: UP045
    preset: Annotated[str | None, typer.Option(help="A named recipe.", rich_help_panel=_RECIPE)] = None,
    data: Annotated[
        str | None, typer.Option(help="Data set; see: lininterp list data.", rich_help_panel=_RECIPE)
    ] = None,
    data_dir: options.DataDir = options.DATA,
    train_size: Annotated[
        float | None, typer.Option(help="Training examples: a fraction up to 1, or a number.", rich_help_panel=_RECIPE)
    ] = None,
    label_noise: Annotated[
        float | None, typer.Option(help="Fraction of labels drawn at random; 1 is all.", rich_help_panel=_RECIPE)
    ] = None,
    augment: Annotated[
        bool | None, typer.Option("--augment/--no-augment", help="Crop and flip.", rich_help_panel=_RECIPE)
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.", rich_help_panel=_RECIPE)] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples per step.", rich_help_panel=_RECIPE)] = None,
    dtype: Annotated[
        str | None, typer.Option(help="float32, bfloat16 or float16 (autocast).", rich_help_panel=_RECIPE)
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Network; see: lininterp list models.", rich_help_panel=_NETWORK)
    ] = None,
    width: Annotated[int | None, typer.Option(help="Channels or units.", rich_help_panel=_NETWORK)] = None,
    depth: Annotated[int | None, typer.Option(help="Layers.", rich_help_panel=_NETWORK)] = None,
    norm: Annotated[str | None, typer.Option(help="batch, none, group or layer.", rich_help_panel=_NETWORK)] = None,
    skip: Annotated[
        bool | None, typer.Option("--skip/--no-skip", help="Skip connections.", rich_help_panel=_NETWORK)
    ] = None,
    stem: Annotated[str | None, typer.Option(help="paper, cifar or imagenet.", rich_help_panel=_NETWORK)] = None,
    opt: Annotated[
        str | None, typer.Option("--opt", help="Optimizer; see: lininterp list opts.", rich_help_panel=_STEPS)
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.", rich_help_panel=_STEPS)] = None,
    momentum: Annotated[float | None, typer.Option(help="Momentum.", rich_help_panel=_STEPS)] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Weight decay.", rich_help_panel=_STEPS)] = None,
    schedule: Annotated[
        str | None, typer.Option(help="constant, step, cosine or onecycle.", rich_help_panel=_STEPS)
    ] = None,
    warmup: Annotated[float | None, typer.Option(help="Epochs of linear warm-up.", rich_help_panel=_STEPS)] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Any setting, e.g. schedule.every=0.5.", rich_help_panel=_RECIPE
        ),
    ] = None,
    init: Annotated[
        str | None,
        typer.Option(metavar="NAME|RUN[:CHECKPOINT]|FILE", help="Where weights start.", rich_help_panel=_START),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The run's one seed.", rich_help_panel=_START)] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.", rich_help_panel=_RUN)
    ] = None,
    save_at: Annotated[
        str, typer.Option(help="Epochs whose weights are kept; 0 and end always are.", rich_help_panel=_RUN)
    ] = "0,end",
    name: Annotated[str | None, typer.Option(help="A name for the run.", rich_help_panel=_RUN)] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A mark; may be repeated.", rich_help_panel=_RUN)] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Train anew a run that is there.", rich_help_panel=_RUN)
    ] = False,
    device: options.Device = "auto",
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Train a network and keep its first and last weights.

    Settings come from a preset, then FILE, then flags, then --set; each wins over what comes before. The same
    settings again are the same run: finished, nothing is done; interrupted, it goes on.

    Example:
        lininterp train --opt sgd

        lininterp train --preset resnet18-cifar10 --weight-decay 0 --seed 3 --save-at 0,1,5,end
    """
    flags = {key: value for key, value in locals().items() if key in _SECTIONS and value is not None}
    top = {key: value for key, value in (("init", init), ("seed", seed)) if value is not None}
    run = perform_training(
        config=None if resume else configuration(preset, file, _nested(flags) | top, settings or []),
        resume=_only_resume(resume, flags or top or settings or file or preset),
        place=options.Place(runs, data_dir, device),
        labels=options.Labels(name, tuple(tag or ()), parse_save_at(save_at)),
        force=force,
        quiet=quiet,
    )
    report(run, quiet, as_json)


def reset_block(
    run: options.Reference = None,
    block: Annotated[list[str] | None, typer.Option(help="A block to put back; may be repeated.")] = None,
    all_but: Annotated[list[str] | None, typer.Option(help="A block to keep; all others are put back.")] = None,
    to: Annotated[ResetTo, typer.Option(help="random (a fresh draw) or initial (the run's own start).")] = "random",
    retrain: Annotated[bool, typer.Option("--train/--no-train", help="Train the whole again, or only measure.")] = True,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draw and the training.", show_default="the run's")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A name for the new run.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A mark; may be repeated.")] = None,
    save_at: Annotated[str, typer.Option(help="Epochs whose weights are kept; 0 and end always are.")] = "0,end",
    force: Annotated[bool, typer.Option("--force", help="Train anew a run that is there.")] = False,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Put blocks of a trained network back and train it again (partial pre-training).

    The new run starts from RUN's final weights with the named blocks drawn anew, or back at their own initial
    values, and is trained by RUN's recipe.

    Example:
        lininterp reset-block --block layer2

        lininterp reset-block my-run --all-but fc --to initial --no-train
    """
    from lininterp_cli.cli.output import interruptible
    from lininterp_cli.cli.progress import TrainingProgress
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.reset_block import reset_block as put_back
    from lininterp_cli.training.train import config_of

    if bool(block) == bool(all_but):
        raise ConfigError("give either --block or --all-but, with the name of a block")
    parent = Store(runs).find(run)
    config = config_of(parent)
    request = _request(
        replace(config, seed=config.seed if seed is None else seed),
        options.Place(runs, data_dir, device),
        options.Labels(name, tuple(tag or ()), parse_save_at(save_at)),
        force,
    )
    listener = TrainingProgress(config.training.epochs if retrain else 0, quiet)
    with interruptible("the run is kept; the same command goes on with it"):
        try:
            new = put_back(
                parent,
                list(block or all_but or ()),
                to=to,
                all_but=bool(all_but),
                retrain=retrain,
                request=request,
                listener=listener,
            )
        finally:
            listener.close()
    report(new, quiet, as_json)


def configuration(preset: str | None, file: Path | None, flags: dict[str, Any], settings: list[str]) -> RunConfig:
    """The configuration that a preset, a file, flags and `--set` mean, in this order.

    Without a preset, and where the file names none, a data set that has a recipe of its own starts from it.

    Args:
        preset: A recipe's name.
        file: A TOML file.
        flags: Nested settings.
        settings: `section.key=value` texts.

    Returns:
        The configuration.
    """
    from lininterp_cli.config.presets import DEFAULT_PRESET, PRESETS, assignments, configure, read_toml
    from lininterp_cli.config.presets import preset as recipe

    changes = [read_toml(file) if file else {}, flags, assignments(settings)]
    if preset is None:
        named = [change["data"]["name"] for change in changes if "name" in change.get("data", {})]
        own = [key for key, value in PRESETS.items() if named and value["data"]["name"] == named[-1]]
        preset = own[0] if own else DEFAULT_PRESET
    return configure(recipe(preset), *changes)


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
        place: Where the command works.
        labels: What else is said of the run.
        force: Train anew what is there.
        quiet: Say nothing.

    Returns:
        The run.
    """
    from lininterp_cli.cli.output import interruptible, say
    from lininterp_cli.cli.progress import TrainingProgress
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.train import config_of, train

    if config is None:
        former = Store(place.runs).find(resume)
        config = config_of(former)
        labels = replace(labels, save_at=tuple(sorted({*labels.save_at, *former.record.save_at})))
    request = _request(config, place, labels, force)
    listener = TrainingProgress(config.training.epochs, quiet)
    with interruptible("the run is kept; the same command goes on with it"):
        try:
            run = train(request, listener)
        finally:
            listener.close()
    if not listener.was_started:
        say(f"{run.id} is {run.record.status} already; --force trains it anew", quiet)
    return run


def report(run: "Run", quiet: bool, as_json: bool) -> None:
    """Say what a training came to.

    Args:
        run: The run.
        quiet: Say only what was asked for.
        as_json: Print the record.

    Raises:
        LininterpError: If the run diverged.
    """
    from lininterp_cli.cli.output import looks, say, show, show_json

    if as_json:
        show_json(run.record.to_dict())
    elif not quiet:
        from lininterp_cli.view.runs import run_panel

        show(run_panel(run, [], **looks()))
    if run.record.status == "diverged":
        kept = ", ".join(run.checkpoints())
        raise LininterpError(f"{run.id} diverged: {run.record.error}; try a smaller --lr (weights kept: {kept})")
    say("next: lininterp interpolate --layer-wise", quiet or as_json)


def parse_save_at(text: str) -> tuple[int, ...]:
    """The epochs whose weights are to be kept.

    Args:
        text: Epochs and `end`, separated by commas.

    Returns:
        The epochs; the first and the last need no mention.

    Raises:
        ConfigError: If a part is neither an epoch nor `end`.

    Example:
        >>> parse_save_at("0,1,5,end")
        (1, 5)
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if part != "end" and not part.isdigit():
            raise ConfigError(f"--save-at takes epochs and `end`, for example 0,1,5,end, not {text!r}")
    return tuple(sorted({int(part) for part in parts if part != "end"} - {0}))


def _request(
    config: RunConfig,
    place: options.Place,
    labels: options.Labels,
    force: bool,
) -> "Request":
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.device import resolve
    from lininterp_cli.training.train import Request

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


def _nested(flags: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for flag, value in flags.items():
        section, key = _SECTIONS[flag]
        nested.setdefault(section, {})[key] = value
    return nested


def _only_resume(resume: str | None, others: object) -> str | None:
    if resume is not None and others:
        raise ConfigError("--resume goes on by the run's own recipe; leave the other settings out")
    return resume
