"""Summaries of runs with known numbers, and the way from a run to its summary."""

import pytest

from lininterp_cli.view.runs.summary import Summary, Worst


@pytest.fixture(scope="session")
def run():
    """Makes a summary from its place in time, its accuracy, the height of its worst barrier, and its settings."""

    def make(place, accuracy=None, height=None, **settings):
        worst = None if height is None else Worst(height=height, alpha=0.5, block="fc", definition="rise", curve="full")
        return Summary(
            id=f"run-{place}", name="", state="finished", accuracy=accuracy, worst=worst, created=float(place),
            settings=settings, tags=("old",) if place % 2 else (),
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def same():
    """The way from a summary to itself."""
    return lambda one: one
