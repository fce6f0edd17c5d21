"""What a request changes about a run that is there already."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.record import Record, Status
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training.request import Request, relabel
from lininterp_cli.training.train import train

Want = Callable[..., Request]


def at(request: Request, status: Status, epoch: int) -> Run:
    """A run of three epochs that has the name `old`, the tag `a` and a checkpoint of the first epoch."""
    record = Record(id="r", config={}, status=status, epoch=epoch, name="old", tags=["a"], save_at=[1])
    return request.store.run(record)


@pytest.mark.parametrize(
    ("asked", "name", "tags", "save_at"),
    [
        ({}, "old", ["a"], [1]),
        ({"name": "new"}, "new", ["a"], [1]),
        ({"tags": ("b", "a", "b")}, "old", ["a", "b"], [1]),
        ({"save_at": (3, 0, 1)}, "old", ["a"], [0, 1, 3]),
    ],
)
def test_labels_are_added_and_a_change_is_told(
    want: Want, asked: dict[str, Any], name: str, tags: list[str], save_at: list[int]
) -> None:
    request = want(**asked)
    run = at(request, "interrupted", 2)
    assert relabel(run, request) == bool(asked)
    assert (run.record.name, run.record.tags, run.record.save_at) == (name, tags, save_at)
    assert not relabel(run, request)
    assert not run.record_path.exists()


@pytest.mark.parametrize(
    ("status", "epoch", "wanted", "lost"),
    [
        ("interrupted", 2, (1, 3), ""),
        ("interrupted", 2, (2,), "2"),
        ("finished", 3, (0, 1, 3), ""),
        ("finished", 3, (3, 2, 1), "2"),
        ("diverged", 1, (2, 3), "2, 3"),
    ],
)
def test_epochs_that_are_past_and_were_not_kept_are_refused(
    want: Want, status: Status, epoch: int, wanted: tuple[int, ...], lost: str
) -> None:
    request = want(save_at=wanted)
    run = at(request, status, epoch)
    if not lost:
        # The epochs of a run that has ended stay as they are: the first and the last are there anyway.
        assert relabel(run, request) == (status == "interrupted")
        return
    with pytest.raises(
        ConfigError,
        match=f"^r is {status} and kept no epoch {lost}; .* --force, .*: lininterp rm r ",
    ):
        relabel(run, request)


def test_a_name_and_tags_can_be_given_later(want: Want, silent: Any) -> None:
    run = train(want(tags=("a", "b")), silent)
    train(want(name="mine", tags=("b", "c")), silent)
    train(want(), silent)
    record = run.record
    found = Store(run.folder.parent).find("mine").record
    assert (found.name, found.tags) == ("mine", ["a", "b", "c"])
    assert replace(found, name=None, tags=["a", "b"]) == record


def test_a_run_that_goes_on_takes_what_the_new_request_asks_for(want: Want, silent: Any, stopping: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(want(tags=("a",), save_at=(1,)), stopping(2, 1))
    run = train(want(name="mine", tags=("b",), save_at=(1, 2)), silent)
    assert run.checkpoints() == ["initial", "epoch-0001", "epoch-0002", "final"]
    assert (run.record.name, run.record.tags, run.record.save_at) == ("mine", ["a", "b"], [1, 2])


def test_a_run_that_goes_on_cannot_keep_what_is_gone(want: Want, silent: Any, stopping: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(want(), stopping(2, 1))
    with pytest.raises(ConfigError, match="is interrupted and kept no epoch 1; train it anew with --force"):
        train(want(save_at=(1, 2)), silent)
    assert train(want(save_at=(2,)), silent).checkpoints() == ["initial", "epoch-0002", "final"]


def test_epochs_that_are_gone_are_not_promised(want: Want, silent: Any) -> None:
    run = train(want(save_at=(1,)), silent)
    with pytest.raises(
        ConfigError, match=f"{run.id} is finished and kept no epoch 2; .*: lininterp rm {run.id} --runs "
    ):
        train(want(save_at=(1, 2)), silent)
    again = train(want(save_at=(1, 2), force=True), silent)
    assert again.checkpoints() == ["initial", "epoch-0001", "epoch-0002", "final"]
    # Without --force, which not every command has, it is deleted first.
    Store(run.folder.parent).delete(again.id)
    assert train(want(save_at=(1,)), silent).checkpoints() == ["initial", "epoch-0001", "final"]
