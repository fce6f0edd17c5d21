"""Groups of tensors that move together: blocks, kinds, layers and single tensors, from a network's module tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.modules.conv import _ConvNd

from lininterp_cli.errors import UnknownNameError

Grouping = Literal["block", "kind", "layer", "tensor"]

_NORMALISATIONS = (_NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm, nn.RMSNorm)

_KINDS: dict[str, tuple[type[nn.Module], ...]] = {
    "conv": (_ConvNd,),
    "linear": (nn.Linear, nn.Bilinear),
    "norm": _NORMALISATIONS,
    "embedding": (nn.Embedding, nn.EmbeddingBag),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Entries of a state that move together."""

    name: str
    """The block's, kind's, layer's or tensor's name."""
    entries: tuple[str, ...]
    """Every floating entry that moves: parameters, buffers, and each name of a tied tensor."""
    parameters: tuple[str, ...]
    """The parameters among them, tied ones once; distances are computed over these."""
    counts: tuple[str, ...] = ()
    """Entries that are not floating (`num_batches_tracked`): constant on a path, reset with a block."""


def groups(model: nn.Module, by: Grouping) -> dict[str, Group]:
    """Split a network's state into groups that move together.

    * `block`: the model's own `block_prefixes` (block to prefixes of entry names) where it has them; else its
      children, where a child that only normalises joins the one before it.
    * `kind`: all modules of one kind: `attention` and `mlp` (everything inside a module whose class name contains the
      word), `conv`, `linear`, `norm`, `embedding`, and `other`.
    * `layer`: a module and the tensors it holds itself.
    * `tensor`: one entry of the state.

    Every floating entry is in exactly one group.  A tensor with several names (tied weights) belongs to the group
    of its first and moves under all of them.

    Args:
        model: Any module.
        by: The granularity.

    Returns:
        Name to group, in the order of the state.
    """
    everything = model.state_dict(keep_vars=True)
    held = {name: tensor for name, tensor in everything.items() if tensor.is_floating_point() or tensor.is_complex()}
    first_name = {id(tensor): name for name, tensor in reversed(held.items())}
    owner = _owners(model, everything, by)
    members: dict[str, list[str]] = {}
    for name, tensor in held.items():
        members.setdefault(owner[first_name[id(tensor)]], []).append(name)
    return {
        name: Group(
            name=name,
            entries=tuple(entries),
            parameters=tuple(
                entry
                for entry in entries
                if isinstance(held[entry], nn.Parameter) and first_name[id(held[entry])] == entry
            ),
            counts=tuple(entry for entry in everything if entry not in held and owner[entry] == name),
        )
        for name, entries in members.items()
    }


def whole(model: nn.Module) -> Group:
    """All of a network's state as one group, named `all`.

    Args:
        model: Any module.

    Returns:
        The group; its `counts` are empty.
    """
    parts = groups(model, "layer").values()
    return Group(
        name="all",
        entries=tuple(entry for part in parts for entry in part.entries),
        parameters=tuple(entry for part in parts for entry in part.parameters),
    )


def chosen(available: Mapping[str, Group], names: Iterable[str], kind: str) -> dict[str, Group]:
    """The named groups, in the network's order.

    Args:
        available: The groups that `groups` returned.
        names: The names to choose; none means all.
        kind: The kind of group, in the singular, for the message.

    Returns:
        Name to group.

    Raises:
        UnknownNameError: If there is no group of a name; the message offers the nearest names.
    """
    wanted = set(names)
    for name in wanted:
        if name not in available:
            raise UnknownNameError(kind, name, available)
    return {name: group for name, group in available.items() if not wanted or name in wanted}


def statistics_of(model: nn.Module) -> list[str]:
    """The names of a network's BatchNorm statistics.

    Args:
        model: Any module.

    Returns:
        The entries of its state that are running means, variances and counts.
    """
    return [
        f"{prefix}.{name}" if prefix else name
        for prefix, part in model.named_modules()
        if isinstance(part, _BatchNorm)
        for name, buffer in part.named_buffers(recurse=False)
        if buffer is not None
    ]


def _owners(model: nn.Module, names: Iterable[str], by: Grouping) -> dict[str, str]:
    if by == "tensor":
        return {name: name for name in names}
    if by == "layer":
        return {name: name.rpartition(".")[0] or name for name in names}
    if by == "kind":
        return {name: _kind_of(model, name) for name in names}
    prefixes: Mapping[str, tuple[str, ...]] = getattr(model, "block_prefixes", None) or _child_blocks(model)
    return {name: _block_of(name, prefixes) for name in names}


def _kind_of(model: nn.Module, name: str) -> str:
    module = model
    for part in name.split(".")[:-1]:
        module = module.get_submodule(part)
        called = type(module).__name__.lower()
        for kind in ("attention", "mlp"):
            if kind in called:
                return kind
    return next((kind for kind, classes in _KINDS.items() if isinstance(module, classes)), "other")


def _block_of(name: str, prefixes: Mapping[str, tuple[str, ...]]) -> str:
    for block, starts in prefixes.items():
        if any(name == start or name.startswith(f"{start}.") for start in starts):
            return block
    return name.partition(".")[0]


def _child_blocks(model: nn.Module) -> dict[str, tuple[str, ...]]:
    blocks: dict[str, tuple[str, ...]] = {}
    for name, child in model.named_children():
        if not child.state_dict():
            continue
        if blocks and _only_normalises(child):
            last = next(reversed(blocks))
            blocks[last] = (*blocks[last], name)
        else:
            blocks[name] = (name,)
    return blocks


def _only_normalises(module: nn.Module) -> bool:
    holders = [part for part in module.modules() if [*part.parameters(recurse=False), *part.buffers(recurse=False)]]
    return bool(holders) and all(isinstance(part, _NORMALISATIONS) for part in holders)
