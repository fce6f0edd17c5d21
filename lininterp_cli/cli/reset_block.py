"""`reset-block`: put blocks of a trained network back and train it again."""

from dataclasses import replace
from typing import Annotated

import typer

from lininterp_cli.cli import completion, options, recipe
from lininterp_cli.cli.train import report, request_for
from lininterp_cli.config.run import ResetTo
from lininterp_cli.config.save_at import parse_save_at
from lininterp_cli.errors import ConfigError


def reset_block(
    run: options.Reference = None,
    block: Annotated[
        list[str] | None,
        typer.Option(help="A block to put back; may be repeated.", autocompletion=completion.blocks),
    ] = None,
    all_but: Annotated[
        list[str] | None,
        typer.Option(help="A block to keep; all others are put back.", autocompletion=completion.blocks),
    ] = None,
    to: Annotated[ResetTo, typer.Option(help="random (a fresh draw) or initial (the run's own start).")] = "random",
    retrain: Annotated[bool, typer.Option("--train/--no-train", help="Train the whole again, or only measure.")] = True,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draw and the training.", show_default="the run's")
    ] = None,
    name: recipe.Name = None,
    tag: recipe.Tag = None,
    save_at: recipe.SaveAt = "0,end",
    force: recipe.Force = False,
    device: options.Device = "auto",
    data_dir: options.DataDir = options.DATA,
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Put blocks of a trained network back and train it again (partial pre-training).

    The new run starts from RUN's final weights with the named blocks drawn anew, or back at their own initial
    values, and is trained by RUN's recipe.

    For example:

        lininterp reset-block --block layer2

        lininterp reset-block my-run --all-but fc --to initial --no-train
    """
    from lininterp_cli.cli.output import interruptible
    from lininterp_cli.cli.progress import TrainingProgress
    from lininterp_cli.runs.store import Store
    from lininterp_cli.training.reset_block import reset_block as put_back
    from lininterp_cli.training.train import recipe_of

    if bool(block) == bool(all_but):
        raise ConfigError("give either --block or --all-but, with the name of a block")
    parent, place = Store(runs).find(run), options.Place(runs, data_dir, device)
    config = recipe_of(parent)
    request = request_for(
        replace(config, seed=config.seed if seed is None else seed),
        place,
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
    listener.ended(new)
    report(new, place, quiet, as_json)
