"""Partial pre-training: put some blocks of a trained network back, then train the whole again."""

from collections.abc import Callable
from dataclasses import replace

from torch import nn

from lininterp_cli.config.run import Reset, ResetTo
from lininterp_cli.errors import ConfigError
from lininterp_cli.models.blocks import chosen, groups
from lininterp_cli.models.state import State
from lininterp_cli.runs.store import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.initial import blank, draw
from lininterp_cli.training.session import Listener
from lininterp_cli.training.train import Request, recipe_of, train


def reset_block(
    parent: Run, blocks: list[str], *, to: ResetTo, all_but: bool, retrain: bool, request: Request, listener: Listener
) -> Run:
    """Train a run's final weights again after some of their blocks were put back.

    The "T-All but RI-k" of Vlaar & Frankle 2022 (arXiv 2106.16004): trained weights everywhere but in block k,
    which is drawn anew; or, with `to="initial"`, put back to its own initial values (Zhang, Bengio & Singer 2022,
    arXiv 1902.01996).  A block's BatchNorm statistics go back with it.  The recipe is the parent's.

    Args:
        parent: A finished run.
        blocks: The blocks to put back, by name.
        to: To a fresh random draw, or to the parent's initial values.
        all_but: Put back every block except the named ones.
        retrain: Train the whole network again; otherwise it is only measured.
        request: Store, data, device, name and seed of the new run; its configuration's recipe is not used.
        listener: Who is told of the progress.

    Returns:
        The new run; its record names the parent.

    Raises:
        ConfigError: If no block, or nothing but every block, is left to put back.
    """
    config = recipe_of(parent)
    final = load_checkpoint(parent, "final")
    build = recipe.network(config, recipe.load_dataset(config, request.data_folder))
    available = groups(blank(build), "block")
    named = chosen(available, blocks, "block")
    put_back = [name for name in available if (name in named) != all_but]
    if not blocks or not 0 < len(put_back) < len(available):
        raise ConfigError(f"name at least one block to put back and one to keep; there are {', '.join(available)}")
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
