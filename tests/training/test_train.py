"""From a request to a run: the same in any process, after any crash, and never twice."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import lininterp_cli
from lininterp_cli.config.identity import run_id
from lininterp_cli.config.presets import configure
from lininterp_cli.errors import BusyError, ConfigError, NotFoundError, StoreError, UnknownNameError
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint, save_state
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import config_of, train

ROOT = Path(lininterp_cli.__file__).parents[1]
Want = Callable[..., Request]

PRELUDE = """
import json, os, signal, sys, time
from pathlib import Path
import torch
from lininterp_cli.config.presets import configure
from lininterp_cli.runs.store import Store
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import train

torch.set_num_threads(1)

class Silent:
    started = stepped = measured = told = staticmethod(lambda *_: None)

def want(folder, settings, **fields):
    return Request(config=configure(settings), store=Store(Path(folder)), data_folder=Path(folder),
                   device=torch.device("cpu"), **fields)
"""


def python(script: str, *arguments: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, *map(str, arguments)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def content(run: Run) -> dict[str, bytes]:
    return {str(path.relative_to(run.folder)): path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}


def times(run: Run) -> dict[str, int]:
    return {str(path.relative_to(run.folder)): path.stat().st_mtime_ns for path in run.folder.rglob("*")}


def weights(run: Run) -> str:
    return hashlib.sha256(run.checkpoint_path("final").read_bytes()).hexdigest()


def rows(run: Run) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in ("seconds", "examples_per_second")} for row in run.metrics()]


DIGITS = {
    "data": {"name": "digits", "train_size": 64, "augment": True},
    "model": {"name": "vit-tiny", "width": 8, "depth": 1, "heads": 2, "dropout": 0.1},
    "optimizer": {"name": "adam"},
    "schedule": {"name": "cosine"},
    "training": {"epochs": 3, "batch_size": 16},
}

TWICE = """
torch.manual_seed(int(time.time()))
for seed in (0, 1):
    run = train(want(sys.argv[1], json.loads(sys.argv[2]) | {"seed": seed}), Silent())
    print(run.id, flush=True)
"""


def test_another_process_gets_the_same_run(tmp_path: Path, silent: Any, want: Want) -> None:
    process = python(TWICE, tmp_path / "theirs", json.dumps(DIGITS))
    ours = [train(want(DIGITS | {"seed": seed}), silent) for seed in (0, 1)]
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert printed.split() == [run.id for run in ours]
    theirs = [Store(tmp_path / "theirs").existing(run.id) for run in ours]
    for our, their in zip(ours, theirs, strict=True):
        assert their is not None
        for name in ("initial", "final"):
            assert our.checkpoint_path(name).read_bytes() == their.checkpoint_path(name).read_bytes()
        assert rows(our) == rows(their)
    # Another seed is another run, with other weights at both ends.
    assert ours[0].id != ours[1].id
    for name in ("initial", "final"):
        states = [load_checkpoint(run, name) for run in ours]
        assert not torch.equal(states[0]["heads.head.weight"], states[1]["heads.head.weight"])


WAITING = """
class Waiting(Silent):
    def stepped(self, epoch, done, total):
        if [epoch, done] == json.loads(sys.argv[3]):
            print("here", flush=True)
            time.sleep(600)

train(want(sys.argv[1], json.loads(sys.argv[2]), save_at=(1,)), Waiting())
"""


def test_kill_9_loses_no_finished_epoch(tmp_path: Path, silent: Any, want: Want) -> None:
    whole = train(want(DIGITS, save_at=(1,)), silent)
    for epoch, step in ((1, 2), (3, 3)):
        process = python(WAITING, tmp_path / "killed", json.dumps(DIGITS), [epoch, step])
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        store = Store(tmp_path / "killed")
        (run,) = store.runs()
        assert run.status() == "running"
        with pytest.raises(StoreError, match="another process is at work"):
            train(want(DIGITS, runs="killed"), silent)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=300)
        process.stdout.close()
        (run,) = store.runs()
        assert (run.status(), run.record.status, run.record.epoch) == ("interrupted", "running", epoch - 1)
        assert not run.checkpoint_path("final").exists()
    run = train(want(DIGITS, runs="killed"), silent)
    assert run.record.status == "finished"
    assert run.checkpoints() == ["initial", "epoch-0001", "final"]
    assert weights(run) == weights(whole)
    assert rows(run) == rows(whole)
    assert not run.resume_folder.exists()


CRASHES = """
died_at, count, watched = 0, 0, ""

