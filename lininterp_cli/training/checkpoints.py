"""Weights and training positions on the disk: safetensors for tensors, JSON for the rest.

A checkpoint holds a state under its PyTorch names and nothing else, so that any program can load it.
"""

import contextlib
import hashlib
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lininterp_cli.config.values import is_value
from lininterp_cli.errors import NotFoundError, StateError, StoreError
from lininterp_cli.models.state import State, state_of
from lininterp_cli.runs.advice import command
from lininterp_cli.runs.files import read_json, replace, write_json
from lininterp_cli.runs.run import Run
from lininterp_cli.training.loop import Trainee

SCHEMA = 1

_WRAPPINGS = ("state_dict", "model_state_dict", "model", "net")
"""Keys under which training programs store a state beside other things; one may be nested in another."""

_NUM_SHOWN = 5
"""Keys of a file in messages."""


def save_state(path: Path, state: State) -> None:
    """Write a checkpoint atomically.

    Args:
        path: The file.
        state: The weights; tied tensors are written under each of their names.

    Raises:
        StoreError: If the file cannot be written.
    """
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
    try:
        replace(path, lambda temporary: save_file(tensors, temporary))
    except SafetensorError as error:  # raised, instead of OSError, when the disk is full
        raise StoreError(f"cannot write {path}: {error}; choose another folder with --runs") from error


