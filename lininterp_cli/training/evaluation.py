"""The loss and accuracy of one state of a network on one split; the network itself is left alone.

Every metric of a run and every point of a curve comes from here, so that they agree where they meet.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.data.dataset import Split
from lininterp_cli.data.draws import order
from lininterp_cli.models.state import State, widened
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact

Dtype = Literal["float32", "float64", "bfloat16", "float16", "tf32"]
"""What forward passes compute in; tf32 is float32 whose products a recent NVIDIA GPU takes on ten bits."""

_CPU_BATCH, _ACCELERATOR_BATCH = 128, 1024

ORDER_SEED = 0
"""Seed of the one order a split is evaluated in: a part of it is a prefix, that is a simple random sample."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good one state of a network is on one split."""

    num_examples: int
    """Examples the means are taken over."""
    loss: float
    """Mean cross-entropy in nats; not finite where the network's outputs are not."""
    loss_stderr: float
    """Standard error of that mean: the examples' standard deviation (n - 1) over the square root of n."""
    accuracy: float
    """Fraction of examples whose largest logit is their label's."""


def sample(split: Split, num_examples: int | None = None) -> Split:
    """The first examples of a split in the one order it is evaluated in.

    Args:
        split: The split.
        num_examples: How many; None for all.

    Returns:
        The examples, on the split's device.
    """
    return split.first(len(split) if num_examples is None else num_examples, order(len(split), ORDER_SEED))


def frozen(model: nn.Module) -> nn.Module:
    """A private copy of a network in evaluation mode: dropout off, BatchNorm on its running statistics.

    Args:
        model: Any module.

    Returns:
        The copy.
    """
    return copy.deepcopy(model).eval().requires_grad_(False)


def evaluate(
    model: nn.Module,
    state: State,
    split: Split,
    normalise: Callable[[Tensor], Tensor],
    *,
    batch_size: int | None = None,
    dtype: Dtype = "float32",
) -> Metrics:
    """Loss and accuracy of a network with the given weights, over all examples of a split.

    The mean is over examples, so that a ragged last batch weighs what it holds, and is summed in float64.

    Args:
        model: The network, in the mode it is to be run in; its own weights are not used and not changed.
        state: The weights, on the split's device.
        split: N examples in memory.
        normalise: From stored inputs to what the network takes, batch by batch.
        batch_size: Examples per forward pass; None for the device's usual.
        dtype: What the forward pass computes in; below float32 by autocast over float32 weights.

    Returns:
        The metrics.
    """
    return metrics_of(*outcomes(model, state, split, normalise, batch_size=batch_size, dtype=dtype))


def metrics_of(losses: Tensor, correct: Tensor) -> Metrics:
    """What the outcomes of single examples come to.

    Args:
        losses: (N,) nats.
        correct: (N,) bool.

    Returns:
        The metrics; sums are taken in float64.
    """
    num = len(losses)
    exact_losses = losses.cpu().double()
    spread = float(exact_losses.std()) / math.sqrt(num) if num > 1 else math.nan
    return Metrics(num, float(exact_losses.mean()), spread, int(correct.sum()) / num)


@torch.no_grad()
def outcomes(
    model: nn.Module,
    state: State,
    split: Split,
    normalise: Callable[[Tensor], Tensor],
    *,
    batch_size: int | None = None,
    dtype: Dtype = "float32",
) -> tuple[Tensor, Tensor]:
    """Each example's loss, and whether it is classified right.

    Args:
        model: The network, in the mode it is to be run in.
        state: The weights, on the split's device.
        split: N examples in memory.
        normalise: From stored inputs to what the network takes, batch by batch.
        batch_size: Examples per forward pass; None for the device's usual.
        dtype: What the forward pass computes in.

    Returns:
        Cross-entropy in nats, (N,) float32 (float64 where that is the dtype), and correctness, (N,) bool.
    """
    losses: list[Tensor] = []
    correct: list[Tensor] = []
    state = laid_out(state)
    with exact(tf32=dtype == "tf32"):
        for rows in cut(len(split), batch_size or usual_batch(split.labels.device)):
            logits = forward(model, state, normalise(split.inputs[rows]), dtype)
            found, right = judged(logits, split.labels[rows])
            losses.append(found)
            correct.append(right)
    return torch.cat(losses), torch.cat(correct)


def judged(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """How right a network is on some examples.

    Args:
        logits: (N, num_classes); below float32 they are widened to it first.
        labels: (N,) int64.

    Returns:
        Cross-entropy in nats, (N,) float32 or wider, and correctness, (N,) bool.
    """
    logits = logits.float() if logits.dtype in (torch.bfloat16, torch.float16) else logits
    losses = functional.cross_entropy(logits, labels, reduction="none")
    # A row with a NaN in it has no largest logit, whatever argmax says.
    return losses, (logits.argmax(dim=1) == labels) & ~logits.isnan().any(dim=1)


def usual_batch(device: torch.device) -> int:
    """Examples per forward pass unless something else is said.

    Args:
        device: Where it is computed.

    Returns:
        What a CPU's caches hold of a small network's activations, or what an accelerator needs to be busy.
    """
    return _CPU_BATCH if device.type == "cpu" else _ACCELERATOR_BATCH


def computing(dtype: Dtype, device_type: str) -> torch.autocast:
    """Inside it forward passes compute in a dtype; float64 comes from what they are given, tf32 from `exact`.

    Args:
        dtype: What to compute in.
        device_type: `cpu`, `cuda` or `mps`.

    Returns:
        A context.
    """
    half = dtype in ("bfloat16", "float16")
    return torch.autocast(device_type, dtype=getattr(torch, dtype) if half else None, enabled=half)


def placed(inputs: Tensor, dtype: Dtype) -> Tensor:
    """Inputs in the width and the layout that forward passes want.

    Args:
        inputs: Normalised, float32.
        dtype: What is computed in.

    Returns:
        The inputs, widened where that is float64; images with their channels last, which convolutions are faster on.
    """
    wide = inputs.double() if dtype == "float64" else inputs
    return wide.contiguous(memory_format=torch.channels_last) if wide.ndim == 4 else wide


def laid_out(state: State) -> State:
    """A state whose convolutions have their channels last, as `placed` images do.

    Args:
        state: The state.

    Returns:
        The same numbers.
    """
    return {
        name: tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
        for name, tensor in state.items()
    }


def forward(model: nn.Module, state: State, inputs: Tensor, dtype: Dtype = "float32") -> Tensor:
    """The logits of a network with the given weights.

    Args:
        model: The network; its own weights are not used and not changed.
        state: The weights; buffers that the forward pass updates are updated in these tensors.
        inputs: (N, C, H, W) or (N, F) float32, normalised.
        dtype: What the pass computes in.

    Returns:
        Logits (N, num_classes), float32 or wider.
    """
    if dtype == "float64":
        state = widened(state)
    with computing(dtype, inputs.device.type):
        # Each name of a tied tensor is in the state, so there is nothing left for torch to tie.
        logits: Tensor = torch.func.functional_call(model, state, (placed(inputs, dtype),), tie_weights=False)
    return logits.float() if dtype in ("bfloat16", "float16") else logits
