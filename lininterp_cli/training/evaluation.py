"""The loss and accuracy of one state of a network on one split; the network itself is not changed.

The metrics of a run and the points of a curve are both computed here, so that they agree at the endpoints.
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
from lininterp_cli.models.state import State, copied, widened
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact

Dtype = Literal["float32", "float64", "bfloat16", "float16", "tf32"]
"""Number format of forward passes; tf32 is float32 whose products recent NVIDIA GPUs take with ten-bit mantissas."""

_CPU_BATCH, _ACCELERATOR_BATCH = 128, 1024

ORDER_SEED = 0
"""Seed of the fixed order in which a split is evaluated: a prefix of it is a simple random sample."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Loss and accuracy of one state of a network on one split."""

    num_examples: int
    """Number of examples that the means are taken over."""
    loss: float
    """Mean cross-entropy in nats; not finite if the network's outputs are not."""
    loss_stderr: float
    """Standard error of that mean: the sample standard deviation (n - 1) over the square root of n; NaN for n = 1."""
    accuracy: float
    """Fraction of examples whose largest logit is that of their label."""


def sample(split: Split, num_examples: int | None = None) -> Split:
    """The first examples of a split in its fixed evaluation order.

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

    The mean is over examples, so that a smaller last batch weighs less, and is summed in float64.

    Args:
        model: The network, in train or eval mode as needed; its own weights are not used and not changed.
        state: The weights, on the split's device.
        split: N examples in memory.
        normalise: Maps a batch of stored inputs to the network's input.
        batch_size: Examples per forward pass; None for `usual_batch` of the device.
        dtype: Number format of the forward pass; below float32 by autocast over float32 weights.

    Returns:
        The metrics.
    """
    return metrics_of(*outcomes(model, state, split, normalise, batch_size=batch_size, dtype=dtype))


def metrics_of(losses: Tensor, correct: Tensor) -> Metrics:
    """The metrics of a split from the outcomes of its examples.

    Args:
        losses: (N,) nats.
        correct: (N,) bool.

    Returns:
        The metrics; losses are summed in float64.
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
    """The loss of each example, and whether it is classified correctly.

    Args:
        model: The network, in train or eval mode as needed.
        state: The weights, on the split's device; not changed.
        split: N examples in memory.
        normalise: Maps a batch of stored inputs to the network's input.
        batch_size: Examples per forward pass; None for `usual_batch` of the device.
        dtype: Number format of the forward pass.

    Returns:
        Cross-entropy in nats, (N,) float32 (float64 if that is the dtype), and correctness, (N,) bool.
    """
    losses: list[Tensor] = []
    correct: list[Tensor] = []
    state = laid_out(state)
    with exact(tf32=dtype == "tf32"):
        for rows in cut(len(split), batch_size or usual_batch(split.labels.device)):
            # A pass may write into its weights, as constraints on their norms do; each begins with the given ones.
            logits = forward(model, copied(state), normalise(split.inputs[rows]), dtype)
            found, right = judged(logits, split.labels[rows])
            losses.append(found)
            correct.append(right)
    return torch.cat(losses), torch.cat(correct)


def judged(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The loss and the correctness of each example from its logits.

    Args:
        logits: (N, num_classes); 16-bit ones are first converted to float32.
        labels: (N,) int64.

    Returns:
        Cross-entropy in nats, (N,) float32 or wider, and correctness, (N,) bool.
    """
    logits = logits.float() if logits.dtype in (torch.bfloat16, torch.float16) else logits
    losses = functional.cross_entropy(logits, labels, reduction="none")
    # A row with a NaN in it has no largest logit, although argmax returns one.
    return losses, (logits.argmax(dim=1) == labels) & ~logits.isnan().any(dim=1)


def usual_batch(device: torch.device) -> int:
    """The default number of examples per forward pass.

    Args:
        device: The device that computes it.

    Returns:
        128 on a CPU, whose caches hold a small network's activations then; 1024 to keep an accelerator busy.
    """
    return _CPU_BATCH if device.type == "cpu" else _ACCELERATOR_BATCH


def computing(dtype: Dtype, device_type: str) -> torch.autocast:
    """Autocast context of forward passes in a dtype; float64 needs float64 tensors instead, and tf32 `exact`.

    Args:
        dtype: Number format of the forward pass.
        device_type: `cpu`, `cuda` or `mps`.

    Returns:
        The context; it is disabled unless the dtype is bfloat16 or float16.
    """
    half = dtype in ("bfloat16", "float16")
    return torch.autocast(device_type, dtype=getattr(torch, dtype) if half else None, enabled=half)


def placed(inputs: Tensor, dtype: Dtype) -> Tensor:
    """Inputs in the dtype and the memory layout of forward passes.

    Args:
        inputs: Normalised, float32.
        dtype: Number format of the forward pass.

    Returns:
        The inputs, in float64 if that is the dtype; images are channels-last, which makes convolutions faster.
    """
    wide = inputs.double() if dtype == "float64" else inputs
    return wide.contiguous(memory_format=torch.channels_last) if wide.ndim == 4 else wide


def laid_out(state: State) -> State:
    """A state with its convolution weights in channels-last layout, like the images of `placed`.

    Args:
        state: The state.

    Returns:
        The same values.
    """
    return {
        name: tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
        for name, tensor in state.items()
    }


def forward(model: nn.Module, state: State, inputs: Tensor, dtype: Dtype = "float32") -> Tensor:
    """The logits of a network with the given weights.

    Args:
        model: The network; its own weights are not used and not changed.
        state: The weights; the pass may update them in place (for float64, copies of float32 ones).
        inputs: (N, C, H, W) or (N, F) float32, normalised.
        dtype: Number format of the pass.

    Returns:
        Logits (N, num_classes), float32 or wider.
    """
    if dtype == "float64":
        state = widened(state)
    with computing(dtype, inputs.device.type):
        # The state has each name of a tied tensor, so there is nothing left for torch to tie.
        logits: Tensor = torch.func.functional_call(model, state, (placed(inputs, dtype),), tie_weights=False)
    return logits.float() if dtype in ("bfloat16", "float16") else logits
