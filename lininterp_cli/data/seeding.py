"""Seeding of the global random generators, from which networks and a user's own functions draw."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np
import torch

_NUMPY_SEEDS = 2**32
"""NumPy's global generator takes seeds below it."""


@contextlib.contextmanager
def seeded(device: torch.device, seed: int) -> Iterator[None]:
    """Context of seeded global generators of torch, NumPy and Python, which are restored afterwards.

    Args:
        device: The device whose generator is seeded, besides that of the CPU.
        seed: The seed.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []), contextlib.ExitStack() as after:
        # torch.manual_seed would reach the caller's other accelerators too.
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        elif device.type == "mps":
            after.callback(torch.mps.set_rng_state, torch.mps.get_rng_state())
            torch.mps.manual_seed(seed)
        # A user's own network or data may draw from these.
        after.callback(random.setstate, random.getstate())
        random.seed(seed)
        after.callback(np.random.set_state, np.random.get_state())
        np.random.seed(seed % _NUMPY_SEEDS)
        yield
