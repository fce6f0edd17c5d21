"""What is done with BatchNorm statistics along a path; the choice can turn a monotone curve into a barrier.

Each treatment is a pair: the network in the mode it is to be run in, and a function that gives the statistics of a
state on the path.  Networks without BatchNorm are left as they are by all of them.
"""

import copy
from collections.abc import Callable
from typing import get_args

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from lininterp_cli.data.dataset import Split
from lininterp_cli.errors import UnknownNameError
from lininterp_cli.landscape.curve import BatchNorm
from lininterp_cli.models.blocks import statistics_of
from lininterp_cli.models.state import State, widened
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact
from lininterp_cli.training.evaluation import Precision, forward, frozen, sample

RECALIBRATION_EXAMPLES = 2048
"""Training examples that statistics are re-estimated on: the first in the split's order, without augmentation."""

RECALIBRATION_BATCH = 256
"""Examples per batch there; the estimate is the mean over batches, so their size is part of its meaning."""

Statistics = Callable[[State], State]
"""From a state on the path to the statistics that take the place of its own."""

Treatment = tuple[nn.Module, Statistics]
"""The network, a private copy in the right mode, and where statistics come from."""


def treatment(
    choice: BatchNorm,
    model: nn.Module,
    end: State,
    train: Split,
    normalise: Callable[[Tensor], Tensor],
    precision: Precision,
) -> Treatment:
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
        train: The training split, on the device.
        normalise: From stored inputs to what the network takes.
        precision: What forward passes compute in.

    Returns:
        The network and where its statistics come from.

    Raises:
        UnknownNameError: If the choice is none of the four.
    """
    if choice not in get_args(BatchNorm):
        raise UnknownNameError("treatment of BatchNorm", choice, get_args(BatchNorm))
    network = frozen(model)
    statistics = statistics_of(network)
    if choice == "running" or not statistics:
        return network, lambda _: {}
    if choice == "final":
        return network, lambda _: {name: end[name] for name in statistics}
    if choice == "batch":
        for part in _norms(network):
            part.train()
            part.track_running_stats = False
        return network, lambda _: {}
    return network, _recalibration(network, sample(train, RECALIBRATION_EXAMPLES), normalise, precision)


def _recalibration(
    network: nn.Module, examples: Split, normalise: Callable[[Tensor], Tensor], precision: Precision
) -> Statistics:
    estimator = copy.deepcopy(network)
    for part in _norms(estimator):
        part.train()
        part.momentum = None  # torch's word for a cumulative mean over batches
    fresh: State = {}
    for prefix, part in estimator.named_modules():
        if isinstance(part, _BatchNorm) and part.track_running_stats:
            part.reset_running_stats()
            fresh |= {
                f"{prefix}.{name}" if prefix else name: value for name, value in part.named_buffers(recurse=False)
            }

    @torch.no_grad()
    def estimate(state: State) -> State:
        estimated = state | {name: value.to(state[name].device).clone() for name, value in fresh.items()}
        if precision == "float64":
            estimated = widened(estimated)
        with exact():
            for rows in cut(len(examples), RECALIBRATION_BATCH):
                forward(estimator, estimated, normalise(examples.inputs[rows]), precision)
        return {name: estimated[name] for name in fresh}

    return estimate


def _norms(model: nn.Module) -> list[_BatchNorm]:
    return [part for part in model.modules() if isinstance(part, _BatchNorm)]
