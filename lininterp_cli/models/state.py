"""The state of a network: its parameters and buffers by name, and the arithmetic on whole states.

A state is plain data.  Nothing here changes a model or a tensor in place.
"""

import math
from collections.abc import Collection, Container, Iterable, Mapping

import torch
from torch import Tensor, nn

from lininterp_cli.errors import StateError

State = dict[str, Tensor]
"""Every persistent parameter and buffer under its PyTorch name; tied tensors are listed under each of their names."""

_NUM_NAMES_SHOWN = 10
_WRAPPERS = ("module.", "_orig_mod.")


def state_of(model: nn.Module) -> State:
    """A copy of the model's current state, detached from it.

    Args:
        model: Any module.

    Returns:
        The entries of `model.state_dict()`, each copied, contiguous, on its own device.
    """
    plain = torch.contiguous_format
    return {name: tensor.detach().clone(memory_format=plain) for name, tensor in model.state_dict().items()}


def copied(state: State) -> State:
    """A copy of a state, which may be written into.

    Args:
        state: The state.

    Returns:
        Its entries, each copied.
    """
    return {name: tensor.clone() for name, tensor in state.items()}


def fits(model: nn.Module, state: Mapping[str, Tensor], source: str) -> State:
    """Convert weights to a model's order and dtypes, or raise an error that lists the differences.

    Prefixes that wrappers add are removed, see `unwrapped`.

    Args:
        model: The network that the weights must fit.
        state: Weights from elsewhere, of any floating precision.
        source: Where they come from, for the message.

    Returns:
        The entries in the model's own order and dtypes; a missing `num_batches_tracked` is the model's, as in torch.

    Raises:
        StateError: If names, shapes or kinds of numbers differ; the first ten are listed.
    """
    wanted = model.state_dict()
    given: State = {}
    twice: list[str] = []
    names = unwrapped(state, wanted)
    if names and wanted and not wanted.keys() & names.values():
        raise StateError(
            f"the weights of {source} do not fit the network, which has none of their names: they are "
            f"{_listed(list(state))}; those of the network are {_listed(list(wanted))}"
        )
    for name, tensor in state.items():
        own = names[name]
        twice += [f"{own} is there under two names"] if own in given else []
        given[own] = tensor
    given = {name: wanted[name] for name in wanted if name.endswith("num_batches_tracked")} | given
    problems = twice
    problems += [f"{name} is missing" for name in wanted if name not in given]
    problems += [f"{name} is not in the network" for name in given if name not in wanted]
    problems += [
        f"{name} is {_shape(given[name])}, the network has {_shape(wanted[name])}"
        for name in wanted
        if name in given and given[name].shape != wanted[name].shape
    ]
    others = [
        f"{name} is {_kind(given[name])}, the network has {_kind(wanted[name])}"
        for name in wanted
        if name in given and is_other_kind(given[name], wanted[name])
    ]
    if problems or others:
        # A program cannot guess what an integer or an imaginary part stands for.
        advice = "; only the precision of floating numbers may differ: convert the others and save them again"
        raise StateError(
            f"the weights of {source} do not fit the network: {_listed(problems + others)}{advice if others else ''}"
        )
    return {name: given[name].to(wanted[name].dtype) for name in wanted}


