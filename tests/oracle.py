"""The slow and obvious way to measure a line; it must share no arithmetic with the package it judges.

A fresh network for every position, tensors mixed one by one in float64, one plain loop over examples, BatchNorm by
torch's own `update_bn`.  What it takes from the package is what is documented and not computed: the order that a
split is evaluated in.
"""

import contextlib
from collections.abc import Callable, Collection

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import update_bn

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.data.draws import order

State = dict[str, Tensor]

BN_EXAMPLES = 2048
"""Training examples that `recalibrate` is documented to use, the first in the split's order."""
BN_BATCH = 256
"""Examples per batch there."""


def mixed(start: State, end: State, alpha: float, moving: Collection[str] | None, rest: State) -> State:
    """(1 - alpha) start + alpha end for what moves (None: everything), `rest` for all else; float64, not rounded."""
    state = {}
    for name in start:
        if moving is not None and name not in moving:
            state[name] = rest[name]
        elif start[name].is_complex():
            state[name] = (1 - alpha) * start[name].to(torch.complex128) + alpha * end[name].to(torch.complex128)
        elif start[name].is_floating_point():
            state[name] = (1 - alpha) * start[name].double() + alpha * end[name].double()
        else:
            state[name] = rest[name]
    return state


def distance(start: State, end: State, names: Collection[str]) -> float:
    """The Euclidean distance over the named tensors, one number at a time."""
    total = 0.0
    for name in names:
        for one, other in zip(start[name].flatten().tolist(), end[name].flatten().tolist(), strict=True):
            total += abs(other - one) ** 2
    return float(total**0.5)


def line(
    build: Callable[[], nn.Module],
    start: State,
    end: State,
    dataset: Dataset,
    alphas: Collection[float],
    *,
    moving: Collection[str] | None = None,
    rest: str = "final",
    bn: str = "running",
    split: str = "test",
    num_examples: int | None = None,
    batch_size: int = 7,
    dtype: torch.dtype = torch.float32,
) -> list[tuple[float, float]]:
    """Loss in nats and accuracy at every alpha."""
    points = []
    for alpha in alphas:
        state = mixed(start, end, alpha, moving, end if rest == "final" else start)
        model = build()
        model.load_state_dict(state)
        if dtype == torch.float64:
            model.double()
            model.load_state_dict(state)
        model.eval()
        _treat(model, bn, end, dataset, dtype)
        points.append(_measured(model, dataset, split, num_examples, batch_size, dtype))
    return points


def _treat(model: nn.Module, bn: str, end: State, dataset: Dataset, dtype: torch.dtype) -> None:
    norms = {name: part for name, part in model.named_modules() if "BatchNorm" in type(part).__name__}
    if bn == "final":
        for name, part in norms.items():
            part.running_mean.copy_(end[f"{name}.running_mean"])
            part.running_var.copy_(end[f"{name}.running_var"])
    elif bn == "batch":
        for part in norms.values():
            part.train()
    elif bn == "recalibrate":
        rows = order(len(dataset.train), 0)[:BN_EXAMPLES]
        batches = [_shown(dataset, dataset.train.inputs[some], dtype) for some in rows.split(BN_BATCH)]
        with _computing(dtype):
            update_bn(batches, model)
    elif bn != "running":
        raise AssertionError(bn)


def _measured(
    model: nn.Module, dataset: Dataset, split: str, num_examples: int | None, batch_size: int, dtype: torch.dtype
) -> tuple[float, float]:
    examples = getattr(dataset, split)
    rows = order(len(examples), 0)[:num_examples]
    total, num_right = 0.0, 0
    for first in range(0, len(rows), batch_size):
        some = rows[first : first + batch_size]
        with torch.no_grad(), _computing(dtype):
            logits = model(_shown(dataset, examples.inputs[some], dtype))
        for one, label in zip(logits, examples.labels[some], strict=True):
            wide = one.double() if dtype == torch.float64 else one.float()
            total += float(functional.cross_entropy(wide[None], label[None]))
            num_right += int(wide.argmax() == label)
    return total / len(rows), num_right / len(rows)


def _shown(dataset: Dataset, inputs: Tensor, dtype: torch.dtype) -> Tensor:
    if inputs.dtype == torch.uint8:
        shown = (inputs.float() / 255 - dataset.mean[None, :, None, None]) / dataset.std[None, :, None, None]
    else:
        shown = (inputs - dataset.mean) / dataset.std
    return shown.double() if dtype == torch.float64 else shown


def _computing(dtype: torch.dtype) -> contextlib.AbstractContextManager[object]:
    half = dtype in (torch.bfloat16, torch.float16)
    return torch.autocast("cpu", dtype=dtype) if half else contextlib.nullcontext()
