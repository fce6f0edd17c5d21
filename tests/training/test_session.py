"""One run being trained: what it writes, and that it goes on as if it had never been stopped."""

import contextlib
import json
import math
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from lininterp_cli.errors import StoreError
from lininterp_cli.models.blocks import groups
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.evaluation import evaluate, frozen, sample
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import config_of, train

Want = Callable[..., Request]
DIGITS = {"name": "digits", "train_size": 70, "augment": True}
RECIPES: dict[str, dict[str, Any]] = {
    "momentum": {},
    "multirate, blocks of their own": {
        "optimizer": {"name": "multirate", "k": 2},
        "block_lr": {"fc1": 0.02},
        "block_weight_decay": {"fc2": 0.1},
        "block_init_scale": {"fc2": 1.5},
    },
    "adam, one cycle after a warm-up": {
        "optimizer": {"name": "adam"},
        "schedule": {"name": "onecycle", "warmup_epochs": 0.5},
    },
    "crops, BatchNorm, float16": {
        "data": DIGITS,
        "model": {"name": "resnet8", "width": 2},
        "training": {"dtype": "float16"},
        "schedule": {"name": "step"},
    },
    "dropout, crops, cosine, bfloat16": {
        "data": DIGITS,
        "model": {"name": "vit-tiny", "width": 8, "depth": 1, "heads": 2, "dropout": 0.1},
        "optimizer": {"name": "adamw"},
        "schedule": {"name": "cosine"},
        "training": {"dtype": "bfloat16"},
    },
}


def unclocked(run: Run) -> list[dict[str, Any]]:
    """The rows of `metrics.jsonl` without what a clock says."""
    return [{k: v for k, v in row.items() if k not in ("seconds", "examples_per_second")} for row in run.metrics()]


def stop(request: Request, listener: Any) -> Run:
    with pytest.raises(KeyboardInterrupt):
        train(request, listener)
    (run,) = request.store.runs()
    assert run.record.status == run.status() == "interrupted"
    assert not run.checkpoint_path("final").exists()
    return run


def check_same(run: Run, other: Run) -> None:
    assert run.id == other.id
    assert run.record.status == other.record.status == "finished"
    assert run.checkpoints() == other.checkpoints()
    for name in run.checkpoints():
        assert run.checkpoint_path(name).read_bytes() == other.checkpoint_path(name).read_bytes(), name
    assert unclocked(run) == unclocked(other)
    kept = ("config", "digest", "epoch", "error", "save_at", "result", "distance", "distance_total")
    assert [getattr(run.record, key) for key in kept] == [getattr(other.record, key) for key in kept]
    assert not run.resume_folder.exists()
    assert not list(run.folder.rglob(".*"))


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("moments", [[(1, 1)], [(2, 2)], [(1, 3), (2, 1), (3, 2)]], ids=str)
def test_going_on_after_ctrl_c_is_as_if_never_stopped(
    want: Want, silent: Any, stopping: Any, name: str, moments: list[tuple[int, int]]
) -> None:
    whole = train(want(RECIPES[name], runs="whole", save_at=(1,)), silent)
    request = want(RECIPES[name], runs="parts", save_at=(1,))
    for epoch, step in moments:
        stopped = stop(request, stopping(epoch, step))
        assert stopped.record.epoch == epoch - 1
    check_same(train(request, silent), whole)


DRAWING = """
import random
import numpy as np
from torch import nn

class Net(nn.Sequential):
    def forward(self, inputs):
        if self.training:
            inputs = inputs * random.random() + np.random.rand()
        return super().forward(inputs)

def make(shape, num_classes):
    return Net(nn.Linear(2, num_classes))
"""


def test_so_it_is_for_a_network_that_draws_by_numpy_and_python(
    want: Want, silent: Any, stopping: Any, tmp_path: Path
) -> None:
    (tmp_path / "nets.py").write_text(DRAWING)
    settings = {"model": {"name": f"{tmp_path}/nets.py:make"}}
    whole = train(want(settings, runs="whole"), silent)
    request = want(settings, runs="parts")
    stop(request, stopping(2, 2))
    check_same(train(request, silent), whole)


