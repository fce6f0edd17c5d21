"""Weights on the disk: read back bit for bit, and whatever else lies there is refused."""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lininterp_cli.errors import LininterpError, NotFoundError, StateError, StoreError
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training.checkpoints import (
    fingerprint,
    full_name,
    last_good,
    load_checkpoint,
    load_position,
    load_state,
    save_position,
    save_state,
)
from lininterp_cli.training.loop import Trainee
from lininterp_cli.training.optimizers import OPTIMIZERS

WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(3), "c": torch.tensor([1.5, -0.0, 2.0**-149])}


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        first[name].dtype == second[name].dtype
        and first[name].shape == second[name].shape
        and first[name].contiguous().reshape(-1).view(torch.uint8).equal(second[name].reshape(-1).view(torch.uint8))
        for name in first
    )


@pytest.fixture
def run(store: Store) -> Run:
    run = store.run(Record(id="mlp-s0-000000", config={}))
    run.record.write(run.record_path)
    return run


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64])
def test_a_checkpoint_comes_back_bit_for_bit(tmp_path: Path, dtype: torch.dtype) -> None:
    state = {"x": torch.randn(3, 4, generator=torch.Generator().manual_seed(0)).to(dtype), "y": torch.zeros(0)}
    save_state(tmp_path / "deep" / "down.safetensors", state)
    assert equal(load_state(tmp_path / "deep" / "down.safetensors"), state)


def test_tied_strided_and_trained_tensors_are_saved_as_they_stand(tmp_path: Path) -> None:
    tied = nn.Parameter(torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last))
    state: dict[str, Tensor] = {"one": tied, "two": tied, "turned": torch.arange(6.0).reshape(2, 3).T}
    save_state(tmp_path / "x.safetensors", state)
    plain = load_file(tmp_path / "x.safetensors")  # any program reads it
    assert equal({name: tensor.detach() for name, tensor in state.items()}, plain)


def test_two_saves_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("x", "y"):
        save_state(tmp_path / name, WEIGHTS)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()
    assert fingerprint(tmp_path / "x") == hashlib.sha256((tmp_path / "x").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": state, "optimizer": {}},
        lambda state: {"epoch": 3, "model_state_dict": state, "optimizer_state_dict": {"state": {}}},
        lambda state: {"net": state, "acc": 95.1, "epoch": 3},
        lambda state: {"state_dict": {"model": state}},
        lambda state: {"model": {"state_dict": state, "epoch": 3}},
        lambda state: {name: nn.Parameter(t) if t.is_floating_point() else t for name, t in state.items()},
    ],
    ids=["plain", "state_dict", "model", "tutorial", "net", "both", "other way round", "parameters"],
)
def test_a_pytorch_file_is_found_through_its_wrappings(tmp_path: Path, wrap: Callable[[Any], Any]) -> None:
    torch.save(wrap(WEIGHTS), tmp_path / "x.pt")
    loaded = load_state(tmp_path / "x.pt")
    assert equal(loaded, WEIGHTS)
    assert not any(tensor.requires_grad for tensor in loaded.values())


@pytest.mark.parametrize("content", [{}, {"a": 1}, {"a": torch.ones(1), "b": 2}, [torch.ones(1)], torch.ones(1), None,
                                     {0: torch.ones(1)}, {"state_dict": {}}])  # fmt: skip
def test_a_pytorch_file_of_something_else_is_refused(tmp_path: Path, content: Any) -> None:
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(StateError, match="holds no state dict"):
        load_state(tmp_path / "x.pt")


def test_a_refusal_says_what_there_is_and_what_to_do(tmp_path: Path) -> None:
    torch.save({"weights": WEIGHTS, "epoch": 3}, tmp_path / "x.pt")
    with pytest.raises(StateError, match=r"but weights, epoch; save the state_dict\(\) alone, or as state_dict or "):
        load_state(tmp_path / "x.pt")
    (tmp_path / "x.pt").write_bytes(b"")
    with pytest.raises(StateError, match=r"PyTorch state dict\): EOFError$"):
        load_state(tmp_path / "x.pt")


