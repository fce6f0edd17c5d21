"""Walks: stopped at any moment and taken up again, served from what is known, precise enough, well placed."""

import math
from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.landscape import interpolate, walk
from lininterp_cli.landscape.crew import Progress
from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import Series
from lininterp_cli.landscape.curves.placement import next_alphas
from lininterp_cli.landscape.engine.estimates import Estimates
from lininterp_cli.landscape.intervals import looks
from lininterp_cli.landscape.intervals.interval import UNSEEN, intervals
from lininterp_cli.landscape.ledger import Ledger
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.models.state import State

Walked = Callable[..., list[Series]]
Trained = Callable[..., tuple[State, State]]
Vectors = Callable[..., Dataset]

CPU = torch.device("cpu")
ALPHAS = (0.0, 0.4, 1.0)
BATCH = 8
LOOKS = (256, 384, 512, 640, 768, 1000)
"""The planned looks at a thousand examples, as the documentation has them."""


class Listening(Unwatched):
    """Hears every pass, and presses Ctrl-C in one of them."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.passes: list[Progress] = []
        self._stop_at = stop_at

    @property
    def num_rows(self) -> int:
        """Examples times points that were measured."""
        return self.passes[-1].rows if self.passes else 0

    def passed(self, progress: Progress) -> None:
        self.passes.append(progress)
        if len(self.passes) == self._stop_at:
            raise KeyboardInterrupt


class Net(nn.Module):
    """Blocks with a norm behind them and without one, of one layer and of two."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.second = nn.Linear(3, 6), nn.BatchNorm1d(6), nn.Linear(6, 5)
        self.head = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.second(self.norm(self.first(inputs)).relu()).relu())


def clouds(num_test: int, num_train: int = 600, noise: float = 1.5) -> Dataset:
    """Two clouds of points that overlap."""
    generator = torch.Generator().manual_seed(1)

    def split(num: int) -> Split:
        labels = torch.randint(2, (num,), generator=generator)
        return Split(torch.randn(num, 3, generator=generator) * noise + 2.0 * labels[:, None] - 1, labels)

    return assemble("clouds", split(num_train), split(num_test), 2)


@pytest.fixture(scope="module")
def few() -> Dataset:
    return clouds(43)


@pytest.fixture(scope="module")
def many() -> Dataset:
    return clouds(1000)


@pytest.fixture(scope="module")
def ends(few: Dataset, trained: Trained) -> tuple[State, State]:
    return trained(Net, few, num_steps=60, lr=0.5)


@pytest.fixture(scope="module")
def apart(ends: tuple[State, State]) -> tuple[State, State]:
    """A trained network, and the same with its units in another order: as good, and a barrier lies between."""
    end = ends[1]
    turned = {
        name: tensor.flip(0) if name.startswith(("first", "norm")) and tensor.ndim else tensor
        for name, tensor in end.items()
    }
    return turned | {"second.weight": end["second.weight"].flip(1)}, end


@pytest.fixture
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks and a pilot that fit into forty examples."""
    monkeypatch.setattr(looks, "FIRST_LOOK", 16)
    monkeypatch.setattr(looks, "STEP", 8)
    monkeypatch.setattr(walk, "NUM_PILOT", 12)


def plain_losses(
    ends: tuple[State, State], dataset: Dataset, series: Series, alphas: tuple[float, ...], split: str = "test"
) -> tuple[np.ndarray, np.ndarray]:
    """Loss and error of every example at every alpha, in the split's order; each state loaded whole."""
    losses, errors = [], []
    examples = getattr(dataset, split)
    rows = oracle.order(len(examples), 0)
    for alpha in alphas:
        model = Net()
        model.load_state_dict(oracle.mixed(*ends, alpha, series.tensors if series.block else None, ends[1]))
        with torch.no_grad():
            logits = model.eval()(dataset.normalise(examples.inputs[rows]))
        labels = examples.labels[rows]
        losses.append(functional.cross_entropy(logits, labels, reduction="none").double().numpy())
        errors.append((logits.argmax(dim=1) != labels).double().numpy())
    return np.stack(losses, axis=1), np.stack(errors, axis=1)


