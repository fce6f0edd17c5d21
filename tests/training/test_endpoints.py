"""Endpoints: every form a user can write, and every text that is none."""

import contextlib
import os
import pickle
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from lininterp_cli.errors import ConfigError, LininterpError, NotFoundError, StateError
from lininterp_cli.models.registry import build as build_model
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training.checkpoints import fingerprint, load_checkpoint
from lininterp_cli.training.endpoints import Endpoint, check_end, load_ends, locate
from lininterp_cli.training.initial import draw
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import train

build = partial(build_model, "mlp", (2,), 2, width=6)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one finished run that kept an epoch, to be copied and not changed."""
    from lininterp_cli.config.presets import configure

    class Silent:
        started = stepped = measured = told = staticmethod(lambda *_: None)

    folder = tmp_path_factory.mktemp("endpoints")
    request = Request(
        config=configure({
            "data": {"name": "spiral", "num_train": 60, "num_test": 20},
            "model": {"name": "mlp", "width": 6},
            "training": {"epochs": 2, "batch_size": 20},
            "optimizer": {"name": "sgd"},
            "seed": 7,
        }),
        store=Store(folder),
        data_folder=folder / "data",
        device=torch.device("cpu"),
        name="mine",
        save_at=(1,),
    )
    train(request, Silent())
    return folder


@pytest.fixture
def store(runs: Path, tmp_path: Path) -> Store:
    shutil.copytree(runs, tmp_path / "runs")
    return Store(tmp_path / "runs")


@pytest.fixture
def run(store: Store) -> Run:
    return store.find(None)


def loaded(endpoint: Endpoint, scheme: str = "default") -> dict[str, Tensor]:
    return endpoint.load(build, scheme)


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(
    ("text", "name"),
    [("initial", "initial"), ("final", "final"), ("epoch-1", "epoch-0001"), ("epoch-0001", "epoch-0001")],
)
@pytest.mark.parametrize("head", ["", "mine:", "{id}:", "mlp:"])
def test_checkpoints_by_every_spelling(store: Store, run: Run, text: str, name: str, head: str) -> None:
    endpoint = locate(head.format(id=run.id) + text, store, None if head else run)
    assert same(loaded(endpoint), load_checkpoint(run, name))
    digest = fingerprint(run.checkpoint_path(name))
    assert endpoint.text == f"{run.id}:{name}"
    assert endpoint.description == {"run": run.id, "checkpoint": name, "sha256": digest}
    assert endpoint.identity == f"{run.id}:{name}#{digest[:12]}"


@pytest.mark.parametrize("text", ["mine", "mlp", "{id}"])
def test_a_run_alone_is_its_final_weights(store: Store, run: Run, text: str) -> None:
    assert locate(text.format(id=run.id), store, None).text == f"{run.id}:final"


def test_a_checkpoint_the_run_does_not_have(store: Store, run: Run) -> None:
    for text in ("epoch-2", "mine:epoch-2"):
        with pytest.raises(NotFoundError, match="it has: initial, epoch-0001, final"):
            locate(text, store, run)


@pytest.mark.parametrize(
    ("text", "means_one"),
    [
        *(("epoch-7", True), ("initial", True), ("zero", True), ("@0.5", True), ("noise:3", True), ("random:3", True)),
        *(("mine", True), ("{id}:epoch-1", True), ("mine@0.5", True), ("direction:3", True)),
        *(("mine:epoch-2", False), ("inital", False), ("@", False), ("random:", False), ("direction:x", False)),
        *(("nobody@0.5", False), ("mine@inf", False)),
    ],
)
def test_texts_are_checked_for_a_run_that_is_not_there_yet(store: Store, run: Run, text: str, means_one: bool) -> None:
    with contextlib.nullcontext() if means_one else pytest.raises(LininterpError):
        check_end(text.format(id=run.id), store)


def test_points_of_the_run_s_own_path(store: Store, run: Run) -> None:
    start, end = load_checkpoint(run, "initial"), load_checkpoint(run, "final")
    assert same(loaded(locate("mine@0", store, None)), start)
    assert same(loaded(locate("mine@1", store, None)), end)
    assert same(loaded(locate("@1", store, run)), end)
    assert same(loaded(locate("@1.0", store, None)), end)  # the newest finished run
    half = loaded(locate("@0.25", store, run))
    beyond = loaded(locate("@-0.5", store, run))
    for name in start:
        torch.testing.assert_close(half[name], 0.75 * start[name] + 0.25 * end[name])
        torch.testing.assert_close(beyond[name], 1.5 * start[name] - 0.5 * end[name])


def test_two_points_never_share_an_identity_and_one_has_one(store: Store, run: Run) -> None:
    texts = ["@0.1", "@0.1234567", "@0.12345678", "@0.123456789012345", "@1", "@0", "@-1", "@1e-9", "@10"]
    assert len({locate(text, store, run).identity for text in texts}) == len(texts)
    for spellings in (("@1", "@1.0", "@1e0"), ("@0", "@-0", "@0.0"), ("@0.1", "@.1", "@0.10")):
        assert len({locate(text, store, run).identity for text in spellings}) == 1


@pytest.mark.parametrize("alpha", ["", "x", "nan", "inf", "-inf", "1/2", "0.5.5", "1e999"])
def test_a_point_needs_a_finite_number(store: Store, run: Run, alpha: str) -> None:
    with pytest.raises(ConfigError, match="needs a finite number after the @"):
        locate(f"mine@{alpha}", store, run)


def test_random_is_what_a_fresh_run_of_the_seed_starts_from(store: Store, run: Run) -> None:
    endpoint = locate("random:7", store, None)
    assert same(loaded(endpoint), load_checkpoint(run, "initial"))
    assert not same(loaded(locate("random:8", store, None)), loaded(endpoint))
    assert same(loaded(endpoint, "orthogonal"), draw(build, "orthogonal", 7)[1])
    assert endpoint.identity == endpoint.text == "random:7" == locate("random:007", store, None).text


@pytest.mark.parametrize("seed", ["", "-1", "x", "1.5", "²", "1" * 5000, " 1"])
def test_a_bad_seed_is_refused(store: Store, seed: str) -> None:
    with pytest.raises(ConfigError, match="needs a whole number"):
        locate(f"random:{seed}", store, None)


def test_zero_is_all_zeros(store: Store) -> None:
    state = loaded(locate("zero", store, None))
    assert state.keys() == build().state_dict().keys()
    assert not any(tensor.any() for tensor in state.values())


def norms(state: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, float]:
    return {name: float((state[name].double() - other[name].double()).norm()) for name in state}


def test_noise_has_the_norms_of_the_initial_weights(store: Store, run: Run) -> None:
    first, second = (loaded(locate(f"noise:{seed}", store, run)) for seed in (1, 2))
    zero = loaded(locate("zero", store, None))
    assert norms(first, zero) == pytest.approx(norms(load_checkpoint(run, "initial"), zero), rel=1e-6)
    assert not same(first, second)
    assert same(first, loaded(locate("noise:01", store, run)))


def test_a_direction_is_as_far_from_final_as_initial_is_and_across_it(store: Store, run: Run) -> None:
    initial, final = load_checkpoint(run, "initial"), load_checkpoint(run, "final")
    state = loaded(locate("direction:3", store, run))
    assert norms(state, final) == pytest.approx(norms(initial, final), rel=1e-5)
    # In 6 x 6 dimensions two random directions hardly ever agree; none is the way to the initial weights.
    wide = max(state, key=lambda name: state[name].numel())
    way, back = (state[wide] - final[wide]).flatten(), (initial[wide] - final[wide]).flatten()
    assert abs(torch.nn.functional.cosine_similarity(way, back, dim=0)) < 0.7
    assert not same(state, loaded(locate("direction:4", store, run)))


def test_batchnorm_statistics_are_those_of_the_run(store: Store, run: Run) -> None:
    normed = partial(build_model, "mlp", (2,), 2, width=6, norm="batch")
    states = {name: draw(normed, "default", seed)[1] for seed, name in enumerate(("initial", "final"))}
    for seed, (name, state) in enumerate(states.items()):
        moved = {key: torch.full_like(value, 2.0 + seed) if "running" in key else value for key, value in state.items()}
        save_file(moved, run.checkpoint_path(name))
    for kind, value in (("noise", 2.0), ("direction", 3.0)):
        state = locate(f"{kind}:1", store, run).load(normed, "default")
        statistics = [tensor for key, tensor in state.items() if "running" in key]
        assert statistics
        assert all((tensor == value).all() for tensor in statistics)


class Mixed(nn.Module):
    """A network with every kind of entry."""

    def __init__(self) -> None:
        super().__init__()
        self.order = nn.Parameter(torch.randperm(6), requires_grad=False)
        self.filter = nn.Parameter(torch.randn(50, dtype=torch.complex64))
        self.fc = nn.Linear(6, 6)
        self.register_buffer("mask", torch.ones(6, dtype=torch.bool))


@pytest.mark.parametrize(("kind", "base"), [("noise", None), ("direction", "final")])
def test_only_floating_and_complex_parameters_are_drawn(store: Store, run: Run, kind: str, base: str | None) -> None:
    states = {name: draw(Mixed, "default", seed)[1] for seed, name in enumerate(("initial", "final"))}
    for name, state in states.items():
        save_file(state, run.checkpoint_path(name))
    state = locate(f"{kind}:1", store, run).load(Mixed, "default")
    rest = states[base or "initial"]
    assert all(state[name].equal(rest[name]) for name in ("order", "mask"))
    zero = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    start, end = (zero, states["initial"]) if base is None else (states["final"], states["initial"])
    for name in ("filter", "fc.weight", "fc.bias"):
        offset = state[name] - start[name]
        assert float(offset.norm()) == pytest.approx(float((end[name] - start[name]).norm()), rel=1e-5)
    offset = state["filter"] - start["filter"]
    # Of fifty draws, each part has about 0.71 of the length.
    assert min(float(offset.real.norm()), float(offset.imag.norm())) > 0.5 * float(offset.norm())


@pytest.mark.parametrize("kind", ["noise", "direction"])
def test_a_control_needs_a_run_and_a_seed(store: Store, run: Run, kind: str) -> None:
    with pytest.raises(ConfigError, match="against a run's own weights"):
        locate(f"{kind}:1", store, None)
    with pytest.raises(ConfigError, match=f"{kind}:SEED needs a whole number"):
        locate(f"{kind}:x", store, run)
    identity = locate(f"{kind}:1", store, run).identity
    assert identity.startswith(f"{kind}:1#")


@pytest.mark.parametrize("text", ["zero", "random:1", "noise:1", "direction:1", "final", "@0.5", "FILE"])
def test_the_caller_s_random_state_is_left_alone(store: Store, run: Run, tmp_path: Path, text: str) -> None:
    torch.save(build().state_dict(), tmp_path / "x.pt")
    state = torch.get_rng_state()
    loaded(locate(text.replace("FILE", str(tmp_path / "x.pt")), store, run))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state},
        lambda state: {"model": state, "epoch": 1},
        lambda state: {f"module.{name}": tensor for name, tensor in state.items()},
        lambda state: {"state_dict": {f"_orig_mod.{name}": tensor for name, tensor in state.items()}},
        lambda state: dict(reversed(state.items())),
    ],
    ids=["plain", "state_dict", "model", "module.", "_orig_mod.", "another order"],
)
def test_files_of_others(store: Store, tmp_path: Path, wrap: Callable[[Any], Any]) -> None:
    state = dict(build().state_dict())
    torch.save(wrap(state), tmp_path / "theirs.pt")
    endpoint = locate(str(tmp_path / "theirs.pt"), store, None)
    assert same(loaded(endpoint), state)
    assert list(loaded(endpoint)) == list(state)
    assert endpoint.description == {"file": "theirs.pt", "sha256": fingerprint(tmp_path / "theirs.pt")}


@pytest.mark.parametrize("dtype", [torch.int64, torch.complex64])
def test_a_file_of_another_kind_of_numbers_is_refused(store: Store, tmp_path: Path, dtype: torch.dtype) -> None:
    save_file({name: tensor.to(dtype) for name, tensor in build().state_dict().items()}, tmp_path / "x.safetensors")
    kind = str(dtype).removeprefix("torch.")
    with pytest.raises(
        StateError, match=rf"x\.safetensors do not fit .*fc1\.weight is {kind}, the network has float32"
    ):
        loaded(locate(str(tmp_path / "x.safetensors"), store, None))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_file_of_another_precision_becomes_the_network_s(store: Store, tmp_path: Path, dtype: torch.dtype) -> None:
    state = {name: tensor.to(dtype) for name, tensor in build().state_dict().items()}
    save_file(state, tmp_path / "x.safetensors")
    found = loaded(locate(str(tmp_path / "x.safetensors"), store, None))
    assert same(found, {name: tensor.float() for name, tensor in state.items()})


def test_what_a_file_holds_is_part_of_its_identity(store: Store, tmp_path: Path) -> None:
    endpoints = []
    for folder, number in (("a", 1.0), ("b", 2.0), ("c", 1.0)):
        (tmp_path / folder).mkdir()
        save_file({"x": torch.tensor([number])}, tmp_path / folder / "w.safetensors")
        endpoints.append(locate(str(tmp_path / folder / "w.safetensors"), store, None))
    assert endpoints[0].text == endpoints[1].text
    assert endpoints[0].identity != endpoints[1].identity
    assert endpoints[0].identity == endpoints[2].identity


def test_weights_that_do_not_fit_list_what_differs(store: Store, tmp_path: Path) -> None:
    state = dict(build().state_dict())
    state["fc1.weight"] = torch.zeros(9, 2)
    state["extra"] = state.pop("fc3.bias")
    torch.save(state, tmp_path / "x.pt")
    with pytest.raises(StateError, match=r"fc3.bias is missing; extra is not in the network; fc1.weight is 9x2"):
        loaded(locate(str(tmp_path / "x.pt"), store, None))


def test_code_in_a_file_is_not_run(store: Store, tmp_path: Path) -> None:
    class Malicious:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    (tmp_path / "x.pt").write_bytes(pickle.dumps({"fc1.weight": Malicious()}))
    with pytest.raises(StateError):
        loaded(locate(str(tmp_path / "x.pt"), store, None))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("text", ["nowhere.pt", "some/where.safetensors", "x.pth"])
def test_a_file_that_is_not_there(store: Store, run: Run, text: str) -> None:
    with pytest.raises(NotFoundError, match="there is no file"):
        locate(text, store, run)


def test_a_typing_error_names_the_nearest_run_and_the_forms(store: Store, run: Run) -> None:
    with pytest.raises(NotFoundError, match=r"'mins' is no endpoint: .*did you mean .*mine.*RUN@ALPHA"):
        locate("mins", store, run)
    with pytest.raises(NotFoundError, match=r"^'random' needs a seed: random:1$"):
        locate("random", store, run)
    with pytest.raises(NotFoundError, match="no run 'mins'"):
        locate("mins:final", store, run)


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="lininterp train"):
        locate("mine", Store(tmp_path / "empty"), None)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=20),
        st.builds(
            "".join,
            st.lists(
                st.sampled_from([":", "@", "mine", "random", "epoch-", "initial", "9", "0.", "zero", "."]), max_size=5
            ),
        ),
    ),
    has_run=st.booleans(),
)
@example(text="x" * 300, has_run=True)
@example(text="\0", has_run=True)
@example(text="epoch-" + "1" * 5000, has_run=True)
@example(text="epoch-²", has_run=True)
@example(text="random:²", has_run=False)
@example(text="mine@" + "1" * 5000, has_run=False)
def test_any_text_is_an_endpoint_or_an_error_of_ours(store: Store, text: str, has_run: bool) -> None:
    run = store.find(None) if has_run else None
    try:
        endpoint = locate(text, store, run)
    except LininterpError:
        return
    # Whatever was understood is understood again by its own spelling, as the same place.
    again = locate(endpoint.text, store, run)
    assert again.identity == endpoint.identity
    assert same(loaded(again), loaded(endpoint))


def test_an_interrupted_run_has_no_final_and_says_how_to_go_on(
    want: Callable[..., Request], stopping: Callable[[int, int], Any]
) -> None:
    request = want()
    with pytest.raises(KeyboardInterrupt):
        train(request, stopping(2, 1))
    (unfinished,) = request.store.runs()
    for text in ("final", unfinished.id, f"{unfinished.id}:final", "@0.5"):
        with pytest.raises(NotFoundError, match=f"the run is interrupted: lininterp train --resume {unfinished.id}"):
            locate(text, request.store, unfinished)
    assert locate("initial", request.store, unfinished).text == f"{unfinished.id}:initial"


def test_an_endpoint_is_loaded_late(store: Store, run: Run) -> None:
    def fail() -> nn.Module:
        raise AssertionError("built too early")

    endpoint = locate("random:1", store, run)
    with pytest.raises(AssertionError, match="built too early"):
        endpoint.load(fail, "default")


class Masked(nn.Module):
    """Weights, a mask, and BatchNorm statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Linear(2, 2), nn.BatchNorm1d(2)
        self.register_buffer("mask", torch.tensor([0.0, -torch.inf]))