class Malicious:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@pytest.mark.parametrize("through_torch", [True, False])
def test_code_in_a_file_is_not_run(tmp_path: Path, through_torch: bool) -> None:
    path, witness = tmp_path / "x.pt", tmp_path / "ran"
    content = {"weight": torch.ones(2), "surprise": Malicious(witness)}
    if through_torch:
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content))
    with pytest.raises(StateError, match=r"cannot be read as weights .* which is never run"):
        load_state(path)
    assert not witness.exists()
    torch.load(path, weights_only=False) if through_torch else pickle.loads(path.read_bytes())
    assert witness.exists()  # it would have


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth", ""])
@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"hello", b"\x80\x02}q\x00.", b"\xff" * 9, b"PK\x03\x04junk"])
def test_a_file_that_is_no_weights_is_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    with pytest.raises(StateError):
        load_state(path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("saved")
    torch.save(WEIGHTS, folder / "new.pt")
    torch.save(WEIGHTS, folder / "old.pt", _use_new_zipfile_serialization=False)
    save_file(WEIGHTS, folder / "x.safetensors")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.filterwarnings("default")  # torch warns of some of the damage it sees
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["new.pt", "old.pt", "x.safetensors"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4),
    kept=st.one_of(st.just(1.0), st.floats(0, 1)),
)
@example(name="old.pt", changes=[(0.0, 0)], kept=0.5)
def test_damage_is_an_error_of_ours_or_does_no_harm(
    tmp_path: Path, saved: dict[str, bytes], name: str, changes: list[tuple[float, int]], kept: float
) -> None:
    content = bytearray(saved[name])
    for where, value in changes:
        content[int(where * len(content))] = value
    path = tmp_path / name
    path.write_bytes(content[: int(kept * len(content))])
    try:
        state = load_state(path)
    except LininterpError:
        return
    assert all(isinstance(tensor, Tensor) for tensor in state.values())


def test_no_file_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pt", tmp_path):
        with pytest.raises(NotFoundError, match="there is no file"):
            load_state(path)


def test_a_file_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        save_state(tmp_path / "in the way" / "x.safetensors", WEIGHTS)


def test_checkpoints_go_by_short_names_and_say_what_there_is(run: Run) -> None:
    for name in ("initial", "epoch-0005", "epoch-0010"):
        save_state(run.checkpoint_path(name), {"name": torch.tensor(len(name))})
    assert equal(load_checkpoint(run, "epoch-5"), load_checkpoint(run, "epoch-0005"))
    with pytest.raises(NotFoundError, match=r"no checkpoint 'epoch-7' \(it has: initial, epoch-0005, epoch-0010\)"):
        load_checkpoint(run, "epoch-7")


def test_a_final_that_is_missing_says_how_to_go_on(run: Run) -> None:
    with pytest.raises(NotFoundError, match="the run is interrupted: lininterp train --resume mlp-s0-000000"):
        load_checkpoint(run, "final")
    run.record.status = "diverged"
    with pytest.raises(NotFoundError) as caught:
        load_checkpoint(run, "final")
    assert "--resume" not in str(caught.value)
    run.record.status = "running"
    with run.lock(), pytest.raises(NotFoundError, match=r"the run is running: wait for it$"):
        load_checkpoint(run, "final")


@given(st.text(max_size=12))
@example("epoch-²")
@example("epoch-" + "9" * 5000)
@example("epoch-")
def test_any_text_has_a_full_name(name: str) -> None:
    assert full_name(full_name(name)) == full_name(name)


@given(st.integers(0, 99999))
def test_epochs_have_four_digits(epoch: int) -> None:
    assert full_name(f"epoch-{epoch}") == f"epoch-{epoch:04d}" == full_name(f"epoch-{epoch:04d}")


