"""Treatments of BatchNorm statistics along a path; the choice can turn a monotone curve into a barrier.

No treatment changes a network without BatchNorm.  The statistics that `recalibrate` estimates are in `estimates`.
"""

import copy
from dataclasses import dataclass
from typing import get_args

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.curves.curve import BatchNorm
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.state import State
from lininterp_cli.training.evaluation import Dtype, frozen


@dataclass(frozen=True, kw_only=True, slots=True)
class Treatment:
    """A network prepared for evaluation along a path, with one treatment of its BatchNorm statistics."""

    network: nn.Module
    """A private copy, in the mode it is evaluated in."""
    fixed: State
    """Statistics that are the same at every alpha, whichever block moves."""
    estimator: nn.Module | None
    """A copy in the mode in which it estimates its statistics; None if none are estimated."""
    fresh: State
    """The estimator's statistics before its first batch."""


def treatment(choice: BatchNorm, model: nn.Module, end: State, dtype: Dtype = "float32") -> Treatment:
    """Prepare a network for evaluation along a path.

    * `running`: the statistics move with their block and are used as they are (Vlaar & Frankle 2022, as their
      published figures imply).
    * `final`: the statistics of the path's end are used everywhere; only parameters move.
    * `recalibrate`: at each point the statistics are estimated anew on training examples, as
      `torch.optim.swa_utils.update_bn` does it: cumulative means over batches (Izmailov et al. 2018, arXiv
      1803.05407; Lucas et al. 2021, arXiv 2104.11044).
    * `batch`: each batch is normalised by its own statistics, so the outcomes depend on the batch size.

    Args:
        choice: The treatment, one of these four.
        model: The network; not changed.
        end: The state at alpha 1.
        dtype: Number format of forward passes; for float64, buffers outside the state are converted to it.

    Returns:
        The prepared network and its statistics.

    Raises:
        UnknownNameError: If the choice is none of the four.
    """
    if choice not in get_args(BatchNorm):
        raise UnknownNameError("treatment of BatchNorm", choice, get_args(BatchNorm))
    network = frozen(model).double() if dtype == "float64" else frozen(model)
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


def uses_batch(network: nn.Module) -> bool:
    """Whether a BatchNorm of a network takes the statistics of the batch, which must then have two examples at least.

    Args:
        network: The network, in the mode it is run in.

    Returns:
        True in training mode, or where no running statistics are kept.
    """
    return any(part.training or part.running_mean is None for part in _norms(network))


def _estimator(network: nn.Module) -> tuple[nn.Module, State]:
    estimator = copy.deepcopy(network)
    fresh: State = {}
    for prefix, part in estimator.named_modules():
        if not isinstance(part, _BatchNorm):
            continue
        part.train()
        part.momentum = None  # in torch, None stands for a cumulative mean over batches
        if part.track_running_stats:
            part.reset_running_stats()
            fresh |= {
                f"{prefix}.{name}" if prefix else name: value for name, value in part.named_buffers(recurse=False)
            }
    return estimator, fresh


def _norms(network: nn.Module) -> list[_BatchNorm]:
    return [part for part in network.modules() if isinstance(part, _BatchNorm)]
