"""Several devices: the bits of one, in order, and no error that is lost."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lininterp_cli.data.dataset import Dataset
from lininterp_cli.landscape.crew import Crew, Job, Progress
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.landscape.engine.estimates import Estimates
from lininterp_cli.landscape.engine.sweep import Outcomes, Sweep
from lininterp_cli.landscape.ledger import Ledger
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State

Trained = Callable[..., tuple[State, State]]
Walked = Callable[..., list[Series]]

CPU = torch.device("cpu")
PATIENCE_SECONDS = 20


def residual() -> nn.Module:
    return build("resnet8", (1, 8, 8), 10, width=4)


class Stub:
    """Stands for a device: what an example comes to is told by the example and the point."""

    estimates_statistics = False
    reason = None

    def __init__(self, before: Callable[[slice], None] = lambda rows: None) -> None:
        self.done: list[int] = []
        self._before = before

    def measure(
        self, split: str, rows: slice, points: Mapping[int, Sequence[float]], on_rows: Callable[[str, int], None]
    ) -> Outcomes:
        self._before(rows)
        self.done.append(rows.start)
        order = [(index, alpha) for index, alphas in points.items() for alpha in alphas]
        for _ in order:
            on_rows("all", rows.stop - rows.start)
        numbers = np.arange(rows.start, rows.stop)
        losses = np.stack([numbers + 1000 * index + alpha for index, alpha in order]) if order else np.empty((0, 0))
        return losses, losses > 0


def crew_of(sweeps: Sequence[Any], ledger: Ledger, on_progress: Callable[[Progress], None] = lambda _: None) -> Crew:
    return Crew(sweeps, ["full", "block:one"], None, ledger, on_progress)  # type: ignore[arg-type]


POINTS = {0: (0.0, 0.5), 1: (0.25,)}


def jobs_of(crew: Crew, num: int, size: int = 4) -> list[Job]:
    return [crew.lacks("test", slice(first, first + size), POINTS) for first in range(0, num * size, size)]


def check(ledger: Ledger, num: int) -> None:
    for name, index, alphas in (("full", 0, (0.0, 0.5)), ("block:one", 1, (0.25,))):
        found = ledger.losses("test", name, alphas, num)
        expected = np.arange(num)[:, None] + 1000 * index + np.array(alphas)
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("num_jobs", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("num_devices", [1, 2, 3])
def test_jobs_are_shared_and_come_in_their_order(num_devices: int, num_jobs: int):
    sweeps, ledger = [Stub() for _ in range(num_devices)], Ledger(None, {})
    crew = crew_of(sweeps, ledger)
    jobs, seen = jobs_of(crew, num_jobs), []
    for number, job in enumerate(crew.measure(jobs), 1):
        seen.append(job)
        # What is told of is in the ledger, and nothing that comes later.
        assert ledger.num_known("test", ("full", 0.5)) == 4 * number
        check(ledger, 4 * number)
    assert seen == jobs
    assert [sweep.done for sweep in sweeps] == [
        [job.rows.start for job in jobs[place::num_devices]] for place in range(num_devices)
    ]


def test_a_device_that_is_done_first_waits_for_its_turn():
    second_is_done = threading.Event()

    def wait(rows: slice) -> None:
        if rows.start == 0:
            assert second_is_done.wait(PATIENCE_SECONDS)

    def tell(rows: slice) -> None:
        second_is_done.set()

    ledger = Ledger(None, {})
    crew = crew_of([Stub(wait), Stub(tell)], ledger)
    jobs = jobs_of(crew, 4)
    assert list(crew.measure(jobs)) == jobs
    check(ledger, 16)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_error_on_any_device_comes_out_and_what_came_before_it_is_kept(place: int):
    def fail(rows: slice) -> None:
        if rows.start >= 12:
            raise ValueError(f"of {rows.start}")

    sweeps = [Stub(fail) if number == place else Stub() for number in range(3)]
    ledger = Ledger(None, {})
    crew = crew_of(sweeps, ledger)
    jobs = crew.measure(jobs_of(crew, 6))
    for _ in range(3 + place):
        next(jobs)
    with pytest.raises(ValueError, match=f"of {12 + 4 * place}"):
        next(jobs)
    check(ledger, 12 + 4 * place)
    # Somebody else may go on from there.
    crew = crew_of([Stub()], ledger)
    rest = [job for job in jobs_of(crew, 6) if job.points]
    assert [job.rows.start for job in rest] == list(range(12 + 4 * place, 24, 4))
    assert len(list(crew.measure(rest))) == len(rest)
    check(ledger, 24)


def test_what_is_known_is_not_measured_again():
    ledger = Ledger(None, {})
    crew = crew_of([Stub()], ledger)
    list(crew.measure(jobs_of(crew, 2)))
    job = crew.lacks("test", slice(4, 12), {0: (0.5, 0.75), 1: (0.25,)})
    # Of the second half all is missing, and of the first the new point alone.
    assert job.points == {0: (0.5, 0.75), 1: (0.25,)}
    job = crew.lacks("test", slice(4, 8), {0: (0.5, 0.75), 1: (0.25,)})
    assert job.points == {0: (0.75,)}
    assert job.num_rows == 4
    assert list(job) == [(0, 0.75)]
    assert crew.lacks("test", slice(0, 8), POINTS).points == {}
    assert crew.lacks("train", slice(0, 8), POINTS).points == POINTS


def test_progress_is_counted_over_all_devices_and_calls():
    told: list[Progress] = []
    crew = crew_of([Stub(), Stub()], Ledger(None, {}), told.append)
    list(crew.measure(jobs_of(crew, 3)))
    assert len(told) == 3 * 3
    assert [one.rows for one in told] == [4 * place for place in range(1, 10)]
    assert {(one.num_rows, one.num_chunks) for one in told} == {(36, 3)}
    assert told[-1].chunk == 3
    list(crew.measure(jobs_of(crew, 4)))
    assert (told[-1].rows, told[-1].num_rows, told[-1].chunk, told[-1].num_chunks) == (48, 48, 4, 4)


@pytest.mark.parametrize("bn", ["running", "final", "recalibrate", "batch"])
def test_several_devices_have_the_bits_of_one(bn: str, pictures: Callable[..., Dataset], far: Trained, walked: Walked):
    dataset = pictures(num_train=20, num_test=29)
    ends = far(residual, dataset)
    asked: dict[str, Any] = {"by": "block", "blocks": ("layer2", "fc"), "bn": bn, "batch_size": 8}
    asked["splits"] = ("test", "train")
    one, two, three = (walked(residual(), ends, dataset, devices=(CPU,) * num, **asked) for num in (1, 2, 3))
    assert one == two == three
    assert one[0].splits["test"].num_examples == 29


def test_several_devices_place_and_stop_like_one(pictures: Callable[..., Dataset], far: Trained, walked: Walked):
    dataset = pictures(num_test=300)
    ends = far(residual, dataset)
    asked: dict[str, Any] = {"by": "block", "num_placed": 9, "precision": 0.2, "batch_size": 32}
    one, two = (walked(residual(), ends, dataset, devices=(CPU,) * num, **asked) for num in (1, 2))
    assert one == two


def test_an_interrupted_estimate_is_gone_on_with(
    pictures: Callable[..., Dataset], far: Trained, walked: Walked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    dataset = pictures(num_train=900)
    ends = far(residual, dataset)
    asked: dict[str, Any] = {"bn": "recalibrate", "by": "block", "batch_size": 8, "devices": (CPU, CPU)}
    expected = walked(residual(), ends, dataset, **asked)
    see, seen = Estimates.see, list[int]()

    def interrupted(self: Estimates, *given: Any) -> None:
        if self.num_batches == 2 and 2 not in seen:
            seen.append(2)
            raise KeyboardInterrupt
        seen.append(self.num_batches)
        see(self, *given)

    monkeypatch.setattr(Estimates, "see", interrupted)
    with pytest.raises(KeyboardInterrupt):
        walked(residual(), ends, dataset, ledger=Ledger(tmp_path, {}), **asked)
    assert seen == [0, 1, 2]
    found = walked(residual(), ends, dataset, ledger=Ledger(tmp_path, {}), **asked)
    assert seen == [0, 1, 2, 2, 3]
    assert found == expected
    # A third time nothing is estimated and nothing measured.
    assert walked(residual(), ends, dataset, ledger=Ledger(tmp_path, {}), **asked) == expected
    assert seen == [0, 1, 2, 2, 3]


def test_a_network_that_fails_on_the_second_device_fails(
    pictures: Callable[..., Dataset], far: Trained, walked: Walked
):
    dataset = pictures(num_test=40)
    ends, model = far(residual, dataset), residual()

    def fail(*_: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise ValueError("there")

    model.fc.register_forward_hook(fail)
    with pytest.raises(ValueError, match="there"):
        walked(model, ends, dataset, batch_size=8, devices=(CPU, CPU))
    walked(model, ends, dataset, batch_size=8, devices=(CPU,))


def exactness() -> tuple[bool, bool, str]:
    cudnn = torch.backends.cudnn
    return cudnn.deterministic, cudnn.allow_tf32, torch.get_float32_matmul_precision()


@pytest.fixture
def inexact() -> Iterator[None]:
    """Numbers are not exact unless somebody sees to it."""
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=False, allow_tf32=True):
        yield


@pytest.mark.usefixtures("inexact")
def test_numbers_stay_exact_on_a_device_while_another_is_done(
    pictures: Callable[..., Dataset], far: Trained, walked: Walked, monkeypatch: pytest.MonkeyPatch
):
    dataset, model, measure = pictures(num_test=16), residual(), Sweep.measure
    ends = far(residual, dataset)
    both_are_inside = threading.Barrier(2)
    begun, first_is_inside, first_is_done = (threading.Event() for _ in range(3))
    seen: list[tuple[bool, bool, str]] = []

    def is_first() -> bool:
        return threading.current_thread() is threading.main_thread()

    def ordered(self: Sweep, *given: Any) -> Outcomes:
        if not is_first():
            # The first device takes down the flags that it found before the second one finds any.
            assert first_is_inside.wait(PATIENCE_SECONDS)
            return measure(self, *given)
        begun.set()
        outcomes = measure(self, *given)
        first_is_done.set()
        return outcomes

    def watch(*_: object) -> None:
        if not begun.is_set() or seen:
            return
        first_is_inside.set()
        both_are_inside.wait(PATIENCE_SECONDS)
        if not is_first():
            assert first_is_done.wait(PATIENCE_SECONDS)
            seen.append(exactness())

    model.fc.register_forward_hook(watch)
    monkeypatch.setattr(Sweep, "measure", ordered)
    before = exactness()
    walked(model, ends, dataset, alphas=(0.5,), batch_size=8, devices=(CPU, CPU))
    assert seen == [(True, False, "highest")]
    assert exactness() == before == (False, True, "highest")
