"""One run in one row."""

import math
from dataclasses import replace

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.curves.figures import differing_columns, figures
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.store import Store


def _run(tmp_path, **changes):
    record = Record(
        id="a",
        config={"seed": 0, "model": {"name": "mlp"}},
        status="finished",
        result={"final": {"train_loss": 0.0, "train_accuracy": 1.0, "test_loss": 0.5, "test_accuracy": None}},
        distance={"fc1": 0.0, "fc2": 2.0},
        distance_total=2.0,
    )
    for key, value in changes.items():
        setattr(record, key, value)
    return Store(tmp_path).run(record)


def _curve():
    def series(block, loss):
        values = Values(num_examples=4, loss=loss, loss_stderr=(0.0,) * 3, accuracy=(0.0,) * 3, split_size=4)
        return Series(block=block, tensors=(), distance=0.0, alphas=(0.0, 0.5, 1.0), splits={"test": values})

    return Curve(
        name="by-block",
        run="a",
        start={"run": "a", "checkpoint": "initial"},
        end={"run": "a", "checkpoint": "final"},
        by="block",
        rest="final",
        bn="running",
        dtype="float32",
        batch_size=512,
        series=(series(None, (2.0, 2.5, 0.5)), series("fc1", (math.nan,) * 3)),
    )


def test_a_row_holds_metrics_distances_barriers_and_settings(tmp_path):
    row = figures(_run(tmp_path), _curve(), "test", "rise")
    assert (row["train_loss"], row["test_accuracy"]) == (0.0, None)
    assert (row["distance"], row["distance.fc1"], row["distance.fc2"]) == (2.0, 0.0, 2.0)
    assert (row["curve"], row["complete"]) == ("by-block", True)
    assert (row["barrier"], row["alpha"], row["monotone"]) == (0.5, 0.5, False)
    assert (row["barrier.fc1"], row["alpha.fc1"], row["monotone.fc1"]) == (None, None, None)
    assert (row["config.seed"], row["config.model.name"]) == (0, "mlp")


def test_a_run_without_a_curve_has_no_barrier(tmp_path):
    row = figures(_run(tmp_path), None, "test", "rise")
    assert (row["curve"], row["complete"]) == (None, None)
    assert "barrier" not in row


def test_a_preview_says_that_it_is_not_complete(tmp_path):
    assert figures(_run(tmp_path), replace(_curve(), complete=False), "test", "rise")["complete"] is False


def test_only_settings_that_differ_stay_and_every_row_has_every_column(tmp_path):
    rows = [
        figures(_run(tmp_path), _curve(), "test", "rise"),
        figures(_run(tmp_path, config={"seed": 1, "model": {"name": "mlp"}}), None, "test", "rise"),
    ]
    kept = differing_columns(rows)
    assert kept[0].keys() == kept[1].keys()
    assert [row["config.seed"] for row in kept] == [0, 1]
    assert "config.model.name" not in kept[0]
    assert kept[1]["barrier"] is None
