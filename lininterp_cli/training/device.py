"""Which device computes, and how exactly."""

import contextlib
import platform
from collections.abc import Iterator
from typing import Any

import torch

import lininterp_cli
from lininterp_cli.errors import ConfigError


def resolve(name: str) -> torch.device:
    """The device a user means.

    Args:
        name: `auto` (the first accelerator there is, else the CPU), `cpu`, `cuda`, `cuda:N` or `mps`.

    Returns:
        The device, in one spelling: a GPU has its number, the CPU has none.

    Raises:
        ConfigError: If there is no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", torch.cuda.current_device())
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError(f"unknown device {name!r}; there are auto, cpu, cuda, cuda:N and mps") from None
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(device.type, False):
        raise ConfigError(f"device {name!r} is not here; use --device auto or cpu")
    # What is measured is kept under the device's name, so that one device must not have two.
    if device.type == "cuda":
        return torch.device("cuda", torch.cuda.current_device() if device.index is None else device.index)
    return torch.device(device.type)


def resolve_all(names: str) -> tuple[torch.device, ...]:
    """The devices that are to share the work.

    Args:
        names: `all` for every NVIDIA GPU there is, or names as `resolve` takes them, separated by commas; the same
            one twice gets two shares.

    Returns:
        The devices, at least one.

    Raises:
        ConfigError: If one of them is not here.
    """
    if names == "all":
        there = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
        return tuple(there) or (resolve("auto"),)
    found = tuple(resolve(name.strip()) for name in names.split(",") if name.strip())
    if not found:
        raise ConfigError(f"--devices takes all, or names such as cuda:0,cuda:1, not {names!r}")
    return found


@contextlib.contextmanager
def exact(tf32: bool = False) -> Iterator[None]:
    """Float32 means float32 and the same command gives the same numbers: no TF32, no non-deterministic kernel.

    torch lets convolutions round their inputs to ten bits on recent GPUs unless told otherwise.

    Args:
        tf32: Let convolutions and matrix products do that, where it is what was asked for.
    """
    before = torch.get_float32_matmul_precision()
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=tf32):
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


def environment(device: torch.device) -> dict[str, Any]:
    """What a figure was computed with.

    Args:
        device: The device that computed it.

    Returns:
        Versions, the device's name and the number of CPU threads.
    """
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "lininterp": lininterp_cli.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": str(device),
        "device_name": name,
        "threads": torch.get_num_threads(),
    }
