"""The global generators, which other people's code draws from."""

import random
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
import torch

from lininterp_cli.data.seeding import seeded

DRAWS: dict[str, Callable[[], float]] = {
    "torch": lambda: float(torch.rand(())),
    "numpy": lambda: float(np.random.rand()),
    "python": random.random,
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("seed", [0, 2**32 + 5, 2**63 - 1])
def test_every_global_generator_is_seeded_and_restored(name: str, seed: int) -> None:
    draw, found = DRAWS[name], []
    for one in (seed, seed, seed - 1 if seed else 1):
        with seeded(torch.device("cpu"), seed):
            expected = draw()
        draw()
        with seeded(torch.device("cpu"), one):
            found.append(draw())
    assert found[0] == found[1] == expected != found[2]


@pytest.mark.parametrize("name", DRAWS)
def test_the_caller_goes_on_where_it_was(name: str) -> None:
    draw = DRAWS[name]
    with seeded(torch.device("cpu"), 3):
        expected = [draw(), draw()]
    with seeded(torch.device("cpu"), 3):
        found = [draw()]
        with suppress(ValueError), seeded(torch.device("cpu"), 4):
            draw()
            raise ValueError
        found.append(draw())
    assert found == expected


def test_draws_on_mps_are_seeded_and_its_generator_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    # A generator of the CPU in place of that of a device that is not here.
    theirs = torch.Generator().manual_seed(5)
    monkeypatch.setattr(torch.mps, "get_rng_state", theirs.get_state)
    monkeypatch.setattr(torch.mps, "set_rng_state", theirs.set_state)
    monkeypatch.setattr(torch.mps, "manual_seed", theirs.manual_seed)
    before, draws = theirs.get_state(), []
    for _ in range(2):
        with seeded(torch.device("mps"), 7):
            draws.append(torch.rand(3, generator=theirs))
        assert theirs.get_state().equal(before)
    assert draws[0].equal(draws[1])
    assert draws[0].equal(torch.rand(3, generator=torch.Generator().manual_seed(7)))