FADING = """
from torch import optim

class Fading(optim.SGD):
    def step(self, closure=None):
        for group in self.param_groups:
            group["num_steps"] = group.get("num_steps", 0) + 1
            group["weight_decay"] = 0.5 / group["num_steps"]
        return super().step(closure)

def fading(parameters, fused, *, lr: float = 0.1):
    return Fading(parameters, lr=lr)
"""


def test_so_it_is_for_an_optimizer_that_counts_in_its_groups(
    want: Want, silent: Any, stopping: Any, tmp_path: Path
) -> None:
    (tmp_path / "opts.py").write_text(FADING)
    settings = {"optimizer": {"name": f"{tmp_path}/opts.py:fading"}}
    whole = train(want(settings, runs="whole"), silent)
    request = want(settings, runs="parts")
    stop(request, stopping(2, 2))
    check_same(train(request, silent), whole)


def test_a_position_without_groups_as_older_versions_wrote_it_is_read(want: Want, silent: Any, stopping: Any) -> None:
    whole = train(want(runs="whole"), silent)
    request = want(runs="parts")
    run = stop(request, stopping(2, 2))
    position = json.loads(run.position_path.read_text())
    assert position.pop("groups")
    run.position_path.write_text(json.dumps(position))
    check_same(train(request, silent), whole)


def test_the_listener_hears_everything_in_order(want: Want, silent: Any, stopping: Any) -> None:
    class Noting:
        def __init__(self) -> None:
            self.heard: list[Any] = []

        def started(self, run: Run, epoch: int) -> None:
            assert run.is_locked()
            self.heard.append(("started", epoch))

        def stepped(self, epoch: int, done: int, total: int) -> None:
            self.heard.append((epoch, done, total))

        def measured(self, row: dict[str, Any]) -> None:
            self.heard.append(row["epoch"])

    first, second = Noting(), Noting()
    train(want(), first)
    steps = [[(epoch, done, 3) for done in (1, 2, 3)] + [epoch] for epoch in (1, 2, 3)]
    assert first.heard == [("started", 0), 0, *steps[0], *steps[1], *steps[2]]
    request = want(runs="parts")
    stop(request, stopping(3, 2))
    train(request, second)
    assert second.heard == [("started", 2), *steps[2]]


def test_the_rows_are_what_evaluation_says(want: Want, silent: Any) -> None:
    request = want({"data": DIGITS, "model": {"name": "resnet8", "width": 2}, "schedule": {"name": "cosine"}},
                   save_at=(1, 2, 3))  # fmt: skip
    run = train(request, silent)
    config = config_of(run)
    dataset = recipe.load_dataset(config, request.data_folder)
    model = frozen(recipe.network(config, dataset)())
    rows = run.metrics()
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3]
    for row, name in zip(rows, ["initial", "epoch-1", "epoch-2", "epoch-3"], strict=True):
        state = load_checkpoint(run, name)
        for split in ("train", "test"):
            metrics = evaluate(model, state, sample(getattr(dataset, split)), dataset.normalise)
            assert (row[f"{split}_loss"], row[f"{split}_accuracy"]) == (metrics.loss, metrics.accuracy)
    assert rows[0].keys() == {"epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds"}
    assert all(row.keys() - rows[0].keys() == {"lr", "batch_loss", "examples_per_second"} for row in rows[1:])
    for name, row in (("initial", rows[0]), ("final", rows[-1])):
        assert run.record.result[name] == {
            key: row[key] for key in ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
        }
    assert [row["seconds"] for row in rows] == sorted(row["seconds"] for row in rows)
    assert run.checkpoint_path("final").read_bytes() == run.checkpoint_path("epoch-0003").read_bytes()


