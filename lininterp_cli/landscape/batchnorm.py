"""What is done with BatchNorm statistics along a path; the choice can turn a monotone curve into a barrier.

Networks without BatchNorm are left as they are by all treatments.  What `recalibrate` estimates is in `estimates`.
"""

import copy
from dataclasses import dataclass
from typing import get_args

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.curve import BatchNorm
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.state import State
from lininterp_cli.training.evaluation import frozen


@dataclass(frozen=True, kw_only=True, slots=True)
class Treatment:
    """How a network is run along a path."""

    network: nn.Module
    """A private copy in the right mode."""
    fixed: State
    """Statistics that do not move, whatever moves."""
    estimator: nn.Module | None
    """The network in the mode in which it estimates its statistics; None where none are estimated."""
    fresh: State
    """The estimator's statistics before it has seen anything."""


def treatment(choice: BatchNorm, model: nn.Module, end: State) -> Treatment:
    """How a network is run along a path.

    * `running`: the statistics move with their block and are used as they are (Vlaar & Frankle 2022, as their
      published figures imply).
    * `final`: the statistics of the path's end are used everywhere; only parameters move.
    * `recalibrate`: at each point the statistics are estimated anew on training examples, as
      `torch.optim.swa_utils.update_bn` does it: cumulative means over batches (Izmailov et al. 2018, arXiv
      1803.05407; Lucas et al. 2021, arXiv 2104.11044).
    * `batch`: each batch is normalised by its own statistics, so that the batch size is part of the result.

    Args:
        choice: One of the four.
        model: The network; not changed.
        end: The state at the path's end.

    Returns:
        The treatment.

    Raises:
        UnknownNameError: If the choice is none of the four.
    """
    if choice not in get_args(BatchNorm):
        raise UnknownNameError("treatment of BatchNorm", choice, get_args(BatchNorm))
    network = frozen(model)
    statistics = statistics_of(network)
    fixed: State = {}
    fresh: State = {}
    estimator: nn.Module | None = None
    if choice == "final":
        fixed = {name: end[name] for name in statistics}
    elif choice == "batch":
        for part in _norms(network):
            part.train()
            part.track_running_stats = False
    elif choice == "recalibrate" and statistics:
        estimator, fresh = _estimator(network)
    return Treatment(network=network, fixed=fixed, estimator=estimator, fresh=fresh)


def _estimator(network: nn.Module) -> tuple[nn.Module, State]:
    estimator = copy.deepcopy(network)
    fresh: State = {}
    for prefix, part in estimator.named_modules():
        if not isinstance(part, _BatchNorm):
            continue
        part.train()
        part.momentum = None  # torch's word for a cumulative mean over batches
        if part.track_running_stats:
            part.reset_running_stats()
            fresh |= {
                f"{prefix}.{name}" if prefix else name: value for name, value in part.named_buffers(recurse=False)
            }
    return estimator, fresh


def _norms(network: nn.Module) -> list[_BatchNorm]:
    return [part for part in network.modules() if isinstance(part, _BatchNorm)]
