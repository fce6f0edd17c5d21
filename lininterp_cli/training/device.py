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
        The device.

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
    return device


@contextlib.contextmanager
def exact() -> Iterator[None]:
    """Float32 means float32 and the same command gives the same numbers: no TF32, no non-deterministic kernel.

    torch lets convolutions round their inputs to ten bits on recent GPUs unless told otherwise.
    """
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield


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
