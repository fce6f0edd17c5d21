"""Training one run from its last position to the end, and writing its files on the way."""

import json
import math
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import torch

from lininterp_cli.config.own import is_own
from lininterp_cli.config.run import RunConfig
from lininterp_cli.data.dataset import Dataset
from lininterp_cli.errors import StoreError
from lininterp_cli.models.blocks import statistics_of, whole
from lininterp_cli.models.state import State, state_of
from lininterp_cli.runs.files import finite, remove_leftovers, replace
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import last_good, load_position, save_position, save_state
from lininterp_cli.training.determined import check_agreement
from lininterp_cli.training.device import environment
from lininterp_cli.training.evaluation import frozen, sample
from lininterp_cli.training.initial import blank
from lininterp_cli.training.loop import Trainee, fit
from lininterp_cli.training.outcome import metrics, tell_move


class Listener(Protocol):
    """Callbacks for the progress of a run; they must not change anything."""

    def started(self, run: Run, epoch: int) -> None:
        """Called when training begins, or resumes after the given epoch."""

    def stepped(self, epoch: int, done: int, total: int) -> None:
        """Called when `done` of the `total` steps of an epoch are done."""

    def measured(self, row: dict[str, Any]) -> None:
        """Called when an epoch's line of `metrics.jsonl` has been written."""

    def told(self, words: str) -> None:
        """Called with a remark about the run."""


