"""`import`: weights that were trained elsewhere become a run."""

from typing import Annotated

import typer

from lininterp_cli.cli import options, recipe
from lininterp_cli.cli.train import report, request_for
from lininterp_cli.errors import ConfigError

_Weights = "a file (.safetensors, or a PyTorch state dict), RUN:CHECKPOINT or random:SEED"


def take_in(
    initial: Annotated[str, typer.Argument(metavar="INITIAL", help=f"The first weights: {_Weights}.")],
    final: Annotated[str, typer.Argument(metavar="FINAL", help="The last ones.")],
    model: recipe.Model = None,
    data: recipe.Data = None,
    data_dir: options.DataDir = options.DATA,
    train_size: recipe.TrainSize = None,
    width: recipe.Width = None,
    depth: recipe.Depth = None,
    norm: recipe.Norm = None,
    skip: recipe.Skip = None,
    stem: recipe.Stem = None,
    settings: recipe.Settings = None,
    name: recipe.Name = None,
    tag: recipe.Tag = None,
    device: options.Device = "auto",
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Take in weights that were trained elsewhere, as a run with an initial and a final state.

    Both are measured and copied into the store; from then on every command takes the run, but those that would train
    by its recipe. The network can be one of your own: FILE.py:FUNCTION, where the function is make(shape,
    num_classes) and gives a torch module. So can the data: its function is load(folder) and gives (inputs, labels) of
    the training and of the test split.

    Images of uint8 are normalised, as those of the built-in data sets are: (x / 255 - mean) / std, the mean and the
    standard deviation of each channel taken over the training split. Float inputs are taken as they are: give those,
    by a function of your own, if the weights were trained on other values.

    For example:

        lininterp import init.pt final.pt --model nets.py:make --data cifar10

        lininterp import random:1 final.pt --model resnet18 --data my.py:load
    """
    from lininterp_cli.cli.output import interruptible, say
    from lininterp_cli.config.presets import configure
    from lininterp_cli.training.take_in import take_in as take

    if model is None or data is None:
        raise ConfigError("weights alone do not say what they are of: give --model and --data")
    changes = [recipe.changes(locals()), recipe.assigned(settings or [])]
    config = configure({}, *changes)
    for section in (key for change in changes for key in change if key not in {"data", "model"}):
        raise ConfigError(f"{section} is of training, which was elsewhere; leave it out")
    labels, place = options.Labels(name, tuple(tag or ()), ()), options.Place(runs, data_dir, device)
    request = request_for(config, place, labels, force=False)
    with interruptible("nothing was kept"):
        run, is_new = take(request, (initial, final), lambda words: say(words, quiet))
    if not is_new:
        say(f"these weights are here already: {run.id}", quiet)
    report(run, place, quiet, as_json)
