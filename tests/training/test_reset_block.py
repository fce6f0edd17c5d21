"""Partial pre-training: what is put back, and that nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.models.blocks import groups
from lininterp_cli.runs.run import Run
from lininterp_cli.training import recipe
from lininterp_cli.training.checkpoints import load_checkpoint
from lininterp_cli.training.initial import draw
from lininterp_cli.training.request import Request
from lininterp_cli.training.reset_block import reset_block
from lininterp_cli.training.train import config_of, train

NORMED = {"model": {"name": "mlp", "width": 6, "norm": "batch"}, "init": "orthogonal"}
BLOCKS = ["fc1", "fc2", "fc3"]

Reset = Callable[..., Run]


@pytest.fixture
def parent(trained: Callable[..., Run]) -> Run:
    return trained(NORMED)


@pytest.fixture
def reset(want: Callable[..., Request], silent: Any, parent: Run) -> Reset:
    def do(
        blocks: list[str],
        to: Any = "random",
        *,
        all_but: bool = False,
        retrain: bool = False,
        seed: int = 0,
        **fields: Any,
    ) -> Run:
        request = want({"seed": seed}, **fields)
        return reset_block(parent, blocks, to=to, all_but=all_but, retrain=retrain, request=request, listener=silent)

    return do


def check(run: Run, parent: Run, put_back: list[str], former: dict[str, Tensor]) -> None:
    """The named blocks are as they were, everything else is the parent's final."""
    start, final = load_checkpoint(run, "initial"), load_checkpoint(parent, "final")
    assert start.keys() == final.keys()
    prefixes = tuple(f"{kind}{name[-1]}." for name in put_back for kind in ("fc", "norm"))
    for name, tensor in start.items():
        assert torch.equal(tensor, (former if name.startswith(prefixes) else final)[name]), name
    assert any(not torch.equal(former[name], final[name]) for name in start if name.startswith(prefixes))


def test_the_blocks_are_what_this_file_takes_them_for(parent: Run, want: Callable[..., Request]) -> None:
    config = config_of(parent)
    model = recipe.network(config, recipe.load_dataset(config, want().data_folder))()
    assert list(groups(model, "block")) == BLOCKS
    assert "norm1.running_var" in groups(model, "block")["fc1"].entries


@pytest.mark.parametrize("blocks", [["fc1"], ["fc2"], ["fc3"], ["fc3", "fc1"]])
@pytest.mark.parametrize("to", ["initial", "random"])
@pytest.mark.parametrize("all_but", [False, True])
def test_only_the_named_blocks_change(reset: Reset, parent: Run, blocks: list[str], to: str, all_but: bool) -> None:
    run = reset(blocks, to, all_but=all_but, seed=3)
    put_back = [name for name in BLOCKS if (name in blocks) != all_but]
    config = config_of(parent)
    if to == "initial":
        former = load_checkpoint(parent, "initial")
    else:
        build = recipe.network(config, recipe.load_dataset(config, run.folder))
        former = draw(build, "orthogonal", 3, stream="reset")[1]
    check(run, parent, put_back, former)
    assert run.record.config["reset"] == {"run": parent.id, "blocks": put_back, "to": to}


def test_a_fresh_draw_is_new(reset: Reset, parent: Run) -> None:
    fresh = load_checkpoint(reset(["fc2"]), "initial")["fc2.weight"]
    others = [load_checkpoint(parent, name)["fc2.weight"] for name in ("initial", "final")]
    others.append(load_checkpoint(reset(["fc2"], seed=1), "initial")["fc2.weight"])
    assert not any(torch.equal(fresh, other) for other in others)
    torch.testing.assert_close(fresh @ fresh.T, torch.eye(6))  # drawn by the parent's scheme


def test_without_training_it_is_only_measured(reset: Reset, parent: Run) -> None:
    run = reset(["fc1"])
    initial, final = load_checkpoint(run, "initial"), load_checkpoint(run, "final")
    assert all(torch.equal(initial[name], final[name]) for name in initial)
    assert run.record.config["training"]["epochs"] == 0
    assert (run.record.status, run.record.kind, run.record.parent) == ("finished", "reset-block", parent.id)
    assert run.record.epoch == 0
    assert len(run.metrics()) == 1
    assert run.record.result["initial"] == run.record.result["final"]
    assert run.record.distance_total == 0


def test_with_training_the_recipe_is_the_parent_s(reset: Reset, parent: Run, want: Callable[..., Request]) -> None:
    run = reset(["fc1"], retrain=True)
    assert run.id != reset(["fc1"]).id
    own, theirs = dict(run.record.config), dict(parent.record.config)
    assert own.pop("reset")["run"] == parent.id
    assert own == theirs
    assert run.record.epoch == 3
    assert run.record.distance["fc1"] > 0
    assert run.record.result["final"]["train_loss"] < run.record.result["initial"]["train_loss"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "setting", [{"train_size": 0.5}, {"train_size": 60}, {"label_noise": 0.1}, {"zeroed": 0.5}], ids=str
)
def test_a_seed_that_draws_other_data_is_refused(
    want: Callable[..., Request], trained: Callable[..., Run], silent: Any, setting: dict[str, float]
) -> None:
    parent = trained({"data": setting})
    key, value = next(iter(setting.items()))
    do = partial(reset_block, parent, ["fc1"], to="random", all_but=False, retrain=False, listener=silent)
    with pytest.raises(ConfigError, match=rf"seed 3 would draw other .*\({key}={value:g}\) .* its own is 0"):
        do(request=want({"seed": 3}))
    config, folder = config_of(parent), want().data_folder
    theirs, others = (recipe.load_dataset(replace(config, seed=seed), folder).train.fingerprint() for seed in (0, 3))
    assert theirs != others
    run = do(request=want({"seed": 0}))
    assert recipe.load_dataset(config_of(run), folder).train.fingerprint() == theirs