class Session:
    """The training of one run; the caller must hold the run's lock.

    Args:
        run: The run; its record and its initial checkpoint are on the disk.
        config: Its resolved configuration.
        dataset: Its data set, on the device.
        initial: Its initial weights, on the CPU.
        listener: Receives the progress.
    """

    def __init__(self, run: Run, config: RunConfig, dataset: Dataset, initial: State, listener: Listener) -> None:
        self._run, self._config, self._dataset, self._initial = run, config, dataset, initial
        self._listener = listener
        self._device = dataset.train.labels.device
        self._probe = frozen(blank(recipe.network(config, dataset), config.seed)).to(self._device)
        self._checked = [*whole(self._probe).parameters, *statistics_of(self._probe)]
        self._splits = {"train": sample(dataset.train), "test": sample(dataset.test)}
        self._seconds_before = float(run.record.times.get("seconds") or 0.0)
        self._began = time.monotonic()

    def finish(self, trainee: Trainee) -> None:
        """Train from the run's last position, or from the start, to the end, and write the outcome to its record.

        Args:
            trainee: The network with its initial weights, and its optimizer.

        Raises:
            KeyboardInterrupt: If the user stopped it; the run can resume from its last finished epoch.
        """
        record = self._run.record
        record.status, record.error, record.environment = "running", None, environment(self._device)
        remove_leftovers(self._run.folder)
        self._write()
        try:
            load_position(self._run, trainee)
            record.epoch = trainee.epoch
            rows = self._rows(trainee.epoch)
            self._listener.started(self._run, trainee.epoch)
            if not rows:
                rows.append(self._measure(0, self._initial))
            record.result["initial"] = _result(rows[0])
            self._train(trainee, rows[-1])
        except KeyboardInterrupt:
            if record.status == "running":  # else it came during the clean-up after the end
                record.status = "interrupted"
            raise
        except BaseException as error:
            record.status, record.error = "failed", f"{type(error).__name__}: {error}".partition("\n")[0]
            raise
        finally:
            self._write()

    def _train(self, trainee: Trainee, row: dict[str, Any]) -> None:
        config, record, began = self._config, self._run.record, time.monotonic()
        epochs = fit(
            trainee,
            self._dataset,
            config.training,
            recipe.schedule(config),
            config.schedule.warmup_epochs,
            config.seed,
            lambda done, total: self._listener.stepped(trainee.epoch + 1, done, total),
        )
        first = trainee.epoch + 1
        while not self._is_enough(row) and (epoch := next(epochs, None)) is not None:
            speed = len(self._dataset.train) / max(time.monotonic() - began, 1e-9)
            state = state_of(trainee.model)
            # Training may have changed values of a user's network that are outside the state.
            if epoch.epoch == first and is_own(config.model.name):
                check_agreement(config.model.name, trainee.model, self._probe, state, self._dataset, self._device)
            row = self._measure(
                epoch.epoch, state, lr=epoch.lr, batch_loss=finite(epoch.loss), examples_per_second=round(speed, 1)
            )
            if not math.isfinite(epoch.loss) or row.get("train_loss", epoch.loss) is None:
                self._diverge("the loss was", epoch.epoch)
                return
            # The loss may be finite all the same: after an infinite running variance a layer's outputs are constant.
            if not self._is_finite(state):
                self._diverge("the weights or BatchNorm statistics were", epoch.epoch)
                return
            # Saved before the position: once that is saved, this epoch is not trained again.
            if epoch.epoch in record.save_at:
                save_state(self._run.checkpoint_path(f"epoch-{epoch.epoch:04d}"), state)
            save_position(self._run, trainee)
            record.epoch = epoch.epoch
            self._write()
            began = time.monotonic()
        self._conclude(trainee, row)

    def _is_enough(self, row: dict[str, Any]) -> bool:
        goal = self._config.training.stop_accuracy
        return goal < 1 and bool(row["train_accuracy"] >= goal)

    def _is_due(self, epoch: int) -> bool:
        """Whether both splits are to be measured after an epoch."""
        training = self._config.training
        return epoch % training.eval_every == 0 or epoch == training.epochs or epoch in self._run.record.save_at

    def _measure(self, epoch: int, state: State, **extra: Any) -> dict[str, Any]:
        is_due = self._is_due(epoch)
        found = metrics(self._probe, state, self._splits, self._dataset.normalise) if is_due else {}
        row: dict[str, Any] = {"epoch": epoch, **found, **extra, "seconds": self._seconds()}
        try:
            with self._run.metrics_path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, allow_nan=False) + "\n")
        except OSError as error:
            raise StoreError(f"cannot write {self._run.metrics_path}: {error.strerror}") from error
        self._listener.measured(row)
        return row

    def _rows(self, epoch: int) -> list[dict[str, Any]]:
        rows = [row for row in self._run.metrics() if isinstance(row.get("epoch"), int) and row["epoch"] <= epoch]
        if [row["epoch"] for row in rows] != list(range(epoch + 1)) and (rows or epoch):
            raise StoreError(f"cannot go on with {self._run.id}: metrics.jsonl lacks epochs; train with --force")
        _rewrite(self._run.metrics_path, rows)
        return rows

    def _is_finite(self, state: State) -> bool:
        """Whether all weights and BatchNorm statistics are; other buffers, such as masks, may be infinite."""
        return bool(torch.stack([state[name].isfinite().all() for name in self._checked]).all())

    def _diverge(self, problem: str, epoch: int) -> None:
        record = self._run.record
        record.error = f"{problem} not finite in epoch {epoch}"
        good = last_good(self._run)
        if good is not None:
            save_state(self._run.checkpoint_path(f"epoch-{good[0]:04d}"), good[1])
        self._end("diverged")

    def _conclude(self, trainee: Trainee, row: dict[str, Any]) -> None:
        record = self._run.record
        state = {name: tensor.cpu() for name, tensor in state_of(trainee.model).items()}
        save_state(self._run.checkpoint_path("final"), state)
        record.result["final"] = _result(row)
        tell_move(record, trainee.model, self._initial, state)
        self._end("finished")

    def _end(self, status: Any) -> None:
        self._run.record.status = status
        self._run.record.times["finished"] = now()
        self._write()
        shutil.rmtree(self._run.resume_folder, ignore_errors=True)

    def _seconds(self) -> float:
        return round(self._seconds_before + time.monotonic() - self._began, 3)

    def _write(self) -> None:
        self._run.record.times["seconds"] = self._seconds()
        self._run.record.write(self._run.record_path)


def now() -> str:
    """The present moment in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _result(row: dict[str, Any]) -> dict[str, float | None]:
    return {key: row[key] for key in ("train_loss", "train_accuracy", "test_loss", "test_accuracy")}


def _rewrite(path: Path, rows: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
    replace(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
