"""The choice of device, and settings for exact and reproducible arithmetic on it."""

import contextlib
import platform
from collections.abc import Iterator
from typing import Any

import torch

import lininterp_cli
from lininterp_cli.errors import ConfigError


def resolve(name: str) -> torch.device:
    """The device of a given name.

    Args:
        name: `auto` (the current CUDA device, else MPS, else the CPU), `cpu`, `cuda`, `cuda:N` or `mps`.

    Returns:
        The device in one spelling: a CUDA device has an index, `cpu` and `mps` have none.

    Raises:
        ConfigError: If the name is unknown or this machine has no such device.
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
    # Measurements are stored under the device's name, so one device must not have two names.
    if device.type == "cuda":
        return torch.device("cuda", torch.cuda.current_device() if device.index is None else device.index)
    return torch.device(device.type)


def resolve_all(names: str) -> tuple[torch.device, ...]:
    """The devices to share the work between.

    Args:
        names: `all` for every CUDA GPU (without one, as `auto`), or names as `resolve` takes them, separated by
            commas; a device named twice gets two shares.

    Returns:
        The devices, at least one.

    Raises:
        ConfigError: If there is no name, or this machine lacks one of the devices.
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
    """Context of full float32 precision and reproducible numbers: no TF32, no non-deterministic cuDNN kernel.

    By default torch lets convolutions round their inputs to ten-bit mantissas (TF32) on recent GPUs.

    Args:
        tf32: Allow TF32 in convolutions and matrix products.
    """
    before = torch.get_float32_matmul_precision()
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=tf32):
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


def environment(device: torch.device) -> dict[str, Any]:
    """The software and hardware to record beside a measurement.

    Args:
        device: The device that computes it.

    Returns:
        Versions, the device and its name, and the number of CPU threads.
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