def test_the_record_has_each_block_s_distance(want: Want, silent: Any) -> None:
    run = train(want({"model": {"name": "mlp", "width": 6, "norm": "batch"}}), silent)
    start, end = load_checkpoint(run, "initial"), load_checkpoint(run, "final")
    config = config_of(run)
    model = recipe.network(config, recipe.load_dataset(config, run.folder))()
    squares = {
        name: math.fsum(float(((end[n].double() - start[n].double()) ** 2).sum()) for n in group.parameters)
        for name, group in groups(model, "block").items()
    }
    assert run.record.distance.keys() == squares.keys()
    for name, square in squares.items():
        assert run.record.distance[name] == pytest.approx(math.sqrt(square))
    assert run.record.distance_total == pytest.approx(math.sqrt(math.fsum(squares.values())))
    assert all(value > 0 for value in squares.values())
    norms = {
        name: math.sqrt(math.fsum(float((start[n].double() ** 2).sum()) for n in group.parameters))
        for name, group in groups(model, "block").items()
    }
    assert run.record.initial_norm == pytest.approx(norms)
    assert run.record.initial_norm_total == pytest.approx(math.hypot(*norms.values()))


def test_the_record_says_how_it_was_computed(want: Want, silent: Any) -> None:
    run = train(want(), silent)
    assert run.record.environment["torch"] == torch.__version__
    assert run.record.times["created"] <= run.record.times["finished"]
    assert run.record.times["seconds"] > 0
    assert run.record.epoch == 3
    assert run.record.num_parameters == 6 * 2 + 6 + 6 * 6 + 6 + 6 * 2 + 2
    assert run.record.num_classes == 2


def test_no_training_measures_the_initial_weights(want: Want, silent: Any) -> None:
    run = train(want({"training": {"epochs": 0}}), silent)
    assert [row["epoch"] for row in run.metrics()] == [0]
    assert run.record.result["initial"] == run.record.result["final"]
    assert run.checkpoint_path("final").read_bytes() == run.checkpoint_path("initial").read_bytes()


# How often it is measured


def test_weights_and_ends_are_the_same_however_often_a_run_is_measured(want: Want, silent: Any, stopping: Any) -> None:
    def settings(eval_every: int) -> dict[str, Any]:
        return {**RECIPES["dropout, crops, cosine, bfloat16"], "training": {"epochs": 5, "eval_every": eval_every}}

    whole = train(want(settings(1), runs="whole", save_at=(1,)), silent)
    seldom = train(want(settings(3), runs="seldom", save_at=(1,)), silent)
    request = want(settings(3), runs="parts", save_at=(1,))
    stop(request, stopping(3, 1))
    assert unclocked(train(request, silent)) == unclocked(seldom)
    assert seldom.id == whole.id
    assert seldom.record.result == whole.record.result
    for name in whole.checkpoints():
        assert seldom.checkpoint_path(name).read_bytes() == whole.checkpoint_path(name).read_bytes()
    metrics = {"train_loss", "train_accuracy", "test_loss", "test_accuracy"}
    for row, full in zip(unclocked(seldom), unclocked(whole), strict=True):
        is_due = row["epoch"] in {0, 1, 3, 5}  # the first, the kept one, the third, the last
        assert row == (full if is_due else {key: value for key, value in full.items() if key not in metrics})


def test_a_loss_that_is_not_finite_ends_a_run_between_measurements(want: Want, silent: Any) -> None:
    run = train(want({"optimizer": {"lr": 1e30}, "training": {"epochs": 60, "eval_every": 60}}), silent)
    assert run.record.status == "diverged"
    assert run.record.epoch < 5


# Divergence


EASY = {"optimizer": {"name": "adam", "lr": 0.03}, "training": {"epochs": 60}}


