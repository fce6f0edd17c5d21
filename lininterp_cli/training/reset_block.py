"""Partial pre-training: reset some blocks of a trained network, then train the whole network again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from torch import nn

from lininterp_cli.config.own import short_name
from lininterp_cli.config.run import Reset, ResetTo, RunConfig
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.blocks import Group, chosen, groups
from lininterp_cli.models.state import State
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.initial import blank, draw
from lininterp_cli.training.request import Request
from lininterp_cli.training.same_data import is_unchanged
from lininterp_cli.training.session import Listener
from lininterp_cli.training.train import recipe_of, train

_NOT_DRAWN = {"train_size": 1.0, "label_noise": 0.0, "zeroed": 0.0}
"""Settings of the data that draw nothing from the seed at these values."""


def to_put_back(available: Mapping[str, Group], blocks: Sequence[str], all_but: bool) -> list[str]:
    """The blocks that a reset puts back.

    Args:
        available: The network's blocks.
        blocks: The blocks that are named.
        all_but: Whether all blocks except the named ones are put back.

    Returns:
        Their names, in the network's order.

    Raises:
        ConfigError: If no block is named, or none or all of them would be put back.
    """
    named = chosen(available, blocks, "block")
    put_back = [name for name in available if (name in named) != all_but]
    if not blocks or not 0 < len(put_back) < len(available):
        raise ConfigError(f"name at least one block to put back and one to keep; there are {', '.join(available)}")
    return put_back


def reset_block(
    parent: Run, blocks: list[str], *, to: ResetTo, all_but: bool, retrain: bool, request: Request, listener: Listener
) -> Run:
    """Train a run's final weights again after some of their blocks were reset.

    The "T-All but RI-k" of Vlaar & Frankle 2022 (arXiv 2106.16004): trained weights everywhere but in block k,
    which is drawn anew; or, with `to="initial"`, reset to its own initial values (Zhang, Bengio & Singer 2022,
    arXiv 1902.01996).  A block's BatchNorm statistics are reset with it.  The recipe is the parent's.

    Args:
        parent: A finished run.
        blocks: The blocks to reset, by name.
        to: `random` for a fresh draw, `initial` for the parent's initial values.
        all_but: Reset every block except the named ones.
        retrain: Train the whole network again; otherwise it is only measured.
        request: Store, data, device, name and seed of the new run; its configuration's recipe is not used.
        listener: Receives the progress.

    Returns:
        The new run; its record names the parent.

    Raises:
        ConfigError: If the data have changed since the parent was trained, or another seed would draw other training
            examples or labels than the parent's.
    """
    config = recipe_of(parent)
    _check_seed(parent, config, request.config.seed)
    final = load_checkpoint(parent, "final")
    dataset = recipe.load_dataset(config, request.data_folder)
    if not is_unchanged(parent, config, dataset):
        raise ConfigError(
            f"{short_name(config.data.name)} is not what it was when {parent.id} was trained; bring the former data "
            "back, or train that run anew with --force"
        )
    build = recipe.network(config, dataset)
    available = groups(blank(build), "block")
    put_back = to_put_back(available, blocks, all_but)
    seed = request.config.seed
    config = replace(
        config,
        seed=seed,
        reset=Reset(run=parent.id, blocks=tuple(put_back), to=to),
        training=config.training if retrain else replace(config.training, epochs=0),
    )

    def source(make: Callable[[], nn.Module]) -> State:
        if to == "initial":
            former = load_checkpoint(parent, "initial")
        else:
            former = draw(make, recipe.scheme(config), seed, stream="reset")[1]
        going_back = [entry for name in put_back for entry in available[name].entries + available[name].counts]
        return final | {entry: former[entry] for entry in going_back}

    return train(
        replace(request, config=config, kind="reset-block", parent=parent.id),
        listener,
        source,
    )


def _check_seed(parent: Run, config: RunConfig, seed: int) -> None:
    """Refuse a seed by which the kept blocks would go on with examples or labels that they were not trained on."""
    settings = {key: getattr(config.data, key) for key in _NOT_DRAWN}
    drawn = [f"{key}={value:g}" for key, value in settings.items() if value != _NOT_DRAWN[key]]
    if seed != config.seed and drawn:
        raise ConfigError(
            f"seed {seed} would draw other training examples or labels ({', '.join(drawn)}) than those of {parent.id}; "
            f"leave --seed out: its own is {config.seed}"
        )
