"""Curves and runs with known numbers."""

import math

import pytest

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.store import Store

ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)


def _values(loss):
    return Values(
        num_examples=360,
        loss=tuple(loss),
        loss_stderr=tuple(0.01 for _ in loss),
        accuracy=tuple(max(0.0, 1 - value / 3) if math.isfinite(value) else 0.1 for value in loss),
    )


@pytest.fixture
def make_curve():
    """Builds a curve of the full path and two blocks from `losses`: label to five values."""

    def make(losses=None, *, run="run-1", name="initial-final-block", start=None, end=None):
        losses = losses or {
            "all": (2.3, 1.9, 1.4, 0.6, 0.1),
            "conv1": (0.9, 1.5, 0.5, 0.2, 0.1),
            "fc": (0.4, 0.3, 0.2, 0.15, 0.1),
        }
        series = tuple(
            Series(
                block=None if label == "all" else label,
                tensors=(f"{label}.weight",),
                distance=1.5,
                alphas=ALPHAS,
                splits={"test": _values(loss), "train": _values([value * 0.9 for value in loss])},
            )
            for label, loss in losses.items()
        )
        return Curve(
            name=name,
            run=run,
            start={"run": run, "checkpoint": "initial"} if start is None else start,
            end={"run": run, "checkpoint": "final"} if end is None else end,
            by="block",
            rest="final",
            bn="running",
            dtype="float32",
            batch_size=512,
            series=series,
        )

    return make


@pytest.fixture
def make_run(tmp_path):
    """Builds a finished run on the disk; keywords replace what its record says."""

    def make(run_id="run-1", **changes):
        known = {
            "id": run_id,
            "config": {
                "data": {"name": "digits", "train_size": 1.0},
                "model": {"name": "resnet8", "width": 16},
                "optimizer": {"name": "momentum", "lr": 0.1},
                "training": {"epochs": 10},
                "seed": 0,
            },
            "status": "finished",
            "times": {"created": "2026-01-02T03:04:05+00:00", "seconds": 12.0},
            "num_parameters": 78042,
            "epoch": 10,
            "result": {
                "initial": {"test_accuracy": 0.1, "test_loss": 2.36, "train_accuracy": 0.11, "train_loss": 2.35},
                "final": {"test_accuracy": 0.9512, "test_loss": 0.15, "train_accuracy": 1.0, "train_loss": 0.01},
            },
            "distance": {"conv1": 2.0, "fc": 4.0},
            "distance_total": 4.47,
        }
        store = Store(tmp_path)
        run = store.run(Record(**(known | changes)))
        run.record.write(run.record_path)
        return run

    return make


@pytest.fixture
def show():
    """Renders anything as lines of text for a terminal of so many columns, and checks that they fit."""
    from rich.console import Console

    def render(renderable, width=80):
        console = Console(width=width, color_system=None, highlight=False, markup=True, force_terminal=False)
        with console.capture() as capture:
            console.print(renderable)
        lines = capture.get().rstrip("\n").split("\n")
        assert all(len(line) <= width for line in lines)
        assert "\x1b" not in capture.get()
        return [line.rstrip() for line in lines]

    return render