def test_training_ends_where_the_accuracy_is_reached(want: Want, silent: Any, stopping: Any) -> None:
    whole = train(want(EASY, runs="whole"), silent)
    accuracy = [row["train_accuracy"] for row in whole.metrics()]
    goal = 0.75
    first = next(epoch for epoch, value in enumerate(accuracy) if value >= goal)
    assert 1 < first < 60
    settings = {**EASY, "training": {"epochs": 60, "stop_accuracy": goal}}
    run = train(want(settings, save_at=(first, first + 1)), silent)
    assert run.record.status == "finished"
    assert run.record.epoch == first
    assert run.record.config["training"]["stop_accuracy"] == goal
    assert unclocked(run) == unclocked(whole)[: first + 1]
    assert run.record.result["final"]["train_accuracy"] == accuracy[first]
    assert run.checkpoints() == ["initial", f"epoch-{first:04d}", "final"]
    last, final = load_checkpoint(run, f"epoch-{first}"), load_checkpoint(run, "final")
    assert all(torch.equal(last[name], final[name]) for name in final)
    assert not run.resume_folder.exists()
    # The schedule is that of the whole 60 epochs, and a run that is stopped on the way ends at the same place.
    request = want(settings, runs="parts", save_at=(first, first + 1))
    stop(request, stopping(first, 1))
    check_same(train(request, silent), run)