def kill(event, arguments):
    # Everything that changes the disk passes here before it happens.
    global count
    if not watched or event not in ("os.rename", "os.remove", "os.rmdir", "open"):
        return
    path = arguments[0] if isinstance(arguments[0], (str, os.PathLike)) else ""
    if event == "open" and (not str(path).startswith(watched) or arguments[1] in ("r", "rb", None)):
        return
    count += 1
    if count == died_at:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)

def attempt(folder, moment, force):
    # Trained in a child, so that a crash leaves this process, and its imports, for the next one.
    global died_at, count, watched
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        died_at, count, watched = moment, 0, folder
        try:
            run = train(want(folder, json.loads(sys.argv[2]), save_at=(1,), force=force), Silent())
            os.write(writing, f"{count} {run.status()}".encode())
        except BaseException as error:
            os.write(writing, f"{count} {type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    said = os.read(reading, 1000).decode()
    os.close(reading)
    return os.waitstatus_to_exitcode(status), said

# What was there before: nothing, a finished run, one that was killed after its first epoch.
for before in (None, 0, 28):
    moment, died, force = 0, True, before is not None
    while died and not (force and moment == 16):  # by then the old run is gone, and all else is as before
        moment += 1
        folder = f"{sys.argv[1]}/{before}-{moment:03d}"
        if force:
            attempt(folder, before, False)
            assert before == 0 or os.path.exists(f"{Store(folder).runs()[0].folder}/resume/position.json")
        code, said = attempt(folder, moment, force)
        died = code == -signal.SIGKILL
        if died:
            code, said = attempt(folder, 0, False)
        print(json.dumps({"folder": folder, "died": died, "code": code, "said": said}), flush=True)
"""


def test_a_crash_at_any_change_of_the_disk_is_made_good(tmp_path: Path, silent: Any, want: Want) -> None:
    settings = {
        "data": {"name": "spiral", "num_train": 40, "num_test": 20},
        "model": {"name": "mlp", "width": 4, "norm": "batch"},
        "training": {"epochs": 2, "batch_size": 20},
    }
    process = python(CRASHES, tmp_path / "crashes", json.dumps(settings))
    whole = train(want(settings, runs="whole", save_at=(1,)), silent)
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    attempts = [json.loads(line) for line in printed.splitlines()]
    assert sum(attempt["died"] for attempt in attempts) > 35
    for attempt in attempts:
        assert (attempt["code"], attempt["said"].split()[1:]) == (0, ["finished"]), attempt
        (run,) = Store(Path(attempt["folder"])).runs()
        assert run.checkpoints() == whole.checkpoints(), attempt
        for name in run.checkpoints():
            assert run.checkpoint_path(name).read_bytes() == whole.checkpoint_path(name).read_bytes(), attempt
        assert rows(run) == rows(whole), attempt
        assert (run.record.epoch, run.record.result) == (whole.record.epoch, whole.record.result), attempt
        assert run.record.distance == whole.record.distance, attempt


def test_a_finished_run_is_found_and_not_a_byte_of_it_changes(want: Want, silent: Any) -> None:
    class Deaf:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError("nothing is to be trained")

        def told(self, words: str) -> None:
            raise AssertionError(words)

    run = train(want(name="mine", tags=("a",), save_at=(1,)), silent)
    before, stamps = content(run), times(run)
    for fields in ({}, {"name": "mine"}, {"tags": ("a",)}, {"save_at": (0, 1, 3)}):
        again = train(want(**fields), Deaf())
        assert again.id == run.id
        assert again.record == run.record
    assert content(run) == before
    assert times(run) == stamps


def test_force_trains_anew_to_the_same_weights_and_removes_curves_and_measures(want: Want, silent: Any) -> None:
    run = train(want(name="old", tags=("a",), save_at=(1,)), silent)
    before = weights(run)
    run.curves_folder.mkdir()
    (run.curves_folder / "line.json").write_text("{}")
    run.measures_folder.mkdir()
    (run.measures_folder / "criticality.json").write_text("{}")
    changed = {name: tensor + 1 for name, tensor in load_checkpoint(run, "final").items()}
    save_state(run.checkpoint_path("final"), changed)
    assert weights(run) != before
    again = train(want(force=True), silent)
    assert again.id == run.id
    assert weights(again) == before
    assert rows(again) == rows(run)
    assert again.curve_paths() == []
    assert not run.measures_folder.exists()
    assert again.checkpoints() == ["initial", "final"]
    assert again.record.status == "finished"


def test_force_keeps_the_name_and_the_tags(want: Want, silent: Any) -> None:
    train(want(name="old", tags=("a", "study:b")), silent)
    again = train(want(force=True, tags=("c", "a")), silent)
    assert (again.record.name, again.record.tags) == ("old", ["a", "study:b", "c"])
    assert train(want(force=True, name="new"), silent).record.name == "new"


def test_a_lost_initial_state_is_drawn_again(want: Want, silent: Any, stopping: Any) -> None:
    whole = train(want(runs="whole"), silent)
    with pytest.raises(KeyboardInterrupt):
        train(want(), stopping(2, 1))
    (run,) = want().store.runs()
    run.checkpoint_path("initial").unlink()
    assert weights(train(want(), silent)) == weights(whole)


def test_a_name_belongs_to_one_run(want: Want, silent: Any) -> None:
    run = train(want(name="mine"), silent)
    for fields in ({}, {"force": True}):
        with pytest.raises(ConfigError, match=f"the name 'mine' is {run.id}'s; choose another"):
            train(want({"seed": 1}, name="mine", **fields), silent)
    other = train(want({"seed": 1}, name="other"), silent)
    with pytest.raises(ConfigError, match="choose another"):
        train(want({"seed": 1}, name="mine"), silent)
    assert Store(run.folder.parent).find("other").id == other.id


@pytest.mark.parametrize("is_new", [True, False])
def test_what_another_process_did_meanwhile_is_not_undone(
    want: Want, silent: Any, stopping: Any, monkeypatch: Any, is_new: bool
) -> None:
    request, load = want(), recipe.load_dataset
    if not is_new:
        with pytest.raises(KeyboardInterrupt):
            train(request, stopping(2, 1))

    def meanwhile(*args: Any) -> Any:
        monkeypatch.setattr(recipe, "load_dataset", load)
        train(request, silent)
        return load(*args)

    monkeypatch.setattr(recipe, "load_dataset", meanwhile)
    with pytest.raises(BusyError, match="another process is at work"):
        train(request, silent)
    (run,) = request.store.runs()
    assert (run.record.status, run.checkpoints()) == ("finished", ["initial", "final"])


@pytest.mark.parametrize("epoch", [-1, 4, 1000])
def test_epochs_that_never_come_are_not_promised(want: Want, silent: Any, epoch: int) -> None:
    with pytest.raises(ConfigError, match=f"no epoch {epoch} to save: the run has epochs 0 to 3"):
        train(want(save_at=(epoch,)), silent)
    assert want().store.runs() == []


@pytest.mark.parametrize(
    "settings",
    [{}, {"init": "orthogonal"}, {"model": {"name": "mlp", "norm": "batch"}}, DIGITS, {"data": {"train_size": 0.5}}],
    ids=["plain", "orthogonal", "BatchNorm", "dropout and crops", "a part"],
)
def test_the_caller_s_random_state_is_left_alone(
    want: Want, silent: Any, stopping: Any, settings: dict[str, Any]
) -> None:
    state = torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        train(want(settings), stopping(2, 2))
    assert torch.equal(torch.get_rng_state(), state)
    train(want(settings), silent)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_record_names_the_configuration_it_can_be_had_by(want: Want, silent: Any) -> None:
    settings = {"init": "kaiming_normal", "schedule": {"name": "step", "warmup_epochs": 1}, "seed": 5}
    run = train(want(settings), silent)
    config = config_of(run)
    assert run_id(config) == run.id == run_id(recipe.resolve(want(settings).config))
    assert train(replace(want(), config=config), silent).record == run.record
    assert run.record.config["model"] == {
        "name": "mlp", "width": 6, "depth": 2, "norm": "none", "activation": "relu"
    }  # fmt: skip


def test_two_configurations_of_one_id_are_kept_apart(want: Want, silent: Any) -> None:
    run = train(want(), silent)
    run.record.digest = "0" * 64
    run.record.write(run.record_path)
    for fields in ({}, {"force": True}):
        with pytest.raises(StoreError, match="two configurations have the id"):
            train(want(**fields), silent)


def test_what_cannot_be_meant_leaves_no_trace(want: Want, silent: Any) -> None:
    for settings in (
        {"model": {"name": "mlp", "width": 0}},
        {"data": {"name": "spiral", "train_size": 5000}},
        {"data": {"name": "spiral"}, "model": {"name": "resnet8"}},
        {"init": "kaiming"},
        {"block_lr": {"layer1": 0.1}},
        {"block_weight_decay": {"layer1": 0.1}},
        {"block_init_scale": {"layer1": 0.1}},
    ):
        with pytest.raises(ConfigError):
            train(want(settings), silent)
    assert not want().store.folder.exists()


# Initial states from elsewhere


def start_of(run: Run) -> dict[str, Tensor]:
    return load_checkpoint(run, "initial")


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_starts_from_another_s_weights(want: Want, silent: Any) -> None:
    parent = train(want(name="parent", save_at=(1,)), silent)
    for text, name in (("parent", "final"), (f"{parent.id}:epoch-1", "epoch-1"), ("parent@0", "initial")):
        run = train(want({"init": text}), silent)
        assert same(start_of(run), load_checkpoint(parent, name))
        assert run.record.status == "finished"
        assert parent.id in run.record.config["init"]
        assert "#" in run.record.config["init"]
    assert train(want({"init": "parent:final"}), silent).id == train(want({"init": parent.id}), silent).id
    assert len({run.id for run in want().store.runs()}) == 4
    zero = train(want({"init": "zero", "training": {"epochs": 0}}), silent)
    assert not any(tensor.any() for tensor in start_of(zero).values())
    drawn = train(want({"init": "random:9"}), silent)
    assert same(start_of(drawn), start_of(train(want({"seed": 9}), silent)))


def test_what_a_file_holds_decides_which_run_it_is(want: Want, silent: Any, tmp_path: Path) -> None:
    first = start_of(train(want({"training": {"epochs": 0}}), silent))
    runs = []
    for number in (1.0, 2.0):
        torch.save({name: tensor * number for name, tensor in first.items()}, tmp_path / "w.pt")
        runs.append(train(want({"init": str(tmp_path / "w.pt")}), silent))
        assert same(start_of(runs[-1]), {name: tensor * number for name, tensor in first.items()})
    assert runs[0].id != runs[1].id
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "w.pt").rename(tmp_path / "elsewhere" / "w.pt")
    again = train(want({"init": str(tmp_path / "elsewhere" / "w.pt")}), silent)
    assert again.id == runs[1].id  # where it lies is of no importance


def test_a_file_may_have_a_number_sign_in_its_name(want: Want, silent: Any, tmp_path: Path) -> None:
    first = start_of(train(want({"training": {"epochs": 0}}), silent))
    path = tmp_path / "w#1.pt"
    torch.save({name: tensor * 2 for name, tensor in first.items()}, path)
    run = train(want({"init": str(path)}), silent)
    assert same(start_of(run), {name: tensor * 2 for name, tensor in first.items()})
    assert run.record.config["init"] == f"w#1.pt#{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    assert train(replace(want(), config=config_of(run)), silent).id == run.id


def test_weights_of_another_precision_start_a_float32_run(want: Want, silent: Any, tmp_path: Path) -> None:
    first = start_of(train(want({"training": {"epochs": 0}}), silent))
    torch.save({name: tensor.half() for name, tensor in first.items()}, tmp_path / "half.pt")
    run = train(want({"init": str(tmp_path / "half.pt")}), silent)
    for name in ("initial", "final"):
        assert {tensor.dtype for tensor in load_checkpoint(run, name).values()} == {torch.float32}


def test_a_run_from_elsewhere_goes_on_by_its_record_but_is_never_drawn_anew(
    want: Want, silent: Any, stopping: Any, tmp_path: Path
) -> None:
    first = start_of(train(want({"training": {"epochs": 0}}, runs="other"), silent))
    path = tmp_path / "w.pt"
    torch.save({name: tensor * 2 for name, tensor in first.items()}, path)
    whole = train(want({"init": str(path)}, runs="whole"), silent)
    with pytest.raises(KeyboardInterrupt):
        train(want({"init": str(path)}), stopping(2, 1))
    path.unlink()
    (stopped,) = want().store.runs()
    request = replace(want(), config=config_of(stopped))
    assert weights(train(request, silent)) == weights(whole)
    with pytest.raises(ConfigError, match="starts from weights that are not here"):
        train(replace(request, force=True), silent)
    assert weights(stopped) == weights(whole)
    with pytest.raises(ConfigError, match="starts from weights that are not here"):
        train(replace(request, store=Store(tmp_path / "empty")), silent)


def test_a_fresh_run_of_the_seed_is_drawn_with_its_scales(want: Want, silent: Any) -> None:
    scaled = {"block_init_scale": {"fc2": 3.0}}
    plain, run = start_of(train(want(), silent)), start_of(train(want(scaled), silent))
    for name, tensor in plain.items():
        assert torch.equal(run[name], tensor * 3 if name == "fc2.weight" else tensor), name
    drawn = start_of(train(want({**scaled, "seed": 4, "init": "random:0"}), silent))
    assert same(drawn, run)


def test_weights_that_are_not_drawn_are_not_scaled(want: Want, silent: Any) -> None:
    train(want(name="parent"), silent)
    for init in ("parent", "parent@0.5", "zero"):
        with pytest.raises(ConfigError, match=f"for weights that are drawn; those of fc2 are from {init}: leave"):
            train(want({"init": init, "block_init_scale": {"fc2": 3.0}}), silent)
    assert len(want().store.runs()) == 1
    assert train(want({"init": "zero", "block_init_scale": {"fc2": 1.0}}), silent).record.status == "finished"


def test_a_rate_of_0_keeps_a_block_where_it_is(want: Want, silent: Any) -> None:
    run = train(want({"block_lr": {"fc2": 0.0}}), silent)
    first, last = start_of(run), load_checkpoint(run, "final")
    moved = {name.partition(".")[0] for name, tensor in first.items() if not torch.equal(tensor, last[name])}
    assert moved == {"fc1", "fc3"}
    assert run.record.distance["fc2"] == 0


def test_a_reset_that_is_only_written_down_is_refused(want: Want, silent: Any) -> None:
    settings = {"reset": {"run": "mlp-s0-000000", "blocks": ["fc1"], "to": "random"}}
    with pytest.raises(ConfigError, match="starts from weights that are not here"):
        train(want(settings), silent)


@pytest.mark.parametrize(
    ("init", "error", "message"),
    [
        ("orthogonl", UnknownNameError, "did you mean orthogonal"),
        ("imagent", UnknownNameError, "did you mean imagenet"),
        ("nowhere.pt", NotFoundError, "there is no file"),
        ("nobody:final", NotFoundError, "no run|there are no runs"),
        ("random:x", ConfigError, "whole number"),
    ],
)
def test_an_initial_state_that_is_none(want: Want, silent: Any, init: str, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        train(want({"init": init}), silent)


def test_saying_what_is_default_is_the_same_run(want: Want, silent: Any) -> None:
    run = train(want(), silent)
    said = configure(run.record.config)
    assert train(replace(want(), config=said), silent).id == run.id