def is_other_kind(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold different kinds of numbers, so that one cannot replace the other.

    Args:
        one: A tensor.
        other: Another one.

    Returns:
        Whether their dtypes differ by more than the precision of floating numbers.
    """
    return one.dtype != other.dtype and not (one.is_floating_point() and other.is_floating_point())


def unwrapped(names: Collection[str], wanted: Container[str]) -> dict[str, str]:
    """The names of entries without the prefixes that wrappers add.

    Those are `module.` of DataParallel and `_orig_mod.` of torch.compile, before any name, and a prefix that all names
    share (the attribute of a larger module, as in Lightning's checkpoints) if the network has one of them without it.

    Args:
        names: The names in a file.
        wanted: The network's own names, which are never shortened.

    Returns:
        Name in the file to name in the network.
    """
    parts = next(iter(names), "").split(".")
    for num in range(len(parts)):
        prefix = "".join(f"{part}." for part in parts[:num])
        own = {name: _without_wrappers(name.removeprefix(prefix), wanted) for name in names}
        if all(name.startswith(prefix) for name in names) and any(name in wanted for name in own.values()):
            return own
    return {name: _without_wrappers(name, wanted) for name in names}


def _without_wrappers(name: str, wanted: Container[str]) -> str:
    while name not in wanted and name.startswith(_WRAPPERS):
        name = name.partition(".")[2]
    return name


def check_same(start: State, end: State) -> None:
    """Check that two states belong to one architecture, before any arithmetic is done on them.

    Args:
        start: One state.
        end: The other.

    Raises:
        StateError: If a name, a shape or a dtype differs; the first ten are listed.
    """
    problems = [f"{name} is in one end only" for name in sorted(start.keys() ^ end.keys())]
    for name in (name for name in start if name in end):
        if start[name].shape != end[name].shape:
            problems.append(f"{name} is {_shape(start[name])} at one end, {_shape(end[name])} at the other")
        elif start[name].dtype != end[name].dtype:
            problems.append(f"{name} is {start[name].dtype} at one end, {end[name].dtype} at the other")
    if problems:
        raise StateError(f"the two ends are not the same architecture: {_listed(problems)}")


def check_finite(state: State, names: Iterable[str], source: str, advice: str = "take an earlier checkpoint") -> None:
    """Check that weights are finite: those of a run that diverged are not, nor is any loss on its line.

    Args:
        state: The state.
        names: The entries to check; others, such as masks, may hold infinities.
        source: Where they come from, for the message.
        advice: Advice to the user, for the message.

    Raises:
        StateError: If one is NaN or infinite; the first ten entries are listed.
    """
    counts = {name: int((~state[name].isfinite()).sum()) for name in names}
    problems = [f"{name} has {count} of {state[name].numel()}" for name, count in counts.items() if count]
    if problems:
        raise StateError(f"the weights of {source} are not finite: {_listed(problems)}; {advice}")


def lerp(start: State, end: State, alpha: float) -> State:
    """The state at one point of the straight line between two states.

    theta(alpha) = (1 - alpha) theta_start + alpha theta_end for every floating or complex entry (Goodfellow,
    Vinyals & Saxe 2015, arXiv 1412.6544), computed as `torch.lerp` does it: exactly the start at 0, exactly the
    end at 1, and exactly the common value wherever the ends agree.  Entries of half precision are mixed in
    float32 and rounded once.  Integer entries (`num_batches_tracked`) are counts, not weights: they are those
    of the start at alpha 0 and those of the end elsewhere.

    Args:
        start: The state at alpha 0.
        end: The state at alpha 1, of the same architecture.
        alpha: Position on the line; outside [0, 1] it extrapolates.

    Returns:
        A new dict; at 0 and 1 all tensors are those of an end, elsewhere integer ones and those that both ends share.
    """
    if alpha == 0:
        return dict(start)
    if alpha == 1:
        return dict(end)
    return {name: _mixed(start[name], end[name], alpha) for name in start}


def widened(state: State) -> State:
    """Convert a state to float64.

    Args:
        state: The state.

    Returns:
        Its floating entries in float64, all others as they are.
    """
    return {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def distance(start: State, end: State, names: Iterable[str]) -> float:
    """The Euclidean distance between two states over the named entries.

    ||theta_end - theta_start||_2, summed in float64 (Vlaar & Frankle 2022, arXiv 2106.16004).

    Args:
        start: One state.
        end: The other.
        names: The entries to count, each once.

    Returns:
        The distance, in the units of the weights.
    """
    parts = distances(start, end, names)
    return length(parts, parts)


def distances(start: State, end: State, names: Iterable[str]) -> dict[str, float]:
    """The Euclidean distance between two states for each entry, from which `length` takes those of groups.

    Args:
        start: One state.
        end: The other.
        names: The entries.

    Returns:
        Distance of each entry, in the units of the weights, summed in float64.
    """
    # `sum` adds in pairs, which is more exact than `norm`.
    return {name: math.sqrt((_wide(end[name]) - _wide(start[name])).abs().square_().sum()) for name in names}


def length(parts: Mapping[str, float], names: Iterable[str]) -> float:
    """The Euclidean length of some entries taken together.

    Args:
        parts: Length of each entry, as `distances` returns it.
        names: The entries to count, each once.

    Returns:
        The root of the sum of their squares; NaN where one of them is.
    """
    own = [parts[name] for name in names]
    return math.nan if any(map(math.isnan, own)) else math.hypot(*own)


def norm(state: State, names: Iterable[str]) -> float:
    """The Euclidean norm of the named entries of a state, summed in float64.

    The denominator of a relative distance (Lucas et al. 2021, arXiv 2104.11044).

    Args:
        state: The state.
        names: The entries to count, each once.

    Returns:
        The norm; 0 for no entries.
    """
    return float(torch.stack([_wide(state[name]).norm() for name in names] or [torch.zeros(())]).double().norm())


def _wide(tensor: Tensor) -> Tensor:
    return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


def _mixed(start: Tensor, end: Tensor, alpha: float) -> Tensor:
    if start is end or not (start.is_floating_point() or start.is_complex()):
        return end
    if start.dtype in (torch.float16, torch.bfloat16):
        mixed = torch.lerp(start.float(), end.float(), alpha).to(start.dtype)
    else:
        mixed = torch.lerp(start, end, alpha)
    # A mask holds infinities, and the difference of two of them is NaN.
    return torch.where(start == end, end, mixed)


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _shape(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a scalar"


def _listed(problems: list[str]) -> str:
    rest = len(problems) - _NUM_NAMES_SHOWN
    return "; ".join(problems[:_NUM_NAMES_SHOWN]) + (f"; and {rest} more" if rest > 0 else "")