def test_a_run_stopped_after_its_accuracy_was_reached_trains_no_further(
    want: Want, silent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {**EASY, "training": {"epochs": 60, "stop_accuracy": 0.75}}
    whole = train(want(settings, runs="whole"), silent)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("lininterp_cli.training.outcome.distances", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(want(settings), silent)
    (stopped,) = want().store.runs()
    assert stopped.record.epoch == whole.record.epoch
    check_same(train(want(settings), silent), whole)


def test_an_accuracy_that_is_there_at_once_trains_nothing(want: Want, silent: Any) -> None:
    run = train(want({"training": {"stop_accuracy": 1e-9}}), silent)
    assert (run.record.status, run.record.epoch) == ("finished", 0)
    assert load_file(run.checkpoint_path("final")).keys() == load_file(run.checkpoint_path("initial")).keys()
    assert run.record.distance_total == 0


def test_an_accuracy_of_1_is_no_goal(want: Want, silent: Any) -> None:
    settings = {"data": {"num_train": 4, "num_test": 4}, "optimizer": {"lr": 0.05}, "training": {"epochs": 40}}
    run = train(want(settings), silent)
    assert [row["train_accuracy"] for row in run.metrics()].count(1.0) > 1
    assert run.record.epoch == 40


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


EXPLODING = {"optimizer": {"name": "sgd", "lr": 1e6}, "training": {"epochs": 30, "batch_size": 90}}


def test_a_loss_that_is_not_finite_ends_the_run(want: Want, silent: Any) -> None:
    request = want(EXPLODING)
    run = train(request, silent)
    assert run.record.status == run.status() == "diverged"
    rows = [strict(line) for line in run.metrics_path.read_text().splitlines()]
    assert rows[-1]["train_loss"] is None
    assert all(row["train_loss"] is not None for row in rows[:-1])
    good = rows[-2]["epoch"]
    assert good >= 1
    assert run.record.epoch == good
    assert run.record.error == f"the loss was not finite in epoch {good + 1}"
    assert run.checkpoints() == ["initial", f"epoch-{good:04d}"]
    assert not run.resume_folder.exists()
    assert strict(run.record_path.read_text())["status"] == "diverged"
    # The kept weights are those whose loss stands in the last good row.
    config = config_of(run)
    dataset = recipe.load_dataset(config, request.data_folder)
    state = load_checkpoint(run, f"epoch-{good}")
    metrics = evaluate(frozen(recipe.network(config, dataset)()), state, sample(dataset.train), dataset.normalise)
    assert metrics.loss == rows[-2]["train_loss"]


def test_a_run_that_diverges_at_once_keeps_its_initial_weights(want: Want, silent: Any) -> None:
    run = train(want({"optimizer": {"name": "sgd", "lr": 1e30}, "training": {"batch_size": 8}}), silent)
    assert (run.record.status, run.record.epoch, run.checkpoints()) == ("diverged", 0, ["initial"])
    assert strict(run.metrics_path.read_text().splitlines()[-1])["train_loss"] is None


def test_statistics_that_are_not_finite_end_the_run_though_the_loss_is_finite(want: Want, silent: Any) -> None:
    settings = {
        "data": {"name": "spiral", "num_train": 60, "num_test": 20},
        "model": {"name": "mlp", "width": 8, "norm": "batch"},
        "optimizer": {"name": "sgd", "lr": 1e6},
        "training": {"epochs": 4, "batch_size": 16},
    }
    run = train(want(settings), silent)
    rows = [strict(line) for line in run.metrics_path.read_text().splitlines()]
    assert rows[-1]["train_loss"] is not None
    assert rows[-1]["batch_loss"] is not None
    assert run.record.status == "diverged"
    assert run.record.error == f"the weights or BatchNorm statistics were not finite in epoch {rows[-1]['epoch']}"
    assert "final" not in run.checkpoints()
    for name in run.checkpoints():
        assert all(tensor.isfinite().all() for tensor in load_checkpoint(run, name).values())


def test_a_diverged_run_stays_so(want: Want, silent: Any) -> None:
    run = train(want(EXPLODING), silent)
    before = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    assert train(want(EXPLODING), silent).record.status == "diverged"
    assert before == {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}


# Damage


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 64
    path.write_bytes(content)


def without_momentum(path: Path) -> None:
    save_file({name: t for name, t in load_file(path).items() if name.startswith("model.")}, path)


DAMAGE: dict[str, Callable[[Run], object]] = {
    "a weight": lambda run: flip(run.resume_folder / "epoch-0002.safetensors"),
    "no momentum": lambda run: without_momentum(run.resume_folder / "epoch-0002.safetensors"),
    "tensors gone": lambda run: (run.resume_folder / "epoch-0002.safetensors").unlink(),
    "position cut": lambda run: (run.resume_folder / "position.json").write_text('{"schema": 1, "ep'),
    "rows gone": lambda run: run.metrics_path.unlink(),
    "a row gone": lambda run: run.metrics_path.write_text(
        "".join(line + "\n" for line in run.metrics_path.read_text().splitlines() if '"epoch": 1' not in line)
    ),
    "an epoch of another kind": lambda run: run.metrics_path.write_text(
        run.metrics_path.read_text().replace('"epoch": 1,', '"epoch": "1",')
    ),
    "last row torn": lambda run: run.metrics_path.write_text(run.metrics_path.read_text()[:-60]),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_damaged_is_never_half_gone_on_with(want: Want, silent: Any, stopping: Any, kind: str) -> None:
    request = want()
    stopped = stop(request, stopping(3, 1))
    DAMAGE[kind](stopped)
    for _ in range(2):
        with pytest.raises(StoreError):
            train(request, silent)
        (run,) = request.store.runs()
        assert run.record.status == "failed"
        assert run.record.error
        assert not run.checkpoint_path("final").exists()
    check_same(train(want(force=True), silent), train(want(runs="whole"), silent))


def test_a_torn_row_past_the_position_does_no_harm(want: Want, silent: Any, stopping: Any) -> None:
    request = want()
    stopped = stop(request, stopping(3, 1))
    with stopped.metrics_path.open("a") as file:
        file.write('{"epoch": 3, "train_lo')
    check_same(train(request, silent), train(want(runs="whole"), silent))


def test_a_position_ahead_of_the_record_counts(want: Want, silent: Any, stopping: Any) -> None:
    request = want()
    stopped = stop(request, stopping(3, 1))
    stopped.record.epoch, stopped.record.status = 1, "running"
    stopped.record.write(stopped.record_path)
    check_same(train(request, silent), train(want(runs="whole"), silent))


@contextlib.contextmanager
def files_of_at_most(num_bytes: int) -> Iterator[None]:
    """What a full disk does to a write, without filling one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


WIDE = {"model": {"name": "mlp", "width": 40}}  # 7 kB of weights, a record of less than 3


def test_a_full_disk_is_an_error_of_ours_and_the_run_goes_on_later(want: Want, silent: Any) -> None:
    whole = train(want(WIDE, runs="whole"), silent)

    class Filling:
        """The disk runs full at the end of epoch 2, once the initial weights and a position are there."""

        def __init__(self, limit: contextlib.ExitStack) -> None:
            self._limit = limit

        def started(self, run: Run, epoch: int) -> None:
            pass

        def stepped(self, epoch: int, done: int, total: int) -> None:
            if (epoch, done) == (2, total):
                self._limit.enter_context(files_of_at_most(5000))

        def measured(self, row: dict[str, Any]) -> None:
            pass

    request = want(WIDE)
    with contextlib.ExitStack() as limit, pytest.raises(StoreError, match=r"cannot write .*--runs"):
        train(request, Filling(limit))
    (run,) = request.store.runs()
    assert (run.record.status, run.record.epoch) == ("failed", 1)
    assert "cannot write" in str(run.record.error)
    assert not list(run.folder.rglob(".*"))  # no half of a file is left
    check_same(train(request, silent), whole)


def test_a_disk_that_is_full_at_the_start_is_an_error_of_ours(want: Want, silent: Any) -> None:
    request = want(WIDE)
    with files_of_at_most(5000), pytest.raises(StoreError, match="cannot write"):
        train(request, silent)
    check_same(train(request, silent), train(want(WIDE, runs="whole"), silent))


def test_rows_that_cannot_be_written_are_an_error_of_ours(want: Want, silent: Any, stopping: Any) -> None:
    class Blocking:
        def started(self, run: Run, epoch: int) -> None:
            run.metrics_path.unlink()
            run.metrics_path.mkdir()

        stepped = measured = staticmethod(lambda *_: None)

    request = want()
    with pytest.raises(StoreError, match="cannot write"):
        train(request, Blocking())
    (run,) = request.store.runs()
    run.metrics_path.rmdir()
    check_same(train(request, silent), train(want(runs="whole"), silent))


def test_a_bug_is_noted_and_passed_on(want: Want, silent: Any) -> None:
    class Broken:
        started = measured = told = staticmethod(lambda *_: None)

        def stepped(self, epoch: int, done: int, total: int) -> None:
            if epoch == 2:
                raise ZeroDivisionError("one line\nand another")

    request = want()
    with pytest.raises(ZeroDivisionError):
        train(request, Broken())
    (run,) = request.store.runs()
    assert (run.record.status, run.record.error) == ("failed", "ZeroDivisionError: one line")
    again = train(request, silent)
    assert again.record.error is None
    check_same(again, train(want(runs="whole"), silent))


def test_ctrl_c_after_the_end_leaves_a_finished_run(want: Want, silent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    really = shutil.rmtree

    def interrupted(path: Path, **options: Any) -> None:
        if (path / "position.json").exists():
            raise KeyboardInterrupt
        really(path, **options)

    request = want()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(request, silent)
    (run,) = request.store.runs()
    assert run.record.status == "finished"
    assert train(request, silent).record.status == "finished"


def test_saved_epochs_are_the_weights_of_shorter_runs(want: Want, silent: Any) -> None:
    """With a constant rate a run of three epochs passes through the end of a run of two."""
    run = train(want(save_at=(2,)), silent)
    shorter = train(want({"training": {"epochs": 2}}), silent)
    states: list[dict[str, Tensor]] = [load_checkpoint(run, "epoch-2"), load_checkpoint(shorter, "final")]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert run.checkpoints() == ["initial", "epoch-0002", "final"]


def test_a_run_in_a_store_elsewhere_is_untouched(want: Want, silent: Any, tmp_path: Path) -> None:
    train(want(runs="one"), silent)
    assert Store(tmp_path / "two").runs() == []