STOPPED: dict[str, dict[str, Any]] = {
    "running": {},
    "recalibrate": {"bn": "recalibrate"},
    "batch": {"bn": "batch"},
    "splits": {"splits": ("train", "test"), "num_examples": 20},
    "placed": {"num_placed": 15, "tolerance": 0.001},
    "placed recalibrate": {"num_placed": 12, "bn": "recalibrate", "by": "full"},
    "precise": {"precision": 0.2, "batch_size": 5},
    "placed precise": {"num_placed": 13, "precision": 0.3, "metric": "accuracy", "by": "full"},
    "two devices": {"devices": (CPU, CPU)},
    "two devices recalibrate": {"devices": (CPU, CPU), "bn": "recalibrate"},
    "two devices placed precise": {
        "devices": (CPU, CPU), "num_placed": 13, "precision": 0.3, "by": "full", "batch_size": 5,
    },
}  # fmt: skip


def moments(num_passes: int, num_wanted: int) -> list[int]:
    """Passes to stop in: the first and the last, and what lies between."""
    return sorted({round(1 + (num_passes - 1) * part / (num_wanted - 1)) for part in range(num_wanted)})


@pytest.mark.parametrize("num_moments", [4, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", STOPPED)
@pytest.mark.usefixtures("_small_steps")
def test_a_walk_that_was_stopped_loses_a_chunk_at_most_and_no_bit(
    kind: str, num_moments: int, few: Dataset, ends: tuple[State, State], walked: Walked, tmp_path: Path
):
    asked = {"alphas": ALPHAS, "by": "block", "batch_size": BATCH, **STOPPED[kind]}
    undisturbed = Listening()
    expected = walked(Net(), ends, few, watcher=undisturbed, ledger=Ledger(tmp_path / "whole", {}), **asked)
    assert undisturbed.num_rows == undisturbed.passes[-1].num_rows
    num_passes, total = len(undisturbed.passes), undisturbed.num_rows
    num_points = sum(len(series.alphas) for series in expected)
    # A chunk takes in a last example that would be alone.
    lost = len(asked.get("devices", (CPU,))) * (asked["batch_size"] + 1) * num_points
    assert lost < total
    for moment in moments(num_passes, num_moments):
        folder, first, second = tmp_path / f"{moment}", Listening(moment), Listening()
        with pytest.raises(KeyboardInterrupt):
            walked(Net(), ends, few, watcher=first, ledger=Ledger(folder, {}), **asked)
        again = walked(Net(), ends, few, watcher=second, ledger=Ledger(folder, {}), **asked)
        assert again == expected, moment
        assert total <= first.num_rows + second.num_rows <= total + lost, moment
    third = Listening()
    assert walked(Net(), ends, few, watcher=third, ledger=Ledger(tmp_path / "1", {}), **asked) == expected
    assert third.passes == []


@pytest.mark.parametrize("kind", ["recalibrate", "placed precise", "two devices"])
@pytest.mark.usefixtures("_small_steps")
def test_a_walk_that_is_stopped_over_and_over_comes_to_its_end(
    kind: str, few: Dataset, ends: tuple[State, State], walked: Walked, tmp_path: Path
):
    asked = {"alphas": ALPHAS, "by": "block", "batch_size": BATCH, **STOPPED[kind]}
    expected = walked(Net(), ends, few, **asked)
    num_stopped = 0
    for _ in range(100):
        # A chunk, and a part of the next.
        watcher = Listening(2 * sum(len(series.alphas) for series in expected))
        try:
            found = walked(Net(), ends, few, watcher=watcher, ledger=Ledger(tmp_path, {}), **asked)
        except KeyboardInterrupt:
            num_stopped += 1
        else:
            break
    assert found == expected
    assert num_stopped >= 2


def test_statistics_go_on_from_the_batches_they_have_seen(
    few: Dataset, ends: tuple[State, State], walked: Walked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: dict[str, Any] = {"alphas": ALPHAS, "by": "block", "batch_size": BATCH, "bn": "recalibrate"}
    expected = walked(Net(), ends, few, **asked)
    plain, stop_at, num_seen = Estimates.see, math.inf, 0

    def see(self: Estimates, *arguments: Any) -> None:
        nonlocal num_seen
        if num_seen == stop_at:
            raise KeyboardInterrupt
        num_seen += 1
        plain(self, *arguments)

    monkeypatch.setattr(Estimates, "see", see)
    for num_before in (0, 1, 2):
        folder, stop_at, num_seen = tmp_path / f"{num_before}", num_before, 0
        with pytest.raises(KeyboardInterrupt):
            walked(Net(), ends, few, ledger=Ledger(folder, {}), **asked)
        stop_at, num_seen = math.inf, 0
        watcher = Listening(5)
        with pytest.raises(KeyboardInterrupt):
            walked(Net(), ends, few, ledger=Ledger(folder, {}), watcher=watcher, **asked)
        assert num_seen == 3 - num_before, "600 examples are three batches"
        num_seen = 0
        assert walked(Net(), ends, few, ledger=Ledger(folder, {}), **asked) == expected
        assert num_seen == 0


def known(ledger: Ledger, series: list[Series], split: str = "test") -> set[int]:
    """How many examples are known at the points of some series."""
    keys = ["full" if one.block is None else f"block:{one.block}" for one in series]
    return {
        ledger.num_known(split, (key, alpha)) for key, one in zip(keys, series, strict=True) for alpha in one.alphas
    }


REUSED: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    # What was asked before, what is asked then, and the examples times points that this adds.
    "more alphas": ({"alphas": (0.0, 0.5, 1.0)}, {"alphas": (0.0, 0.25, 0.5, 0.75, 1.0)}, 2 * 4 * 43),
    "fewer alphas": ({}, {"alphas": (0.4,)}, 0),
    "more examples": ({"num_examples": 16}, {}, 3 * 4 * 27),
    "fewer examples": ({}, {"num_examples": 16}, 0),
    "blocks": ({"by": "full"}, {}, 3 * 3 * 43),
    "other blocks": ({"blocks": ("first",)}, {"blocks": ("second", "first")}, 3 * 43),
    "layers": ({}, {"by": "layer"}, 3 * 5 * 43),
    "another split": ({}, {"splits": ("test", "train"), "num_examples": 43}, 3 * 4 * 43),
    "everything": ({"alphas": (0.0, 1.0), "num_examples": 24, "by": "full"}, {}, 3 * 4 * 43 - 2 * 24),
    "precision": ({"num_examples": 40}, {"num_examples": 40, "precision": 0.001}, 0),
    "after precision": ({"precision": 100.0}, {}, 3 * 4 * (43 - 16)),
    "placed": ({"alphas": (0.0, 0.0625, 0.125, 0.25, 0.5, 1.0)}, {"num_placed": 11}, 5 * 4 * 43),
    "after placed": ({"num_placed": 11}, {"alphas": (0.25, 0.3, 0.5)}, 4 * 43),
    "batch size": ({"batch_size": 16}, {}, 0),
}


@pytest.mark.parametrize("name", REUSED)
@pytest.mark.usefixtures("_small_steps")
def test_what_another_question_measured_is_not_measured_again(
    name: str, few: Dataset, ends: tuple[State, State], walked: Walked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "NUM_PILOT", 2 * BATCH)  # so that chunks end where it ends
    before, then, num_rows = REUSED[name]
    usual = {"alphas": ALPHAS, "by": "block", "batch_size": BATCH}
    watcher = Listening()
    walked(Net(), ends, few, ledger=Ledger(tmp_path, {}), **usual | before)
    found = walked(Net(), ends, few, watcher=watcher, ledger=Ledger(tmp_path, {}), **usual | then)
    assert watcher.num_rows == num_rows
    for one, other in zip(found, walked(Net(), ends, few, **usual | then), strict=True):
        assert (one.block, one.alphas, one.distance) == (other.block, other.alphas, other.distance)
        for split, values in one.splits.items():
            assert values.num_examples == other.splits[split].num_examples
            assert values.loss == pytest.approx(other.splits[split].loss, abs=1e-6)
            assert values.accuracy == other.splits[split].accuracy


def test_a_damaged_file_is_measured_again_and_no_other(
    few: Dataset, ends: tuple[State, State], walked: Walked, tmp_path: Path
):
    asked: dict[str, Any] = {"alphas": ALPHAS, "by": "block", "batch_size": BATCH, "bn": "recalibrate"}
    expected = walked(Net(), ends, few, ledger=Ledger(tmp_path, {}), **asked)
    ledger = Ledger(tmp_path, {})
    assert ledger.folder is not None
    last = sorted(ledger.folder.glob("outcomes-*"))[-1]
    (statistics,) = ledger.folder.glob("statistics-*")
    for path in (last, statistics):
        path.write_bytes(path.read_bytes()[:-1])
    watcher = Listening()
    assert walked(Net(), ends, few, watcher=watcher, ledger=Ledger(tmp_path, {}), **asked) == expected
    assert watcher.num_rows == 4 * 3 * (43 - 40)
    watcher = Listening()
    assert walked(Net(), ends, few, watcher=watcher, ledger=Ledger(tmp_path, {}), **asked) == expected
    assert watcher.passes == []


def test_progress_rises_to_what_there_is_to_do(many: Dataset, ends: tuple[State, State], walked: Walked):
    watcher = Listening()
    walked(Net(), ends, many, watcher=watcher, num_placed=14, by="block", precision=0.05)
    rows = [progress.rows for progress in watcher.passes]
    assert rows == sorted(set(rows))
    assert (watcher.passes[-1].rows, watcher.passes[-1].chunk) == (
        watcher.passes[-1].num_rows,
        watcher.passes[-1].num_chunks,
    )
    assert all(1 <= progress.chunk <= progress.num_chunks for progress in watcher.passes)
    assert {progress.moving for progress in watcher.passes} == {"all", "first", "second", "head"}


@pytest.mark.parametrize("wanted", ["first", "later", "never"])
@pytest.mark.parametrize(("metric", "barrier"), [("loss", None), ("loss", "chord"), ("accuracy", "max")])
def test_a_path_is_let_go_at_the_first_look_at_which_its_barrier_is_precise(
    metric: Any, barrier: str | None, wanted: str, many: Dataset, apart: tuple[State, State], walked: Walked
):
    alphas = (0.0, 0.25, 0.5, 0.75, 1.0)
    definition = barrier or "rise"
    ledger = Ledger(None, {})
    whole = walked(Net(), apart, many, alphas=alphas, by="block", ledger=ledger)
    outcomes = []
    for series in whole:
        key = "full" if series.block is None else f"block:{series.block}"
        measured = ledger.losses("test", key, alphas, 1000), 1.0 - ledger.correct("test", key, alphas, 1000)
        for some, expected in zip(measured, plain_losses(apart, many, series, alphas), strict=True):
            np.testing.assert_allclose(some, expected, atol=1e-5)
        outcomes.append(measured[metric == "accuracy"])

    def at(look: int, some: np.ndarray) -> Any:
        return intervals(alphas, some[:look], LOOKS, binary=metric == "accuracy")

    widths = [[at(look, some)[definition].half_width for look in LOOKS] for some in outcomes]
    # What is asked lets every path go at once, some at a later look than others, or the noisiest at the end only.
    last = sorted(min(own[:-1]) for own in widths)
    precision = {
        "first": max(own[0] for own in widths) * 1.0005,
        "later": (last[0] + last[-1]) / 2,
        "never": last[-1] / 2,
    }[wanted]
    stops = [next((look for look, width in zip(LOOKS, own, strict=True) if width <= precision), 1000) for own in widths]
    assert {"first": set(stops) == {256}, "later": len(set(stops)) > 1, "never": 1000 in stops}[wanted]

    found = walked(Net(), apart, many, alphas=alphas, by="block", precision=precision, metric=metric, barrier=barrier)
    for series, everything, some, stop in zip(found, whole, outcomes, stops, strict=True):
        values = series.splits["test"]
        assert (values.num_examples, values.split_size) == (stop, 1000)
        assert list(values.costs(metric)) == pytest.approx(list(some[:stop].mean(axis=0)), abs=1e-6)
        for name, interval in at(stop, some).items():
            assert series.interval("test", name, metric) == interval
            truth = BARRIERS[name](alphas, everything.splits["test"].costs(metric))
            assert truth is not None
            assert interval.low <= truth.height <= interval.high
        own = series.interval("test", definition, metric)
        assert own is not None
        assert stop == 1000 or own.half_width <= precision


def test_the_callers_definition_is_precise_where_the_question_names_none(
    many: Dataset, apart: tuple[State, State], walked: Walked
):
    asked: dict[str, Any] = {"alphas": ALPHAS, "precision": 0.08}
    by_name, by_default, other = (
        walked(Net(), apart, many, **asked, **more)[0].splits["test"].num_examples
        for more in ({"barrier": "max"}, {"definition": "max"}, {"definition": "chord"})
    )
    assert by_name == by_default != other
    named = walked(Net(), apart, many, **asked, barrier="max", definition="chord")[0]
    assert named.splits["test"].num_examples == by_name


def test_each_split_stops_at_its_own_look(many: Dataset, apart: tuple[State, State], walked: Walked):
    ledger, num = Ledger(None, {}), 512
    walked(Net(), apart, many, alphas=ALPHAS, splits=("train", "test"), num_examples=600, ledger=ledger)
    halves = [
        intervals(ALPHAS, 1.0 - ledger.correct(split, "full", ALPHAS, num), planned, binary=True)["rise"].half_width
        for split, planned in (("train", looks.looks(600)), ("test", LOOKS))
    ]
    asked: dict[str, Any] = {"alphas": ALPHAS, "by": "block", "metric": "accuracy", "precision": sum(halves) / 2}
    alone = {split: walked(Net(), apart, many, **asked, splits=(split,)) for split in ("test", "train")}
    both = walked(Net(), apart, many, **asked, splits=("train", "test"))
    for number, series in enumerate(both):
        assert series.splits == {split: some[number].splits[split] for split, some in alone.items()}
    numbers = [values.num_examples for values in both[0].splits.values()]
    assert len(set(numbers)) == 2
    assert set(numbers) < {*LOOKS, 600}
    assert [(split, values.split_size) for split, values in both[0].splits.items()] == [("train", 600), ("test", 1000)]


def test_a_prefix_is_looked_at_as_a_split_of_that_size(many: Dataset, apart: tuple[State, State], walked: Walked):
    ledger = Ledger(None, {})
    (series,) = walked(Net(), apart, many, alphas=ALPHAS, num_examples=300, precision=1e-6, ledger=ledger)
    assert series.splits["test"].num_examples == 300
    losses = ledger.losses("test", "full", ALPHAS, 300)
    assert series.intervals["test"] == intervals(ALPHAS, losses, (256, 300))
    (once,) = walked(Net(), apart, many, alphas=ALPHAS, num_examples=300)
    assert once.intervals["test"] == intervals(ALPHAS, losses)
    assert once.intervals != series.intervals, "looking has its price"


def test_what_is_shown_between_two_looks_has_the_price_of_one_look_more(
    many: Dataset, apart: tuple[State, State], walked: Walked, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(interpolate, "_PREVIEW_SECONDS", 0.0)
    monkeypatch.setattr(interpolate, "_PREVIEW_SHARE", math.inf)
    shown: list[tuple[Series, ...]] = []
    ledger = Ledger(None, {})
    asked: dict[str, Any] = {"alphas": ALPHAS, "batch_size": 100, "ledger": ledger, "on_series": shown.append}
    for precision, looks_planned in ((1e-6, LOOKS), (None, (1000,))):
        shown.clear()
        ledger.forget()
        walked(Net(), apart, many, precision=precision, **asked)
        numbers = [series.splits["test"].num_examples for (series,) in shown]
        assert {100, 200} < set(numbers)
        for num, (series,) in zip(numbers, shown, strict=True):
            losses = ledger.losses("test", "full", ALPHAS, num)
            assert series.intervals["test"] == intervals(ALPHAS, losses, tuple(sorted({*looks_planned, num})))
            narrow, own = intervals(ALPHAS, losses)["rise"], series.interval("test", "rise")
            assert own is not None
            assert own.half_width > narrow.half_width or num == looks_planned[-1] == 1000


def test_positions_are_placed_where_the_first_examples_want_them(
    many: Dataset, ends: tuple[State, State], walked: Walked
):
    ledger = Ledger(None, {})
    found = walked(Net(), ends, many, by="block", num_placed=18, tolerance=0.004, ledger=ledger)
    assert known(ledger, found) == {1000}
    assert len({series.alphas for series in found}) > 2
    for series in found:
        key = "full" if series.block is None else f"block:{series.block}"
        placed: tuple[float, ...] = ()
        for _ in count():
            means = ledger.losses("test", key, placed, 256).mean(axis=0).tolist() if placed else []
            new = next_alphas(placed, means, 0.004, 18)
            placed = tuple(sorted({*placed, *new}))
            if not new:
                break
        assert series.alphas == placed
        assert 11 <= len(placed) <= 18
        losses, errors = plain_losses(ends, many, series, placed)
        values = series.splits["test"]
        assert values.num_examples == 1000
        assert list(values.loss) == pytest.approx(list(losses.mean(axis=0)), abs=1e-5)
        assert list(values.accuracy) == pytest.approx(list(1 - errors.mean(axis=0)), abs=1e-12)


@pytest.mark.parametrize("bn", ["running", "batch"])
def test_a_curve_is_shown_while_its_positions_are_placed(
    many: Dataset, ends: tuple[State, State], walked: Walked, monkeypatch: pytest.MonkeyPatch, bn: str
):
    monkeypatch.setattr(interpolate, "_PREVIEW_SECONDS", 0.0)
    monkeypatch.setattr(interpolate, "_PREVIEW_SHARE", math.inf)
    shown: list[tuple[Series, ...]] = []
    asked: dict[str, Any] = {"num_placed": 18, "tolerance": 0.004, "bn": bn, "batch_size": 100}
    found = walked(Net(), ends, many, by="block", on_series=shown.append, **asked)
    placed = [series.alphas for series in found]
    placing = [one for one in shown if [series.alphas for series in one] != placed]
    assert len(placing[0][0].alphas) == 11
    assert {series.splits["test"].num_examples for one in placing for series in one} == {256}
    for path in zip(*shown, strict=True):
        for before, after in pairwise(path):
            assert set(before.alphas) <= set(after.alphas)
            assert before.splits["test"].num_examples <= after.splits["test"].num_examples


def test_a_smaller_budget_places_a_part_and_every_split_has_the_same(
    many: Dataset, ends: tuple[State, State], walked: Walked
):
    asked: dict[str, Any] = {"by": "block", "tolerance": 1e-4, "splits": ("train", "test"), "num_examples": 300}
    found = [walked(Net(), ends, many, num_placed=budget, **asked) for budget in (11, 13, 17, 30)]
    for path in zip(*found, strict=True):
        for smaller, larger in pairwise(path):
            assert set(smaller.alphas) <= set(larger.alphas)
            assert len(smaller.alphas) <= len(larger.alphas)
        assert [len(series.alphas) for series in path][:2] == [11, 13]
        assert all(len(series.splits["test"].loss) == len(series.alphas) for series in path)
    # The first split is the one that places.
    alone = walked(Net(), ends, many, num_placed=17, **asked | {"splits": ("train",)})
    assert [series.alphas for series in alone] == [series.alphas for series in found[2]]


@pytest.mark.parametrize("tolerance", [0.02, 0.002])
def test_a_placed_curve_is_within_its_tolerance_everywhere(
    tolerance: float, many: Dataset, ends: tuple[State, State], walked: Walked
):
    dense = tuple((np.arange(201) / 200).tolist())
    off = []
    for series in walked(Net(), ends, many, by="block", num_placed=200, tolerance=tolerance, num_examples=256):
        truth = plain_losses(ends, many, series, dense)[0][:256].mean(axis=0)
        drawn = np.interp(dense, series.alphas, series.splits["test"].loss)
        off.append(float(np.abs((drawn - truth) / np.maximum(1, truth / math.log(10))).max()))
        assert len(series.alphas) < 60
    assert max(off) <= tolerance
    assert max(off) > tolerance / 50, "as many points as that were not needed"


@pytest.mark.parametrize("by", ["full", "block", "kind", "layer"])
@pytest.mark.parametrize("rest", ["initial", "final"])
def test_positions_beyond_the_ends_are_the_oracles(
    rest: str, by: str, few: Dataset, ends: tuple[State, State], walked: Walked
):
    alphas = (-0.5, -0.1, 0.0, 0.5, 1.0, 1.1, 1.5)
    for series in walked(Net(), ends, few, by=by, alphas=alphas, rest=rest):
        moving = None if series.block is None else series.tensors
        expected = oracle.line(Net, *ends, few, alphas, moving=moving, rest=rest)
        assert list(series.splits["test"].loss) == pytest.approx([loss for loss, _ in expected], abs=1e-5, nan_ok=True)
        # Beyond the ends a variance may fall below 0; no example is classified right then.
        right = [0.0 if math.isnan(loss) else accuracy for loss, accuracy in expected]
        assert list(series.splits["test"].accuracy) == right


class Root(nn.Module):
    """Logits [sqrt(u^2 - 1/10) + b, 0]: not a number where |u| is small, finite at both ends of u from 1 to -1."""

    def __init__(self) -> None:
        super().__init__()
        self.u, self.b = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))

    def forward(self, inputs: Tensor) -> Tensor:
        margin = (self.u**2 - 0.1).sqrt() * inputs + self.b
        return torch.cat([margin, torch.zeros_like(margin)], dim=1)


ROOT_ENDS = ({"u": torch.ones(1), "b": torch.zeros(1)}, {"u": -torch.ones(1), "b": torch.full((1,), 3.0)})


def test_a_path_without_a_barrier_is_let_go_at_the_first_look(vectors: Vectors, walked: Walked):
    inputs = torch.randn(600, 1, generator=torch.Generator().manual_seed(3)).exp()
    dataset = vectors(inputs, torch.zeros(600, dtype=torch.int64))
    # At u = 0.2 no loss is a number: what moves u lacks an end, and what moves b alone has both.
    ends = ({"u": torch.full((1,), 0.2), "b": torch.zeros(1)}, ROOT_ENDS[1])
    asked: dict[str, Any] = {"alphas": (0.0, 0.5, 1.0), "by": "tensor", "barrier": "mean"}
    for precision in (1e-9, 10.0):
        found = walked(Root(), ends, dataset, precision=precision, **asked)
        known = {one.block: one.splits["test"].num_examples for one in found}
        assert known == {None: 256, "u": 256, "b": 600 if precision < 1 else 256}
        assert [one.interval("test", "mean") is None for one in found] == [True, True, False]


def root_loss(alpha: float, moving: str | None) -> float:
    u, b = (1 - 2 * alpha if moving != "b" else -1.0), (3 * alpha if moving != "u" else 3.0)
    return math.log1p(math.exp(-math.sqrt(u**2 - 0.1) - b)) if u**2 >= 0.1 else math.nan


@pytest.mark.parametrize(
    "asked",
    [
        {"alphas": (0.0, 0.25, 0.5, 0.6, 0.75, 1.0)},
        {"num_placed": 20},
        {"alphas": (0.0, 0.25, 0.5, 0.75, 1.0), "precision": 1.0},
        {"num_placed": 15, "precision": 0.1, "metric": "accuracy"},
        {"alphas": (0.5,), "precision": 0.01},
    ],
    ids=str,
)
def test_losses_that_are_not_numbers_are_counted_and_disturb_nothing(
    asked: dict[str, Any], vectors: Vectors, walked: Walked, tmp_path: Path
):
    dataset = vectors(torch.ones(600, 1), torch.zeros(600, dtype=torch.int64))
    for series in walked(Root(), ROOT_ENDS, dataset, by="tensor", ledger=Ledger(tmp_path, {}), **asked):
        expected = [root_loss(alpha, series.block) for alpha in series.alphas]
        values = series.splits["test"]
        assert list(values.loss) == pytest.approx(expected, abs=1e-6, nan_ok=True)
        assert list(values.accuracy) == [0.0 if math.isnan(loss) else 1.0 for loss in expected]
        assert values.num_missing == sum(map(math.isnan, expected))
        assert (values.num_missing > 0) == (series.block != "b")
        assert values.num_examples == (256 if "precision" in asked else 600)
        top, interval = BARRIERS["rise"](series.alphas, expected), series.interval("test", "rise")
        assert (interval is None) == (top is None)
        if interval is not None and top is not None:
            # All examples are the same: there is room for those that were not seen, and for nothing else.
            room = 3**2 * UNSEEN / values.num_examples * (sum(map(math.isfinite, expected)) > 1) + 1e-6
            assert top.height - room <= interval.low <= top.height + 1e-6
            assert top.height - 1e-6 <= interval.high <= top.height + room
    watcher = Listening()
    walked(Root(), ROOT_ENDS, dataset, by="tensor", ledger=Ledger(tmp_path, {}), watcher=watcher, **asked)
    assert watcher.passes == []
