"""Derived seeds: pinned values, the same in every process, one stream apart from the next."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lininterp_cli
from lininterp_cli.config.seeds import derive

SEEDS = st.integers(min_value=0, max_value=2**64)
WORDS = st.text(alphabet="abcxyz", min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((0,), 3456079177858693020),
        ((0, "weights"), 133441691874178746),
        ((1, "weights"), 5164344575451445340),
        ((0, "order"), 5231958647509549229),
        ((0, "order", 0), 3955691223199900983),
        ((0, "order", 17), 4770856272766977495),
        ((42, "reset", "layer4.1"), 6882300824594167403),
        ((1099511627776, "noise", "é"), 1979227155718133423),
    ],
)
def test_streams_are_pinned(names: tuple[int | str, ...], expected: int) -> None:
    seed, *rest = names
    assert isinstance(seed, int)
    assert derive(seed, *rest) == expected


@settings(deadline=None)
@given(seed=SEEDS, names=st.lists(st.one_of(WORDS, st.integers(0, 1000)), max_size=3))
def test_a_stream_fits_every_generator(seed: int, names: list[str | int]) -> None:
    assert 0 <= derive(seed, *names) < 2**63


@settings(deadline=None)
@given(seed=SEEDS, other=SEEDS, names=st.lists(WORDS, max_size=3), others=st.lists(WORDS, max_size=3))
def test_streams_of_another_name_or_seed_differ(seed: int, other: int, names: list[str], others: list[str]) -> None:
    same = (seed, names) == (other, others)
    assert (derive(seed, *names) == derive(other, *others)) is same


def test_python_hash_seeds_change_nothing() -> None:
    code = "from lininterp_cli.config.seeds import derive; print(derive(7, 'order', 3))"
    root = Path(lininterp_cli.__file__).parents[1]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {f"{derive(7, 'order', 3)}\n"}