def load_state(path: Path) -> State:
    """Read weights: a safetensors file, or a PyTorch file that holds tensors only.

    A PyTorch file may hold the state itself or have it under a usual key such as `state_dict`; no code in it is run.

    Args:
        path: The file.

    Returns:
        The state, on the CPU.

    Raises:
        NotFoundError: If there is no such file.
        StateError: If it cannot be read or holds no weights.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about an odd file before it raises; one message is enough
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises almost any exception for a damaged file
        reason = str(error).partition("\n")[0] or type(error).__name__
        if "Weights only load failed" in reason:  # torch's own message advises to run code from the file
            reason = (
                "it is damaged, or holds more than tensors and numbers, which is never run; save its state_dict() alone"
            )
        raise StateError(f"{path} cannot be read as weights (safetensors or a PyTorch state dict): {reason}") from error
    for _ in _WRAPPINGS:
        inner = [content[key] for key in _WRAPPINGS if isinstance(content, dict) and isinstance(content.get(key), dict)]
        content = inner[0] if inner else content
    if not isinstance(content, dict) or not content or not all(map(_is_entry, content.items())):
        held = [str(key) for key in content] if isinstance(content, dict) else [type(content).__name__]
        raise StateError(
            f"{path} holds no state dict, which maps names to tensors, but {', '.join(held[:_NUM_SHOWN]) or 'nothing'}"
            f"; save the state_dict() alone, or as {' or '.join(_WRAPPINGS)} beside other things"
        )
    return {name: tensor.detach() for name, tensor in content.items()}


def load_checkpoint(run: Run, name: str) -> State:
    """The weights of a run at one of its checkpoints.

    Args:
        run: The run.
        name: `initial`, `final`, `epoch-0005` or, shorter, `epoch-5`.

    Returns:
        The state, on the CPU.

    Raises:
        NotFoundError: If the run does not have it; the message lists those it has.
    """
    path = run.checkpoint_path(full_name(name))
    if not path.is_file():
        there = ", ".join(run.checkpoints()) or "none"
        status = run.status()
        ways = {"running": "wait for it", "diverged": "it has ended without one"}
        way = ways.get(status, command(run.folder.parent, "train", "--resume", run.id))
        hint = f"; the run is {status}: {way}" if name == "final" else ""
        raise NotFoundError(f"run {run.id} has no checkpoint {name!r} (it has: {there}){hint}")
    return load_state(path)


def full_name(name: str) -> str:
    """The full name of a checkpoint, which its file has.

    Args:
        name: The name as a user writes it.

    Returns:
        The name with an epoch padded to four digits; any other text is unchanged.

    Example:
        >>> full_name("epoch-5"), full_name("final")
        ('epoch-0005', 'final')
    """
    head, dash, digits = name.partition("-")
    return f"epoch-{int(digits):04d}" if head == "epoch" and dash and re.fullmatch(r"\d{1,9}", digits) else name


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, in hex; curves identify their endpoints by it.

    Args:
        path: The file.

    Returns:
        64 hex digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_position(run: Run, trainee: Trainee) -> None:
    """Write everything needed to resume a run after an epoch.

    The tensors are written first, to a file of the epoch's name; `position.json` refers to it and is replaced
    atomically, so that a kill at any instant leaves either the old position or the new one.

    Args:
        run: The run.
        trainee: Network, optimizer, scaler and epoch.
    """
    tensors_path = run.resume_folder / f"epoch-{trainee.epoch:04d}.safetensors"
    optimizer = trainee.optimizer.state_dict()
    tensors = {f"model.{name}": tensor for name, tensor in state_of(trainee.model).items()}
    scalars: dict[str, Any] = {}
    for index, slots in optimizer["state"].items():
        for key, value in slots.items():
            name = f"optimizer.{index}.{key}"
            (tensors if isinstance(value, Tensor) else scalars)[name] = value
    # An optimizer of a user's own may change more in its groups than the learning rate.
    groups = [{key: value for key, value in group.items() if is_value(value)} for group in optimizer["param_groups"]]
    save_state(tensors_path, tensors)
    position = {"schema": SCHEMA, "epoch": trainee.epoch, "tensors": tensors_path.name}
    position["sha256"] = fingerprint(tensors_path)
    write_json(
        run.position_path,
        position | {"optimizer": scalars, "groups": groups, "scaler": trainee.scaler.state_dict()},
    )
    for old in run.resume_folder.glob("*.safetensors"):
        if old != tensors_path:
            old.unlink(missing_ok=True)


def load_position(run: Run, trainee: Trainee) -> bool:
    """Restore a network, its optimizer and its scaler from the last position of an unfinished run.

    Args:
        run: The run.
        trainee: A new network and optimizer of the run's recipe, changed in place.

    Returns:
        Whether there is a position; if not, nothing is changed.

    Raises:
        StoreError: If the position is damaged.
    """  # noqa: DOC502 - raised below
    try:
        position = read_json(run.position_path, SCHEMA)
    except FileNotFoundError:
        return False
    with _refusing_damage(run):
        values: dict[str, Any] = _intact(run, position)
        values |= position["optimizer"]
        trainee.model.load_state_dict(_weights_in(values))
        slots: dict[int, dict[str, Any]] = {}
        for name, value in values.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".", 2)
                slots.setdefault(int(index), {})[key] = value
        whole = trainee.optimizer.state_dict()
        groups = position.get("groups", whole["param_groups"])  # older positions lack them
        whole["param_groups"] = [one | own for one, own in zip(whole["param_groups"], groups, strict=True)]
        trainee.optimizer.load_state_dict(whole | {"state": slots})
        trainee.scaler.load_state_dict(position["scaler"])
        trainee.epoch = int(position["epoch"])
    return True


def last_good(run: Run) -> tuple[int, State] | None:
    """The weights of the last epoch whose position was saved.

    Args:
        run: An unfinished run.

    Returns:
        The epoch and the state, or None if no epoch was finished.

    Raises:
        StoreError: If the position is damaged.
    """  # noqa: DOC502 - raised below
    try:
        position = read_json(run.position_path, SCHEMA)
    except FileNotFoundError:
        return None
    with _refusing_damage(run):
        return int(position["epoch"]), _weights_in(_intact(run, position))


def _weights_in(tensors: Mapping[str, Any]) -> State:
    return {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}


def _intact(run: Run, position: Mapping[str, Any]) -> State:
    path = run.resume_folder / position["tensors"]
    state = load_state(path)
    if fingerprint(path) != position["sha256"]:
        raise StateError(f"{path.name} is not what was written")
    return state


@contextlib.contextmanager
def _refusing_damage(run: Run) -> Iterator[None]:
    """Turn what a damaged position raises into a StoreError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError, StateError, NotFoundError) as error:
        reason = str(error).partition("\n")[0]
        raise StoreError(
            f"cannot go on with {run.id}: its position is damaged ({reason}); train with --force"
        ) from error


def _is_entry(item: tuple[object, object]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], Tensor)