def stepped(name: str, num_steps: int, *, half: bool = False) -> Trainee:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 2))
    model = model.to(memory_format=torch.channels_last)
    optimizer = OPTIMIZERS[name]([{"params": list(model.parameters())}], False)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2, enabled=half)
    trainee = Trainee(model=model, optimizer=optimizer, scaler=scaler)
    advance(trainee, num_steps)
    return trainee


def advance(trainee: Trainee, num_steps: int) -> None:
    for step in range(num_steps):
        inputs = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(step))
        trainee.optimizer.zero_grad()
        trainee.scaler.scale(trainee.model(inputs).square().sum()).backward()
        trainee.scaler.step(trainee.optimizer)
        trainee.scaler.update()
    trainee.epoch += 1


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_position_brings_everything_back(run: Run, name: str, half: bool) -> None:
    there, fresh = stepped(name, 3, half=half), stepped(name, 0, half=half)
    fresh.epoch = 0
    save_position(run, there)
    assert load_position(run, fresh)
    assert fresh.epoch == there.epoch == 1
    assert fresh.scaler.state_dict() == there.scaler.state_dict()
    assert fresh.model[0].weight.is_contiguous(memory_format=torch.channels_last)  # type: ignore[index,union-attr]
    for trainee in (there, fresh):
        advance(trainee, 3)
    assert equal(dict(fresh.model.state_dict()), dict(there.model.state_dict()))
    assert fresh.optimizer.state_dict()["param_groups"] == there.optimizer.state_dict()["param_groups"]


def test_a_position_takes_the_place_of_the_one_before(run: Run) -> None:
    trainee = stepped("momentum", 1)
    assert last_good(run) is None
    assert not load_position(run, trainee)
    save_position(run, trainee)
    advance(trainee, 1)
    save_position(run, trainee)
    assert sorted(path.name for path in run.resume_folder.iterdir()) == ["epoch-0002.safetensors", "position.json"]
    good = last_good(run)
    assert good is not None
    assert good[0] == 2
    assert equal(good[1], dict(trainee.model.state_dict()))


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "no tensors": lambda position, tensors: tensors.unlink(),
    "tensors cut short": lambda position, tensors: tensors.write_bytes(tensors.read_bytes()[:-5]),
    "a bit of a weight": lambda position, tensors: flipped(tensors),
    "weights without momentum": lambda position, tensors: save_file(
        {name: tensor for name, tensor in load_file(tensors).items() if name.startswith("model.")}, tensors
    ),
    "empty": lambda position, tensors: position.write_text(""),
    "not an object": lambda position, tensors: position.write_text("[]"),
    "half": lambda position, tensors: position.write_bytes(position.read_bytes()[:40]),
    "no epoch": lambda position, tensors: position.write_text(position.read_text().replace('"epoch"', '"epok"')),
    "no scaler": lambda position, tensors: position.write_text(position.read_text().replace('"scaler"', '"skaler"')),
    "tensors of no text": lambda position, tensors: position.write_text(
        position.read_text().replace('"epoch-0001.safetensors"', "3")
    ),
    "a later schema": lambda position, tensors: position.write_text(
        position.read_text().replace('"schema": 1', '"schema": 2')
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_position_is_refused(run: Run, kind: str) -> None:
    save_position(run, stepped("momentum", 2))
    DAMAGE[kind](run.resume_folder / "position.json", run.resume_folder / "epoch-0001.safetensors")
    with pytest.raises(StoreError):
        load_position(run, stepped("momentum", 0))
    if kind != "no scaler":  # weights need none
        with pytest.raises(StoreError):
            last_good(run)


def test_a_position_of_another_network_is_refused(run: Run) -> None:
    save_position(run, stepped("momentum", 2))
    model = nn.Linear(2, 2)
    other = Trainee(
        model=model,
        optimizer=OPTIMIZERS["momentum"]([{"params": list(model.parameters())}], False),
        scaler=torch.amp.GradScaler("cpu", enabled=False),
    )
    with pytest.raises(StoreError, match="--force"):
        load_position(run, other)