def test_copies_alone_are_not_drawn(want: Callable[..., Request], trained: Callable[..., Run], silent: Any) -> None:
    parent, request = trained({"data": {"copies": 2}}), want({"seed": 3})
    run = reset_block(parent, ["fc1"], to="random", all_but=False, retrain=False, request=request, listener=silent)
    one, other = (recipe.load_dataset(config_of(made), request.data_folder).train for made in (parent, run))
    assert one.fingerprint() == other.fingerprint()


def test_the_weights_do_not_hang_on_when_and_where(reset: Reset) -> None:
    first = reset(["fc3", "fc1"], retrain=True)
    second = reset(["fc1", "fc3"], retrain=True, runs="elsewhere")
    assert first.id == second.id
    assert first.checkpoint_path("final").read_bytes() == second.checkpoint_path("final").read_bytes()
    ids = {reset(["fc1"]).id, reset(["fc1"], "initial").id, reset(["fc2"]).id, reset(["fc1"], seed=5).id}
    assert len(ids) == 4


def test_the_same_request_finds_the_run(reset: Reset) -> None:
    run = reset(["fc1"], name="half")
    before = run.record_path.read_bytes()
    assert reset(["fc1"], name="half").id == run.id
    assert run.record_path.read_bytes() == before


def test_an_interrupted_one_goes_on_by_its_own_record(
    want: Callable[..., Request], stopping: Callable[[int, int], Any], silent: Any, parent: Run, reset: Reset
) -> None:
    undisturbed = reset(["fc2"], retrain=True)
    request = want(runs="again")
    with pytest.raises(KeyboardInterrupt):
        reset_block(parent, ["fc2"], to="random", all_but=False, retrain=True, request=request, listener=stopping(2, 2))
    (stopped,) = request.store.runs()
    from dataclasses import replace

    run = train(replace(request, config=config_of(stopped)), silent)
    assert run.id == undisturbed.id
    assert (run.record.kind, run.record.parent) == ("reset-block", parent.id)
    assert run.checkpoint_path("final").read_bytes() == undisturbed.checkpoint_path("final").read_bytes()
    with pytest.raises(ConfigError, match="starts from weights that are not here"):
        train(replace(request, config=config_of(stopped), force=True), silent)


def test_a_child_can_be_a_parent(reset: Reset, want: Callable[..., Request], silent: Any) -> None:
    child = reset(["fc1"], retrain=True)
    grandchild = reset_block(
        child, ["fc3"], to="initial", all_but=False, retrain=False, request=want(), listener=silent
    )
    check(grandchild, child, ["fc3"], load_checkpoint(child, "initial"))
    assert grandchild.record.parent == child.id


def test_an_unknown_block_offers_the_nearest(reset: Reset) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown block 'fc4'; did you mean fc\d.*all: fc1, fc2, fc3"):
        reset(["fc1", "fc4"])


@pytest.mark.parametrize(("blocks", "all_but"), [([], False), ([], True), (BLOCKS, False), (BLOCKS, True)])
def test_something_is_put_back_and_something_kept(reset: Reset, blocks: list[str], all_but: bool) -> None:
    with pytest.raises(ConfigError, match="there are fc1, fc2, fc3"):
        reset(blocks, all_but=all_but)


def test_a_parent_without_final_weights_is_refused(reset: Reset, parent: Run) -> None:
    parent.checkpoint_path("final").unlink()
    with pytest.raises(NotFoundError, match="no checkpoint 'final'"):
        reset(["fc1"])


def test_the_caller_s_random_state_is_left_alone(reset: Reset) -> None:
    state = torch.get_rng_state()
    reset(["fc1"], retrain=True)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_block_that_is_drawn_anew_has_its_scale_and_the_others_keep_theirs(
    trained: Callable[..., Run], want: Callable[..., Request], silent: Any
) -> None:
    parent = trained({**NORMED, "block_init_scale": {"fc2": 4.0, "fc3": 2.0}})
    run = reset_block(
        parent, ["fc2"], to="random", all_but=False, retrain=False, request=want({"seed": 5}), listener=silent
    )
    config = config_of(parent)
    build = recipe.network(config, recipe.load_dataset(config, want().data_folder))
    check(run, parent, ["fc2"], draw(build, "orthogonal", 5, stream="reset")[1])
    square = load_checkpoint(run, "initial")["fc2.weight"]
    torch.testing.assert_close(square @ square.T, 16 * torch.eye(6))