def ends(**changed: Tensor) -> tuple[Endpoint, Endpoint]:
    state = Masked().state_dict()
    named = {name.replace("__", "."): tensor for name, tensor in changed.items()}
    return tuple(Endpoint(text, {}, lambda *_, own=own: own) for text, own in (("a", state), ("b", state | named)))


def test_both_ends_are_loaded_and_a_mask_may_be_infinite() -> None:
    states = load_ends(*ends(first__bias=torch.ones(2)), Masked, "default")
    assert states[1]["first.bias"].tolist() == [1.0, 1.0]
    assert states[0].keys() == states[1].keys() == Masked().state_dict().keys()


@pytest.mark.parametrize("name", ["first__bias", "norm__running_mean", "norm__running_var", "mask"])
def test_what_is_no_number_at_an_end_is_refused_where_it_is_used(name: str) -> None:
    bad = ends(**{name: torch.tensor([1.0, torch.nan])})
    message = rf"weights of b are not finite: {name.replace('__', '.')} has 1 of 2; take an earlier checkpoint"
    with pytest.raises(StateError, match=rf"{message}$"):
        load_ends(*bad, Masked, "default")
    with pytest.raises(StateError, match=rf"{message}, or --bn recalibrate where only BatchNorm statistics are"):
        load_ends(*bad, Masked, "default", has_choice=True)
    if name.startswith("norm"):
        load_ends(*bad, Masked, "default", has_statistics=False)
