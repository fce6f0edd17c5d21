"""A whole report over hand-built stores."""

import json
import math
from statistics import mean, stdev

import numpy as np
import pytest
from scipy import stats

from lininterp_cli.study.outcomes import Made
from lininterp_cli.study.plan import Published, Step
from lininterp_cli.study.report.assembly import associate, report
from lininterp_cli.study.report.figures import FIGURES, OUTCOMES, SHAPES
from lininterp_cli.study.report.findings import Point
from lininterp_cli.study.report.ranks import holm

TESTS = (0.9, 0.92, 0.91, 0.8, 0.85, 0.81)


def point(group, seed, shape, outcome, step=""):
    return Point(group=group, seed=seed, step=step, figures={SHAPES[0]: shape, OUTCOMES[0]: outcome})


def of(points):
    """Scope to the correlation of the first shape and the first outcome."""
    return {one.scope: one for one in associate(points) if (one.shape, one.outcome) == (SHAPES[0], OUTCOMES[0])}


def bump(height):
    return {"all": (2.0, 2.0 + height, 1.0, 0.5, 0.25)}


@pytest.fixture
def done(place):
    """Two groups of three seeds whose barriers rise as their accuracies fall, in each group and over both."""
    here = place(targets={"optimizer.weight_decay=0": {"test_accuracy": Published(0.9)}})
    for index, test in enumerate(TESTS):
        here.finish(index, bump(1 - test), test=test, train=1.0, distance=float(index))
    return here


def test_rows_have_mean_and_deviation_over_seeds(done):
    found = report(done.study, done.runs)
    assert [row.label for row in found.rows] == ["optimizer.weight_decay=0", "optimizer.weight_decay=0.5"]
    row = found.rows[0]
    assert row.runs == ("run-0", "run-1", "run-2")
    assert row.states == {"finished": 3}
    test = row.figures["test_accuracy"]
    assert (test.num, test.mean, test.deviation) == (3, pytest.approx(mean(TESTS[:3])), pytest.approx(stdev(TESTS[:3])))
    assert row.figures["barrier_rise"].mean == pytest.approx(1 - mean(TESTS[:3]))
    assert row.figures["monotone"].mean == 0
    assert row.figures.keys() == FIGURES.keys()


def test_the_published_figure_stands_beside_the_measured_one(done):
    first, second = report(done.study, done.runs).rows
    assert (first.target, first.difference) == (0.9, pytest.approx(0.01))
    assert (second.target, second.difference) == (None, None)


def test_accuracies_after_epochs_are_read_where_they_are_published(place):
    published = {"test_accuracy@1": Published(0.45), "test_accuracy@7": Published(0.7)}
    here = place(decays=[0.0], seeds=2, targets={"optimizer.weight_decay=0": published})
    for index, first in enumerate((0.4, 0.5)):
        here.finish(index)
        rows = [{"epoch": epoch, "test_accuracy": first + epoch / 100} for epoch in range(3)]
        path = here.runs / f"run-{index}" / "metrics.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (row,) = report(here.study, here.runs).rows
    assert row.figures["test_accuracy@1"].mean == pytest.approx(0.46)
    assert row.figures["test_accuracy@7"].num == 0
    assert row.published == published


def test_correlations_are_scipys(done):
    found = report(done.study, done.runs)
    one = next(
        one for one in found.associations if (one.shape, one.outcome, one.scope) == ("barrier_rise", "distance", "all")
    )
    barriers = [1 - test for test in TESTS]
    assert one.rho == pytest.approx(stats.spearmanr(barriers, range(6)).statistic)
    assert one.tau == pytest.approx(stats.kendalltau(barriers, range(6)).statistic)
    assert (one.num_runs, one.num_groups, one.is_exact) == (6, 2, True)


def test_every_shape_is_put_against_every_outcome_in_each_scope(done):
    found = report(done.study, done.runs)
    names = {(one.scope, one.shape, one.outcome) for one in found.associations}
    assert len(names) == len(found.associations) == 3 * len(SHAPES) * len(OUTCOMES)


def test_the_p_values_of_a_scope_are_corrected_as_one_family(done):
    for scope in ("all", "within"):
        family = [one for one in report(done.study, done.runs).associations if one.scope == scope and one.p is not None]
        assert [one.p_holm for one in family] == holm([one.p for one in family])
        assert {one.num_tests for one in family} == {len(family)}
        assert len(family) > 3


def test_between_groups_the_means_are_correlated():
    points = [
        point(str(group), seed, group + seed / 2, -(group**2) - seed / 2) for group in range(5) for seed in range(2)
    ]
    found = of(points)
    assert (found["between"].rho, found["between"].num_groups, found["between"].num_runs) == (-1.0, 5, 10)
    assert found["between"].p == pytest.approx(2 / 120)
    assert found["within"].rho == pytest.approx(-1)


@pytest.mark.parametrize("has_own", [True, False])
def test_between_and_within_groups_each_training_counts_once(has_own):
    generator = np.random.default_rng(1)
    own = {(group, seed): generator.normal(size=2) for group in "abcdef" for seed in range(4)}
    made = {(key, step): generator.normal(size=2) for key in own for step in ("x", "y")}
    points = [point(*key, *pair, step) for (key, step), pair in made.items()]
    points += [point(*key, *pair) for key, pair in own.items()] if has_own else []
    trainings = own if has_own else {key: (made[key, "x"] + made[key, "y"]) / 2 for key in own}
    groups = [np.array([trainings[group, seed] for seed in range(4)]) for group in "abcdef"]
    found = of(points)
    assert (found["all"].num_runs, found["all"].num_groups) == (len(points), 6)
    for scope in ("between", "within"):
        assert (found[scope].num_runs, found[scope].num_groups) == (24, 6)
    assert found["between"].rho == pytest.approx(stats.spearmanr([one.mean(axis=0) for one in groups]).statistic)
    # All groups have as many trainings, so that ranks of all weigh the same.
    ranks = np.concatenate([stats.rankdata(one, axis=0) for one in groups])
    assert found["within"].rho == pytest.approx(stats.pearsonr(*ranks.T).statistic)


def test_steps_from_few_trainings_are_no_independent_groups():
    steps = ["", *(f"reset-block block=fc{at}" for at in range(8))]
    points = [point(group, seed, at, at, step) for group in "ab" for seed in range(2) for at, step in enumerate(steps)]
    found = of(points)
    assert (found["all"].num_runs, found["all"].rho) == (36, pytest.approx(1))
    assert (found["between"].num_groups, found["between"].rho) == (2, None)
    assert (found["within"].num_runs, found["within"].rho) == (4, None)


def test_one_group_with_steps_is_also_correlated_over_its_trainings_alone():
    points = [point("a", seed, seed, -seed, step) for seed in range(5) for step in ("", "x")]
    found = of(points)
    assert found.keys() == {"all", "within"}
    assert (found["within"].num_runs, found["within"].rho) == (5, pytest.approx(-1))


def test_means_over_runs_of_different_steps_are_not_compared():
    points = [point("a", seed, seed, seed, step) for seed in range(5) for step in ("x", "y")]
    points[-1] = point("a", 4, None, None, "y")
    assert (of(points)["all"].num_runs, of(points)["within"].num_runs) == (9, 4)


@pytest.mark.parametrize("groups", ["aaaaa", "abcde"])
def test_one_group_and_groups_of_one_have_one_scope(groups):
    points = [point(group, at, at, at) for at, group in enumerate(groups)]
    assert {one.scope for one in associate(points)} == {"all"}


def test_a_run_that_is_alone_in_its_group_says_nothing_within():
    points = [point(group, at, at, at) for at, group in enumerate("aaaab")]
    within = next(one for one in associate(points) if one.scope == "within")
    assert (within.num_runs, within.num_groups) == (4, 1)


def test_an_unknown_figure_leaves_its_run_out():
    points = [point("a", at, at, value) for at, value in enumerate([0.1, None, 0.2, math.nan, 0.3, 0.4])]
    assert next(iter(associate(points))).num_runs == 4


def test_fewer_than_four_runs_say_nothing(place):
    here = place(decays=[0.0])
    for index in range(3):
        here.finish(index, bump(index / 10), test=0.9 - index / 10)
    found = report(here.study, here.runs)
    assert found.sentences == ("3 runs: fewer than 4 say nothing of shapes and outcomes.",)
    assert all(one.rho is None for one in found.associations)


def test_a_study_that_is_not_begun_has_a_report(place):
    here = place()
    found = report(here.study, here.runs)
    assert (found.line, found.points, found.sensitivities) == ("", (), ())
    assert [row.states for row in found.rows] == [{"waiting": 3}] * 2
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_run_of_several_rows_counts_once_and_is_named(place):
    variants = {"plain": {}, "same": {"optimizer": {"weight_decay": 5e-4}}, "other": {"training": {"epochs": 1}}}
    here = place(grid={}, variants=variants, seeds=4)
    for index, height in enumerate((0.5, 0.2, 0.4, 0.3) * 2 + (0.6, 0.9, 0.7, 0.8)):
        run_id = f"run-{index % 4}" if index < 8 else f"run-{index}"
        here.run(run_id, test=0.5 + index % 4 / 10)
        here.curve(run_id, losses=bump(height))
        here.done(index, Made(step="", run=run_id, status="finished", curves=("full",)))
    found = report(here.study, here.runs)
    assert [row.states for row in found.rows] == [{"finished": 4}] * 3
    assert found.warnings == ("plain and same have the same 4 runs, each of which counts once in correlations",)
    assert [(one.label, one.seed) for one in found.points] == [
        (label, seed) for label in ("plain", "other") for seed in range(4)
    ]
    assert {one.num_groups for one in found.associations} == {2}
    one = next(one for one in found.associations if one.outcome == "test_accuracy")
    heights, tests = (0.5, 0.2, 0.4, 0.3, 0.6, 0.9, 0.7, 0.8), (0.5, 0.6, 0.7, 0.8) * 2
    assert (one.num_runs, one.rho) == (8, pytest.approx(stats.spearmanr(heights, tests).statistic))


def test_steps_have_rows_of_their_own_with_their_targets(place):
    reset = Step(kind="reset-block", options={"block": "fc"}, steps=(Step(kind="interpolate"),))
    label = "optimizer.weight_decay=0 / reset-block block=fc"
    here = place(decays=[0.0], seeds=2, steps=(reset,), targets={label: {"test_accuracy": Published(0.5)}})
    for index in range(2):
        here.run(f"run-{index}", test=0.9)
        here.run(f"again-{index}", test=0.5 + index / 10)
        here.curve(f"again-{index}")
        here.done(
            index,
            Made(step="", run=f"run-{index}", status="finished"),
            Made(step="reset-block block=fc", run=f"again-{index}", status="finished", curves=("full",)),
        )
    first, second = report(here.study, here.runs).rows
    assert (first.label, first.line, first.target) == ("optimizer.weight_decay=0", "", None)
    assert (second.label, second.line, second.runs) == (label, "initial to final", ("again-0", "again-1"))
    assert second.difference == pytest.approx(0.05)


def test_lines_have_rows_of_their_own_the_usual_one_first(place):
    here = place(decays=[0.0], seeds=1)
    here.run("run-0")
    names = (here.curve("run-0", "control", start={"noise": 1}), here.curve("run-0", "full"))
    here.done(0, Made(step="", run="run-0", status="finished", curves=names))
    found = report(here.study, here.runs)
    assert [row.line for row in found.rows] == ["initial to final", "noise to final"]
    assert [row.line for row in found.groups] == [found.line] == ["initial to final"]


def test_curves_that_are_not_finite_are_reported(place):
    here = place(decays=[0.0], seeds=5)
    for index in range(5):
        here.finish(index, {"all": (math.nan,) * 5 if index % 2 else (2.0, math.inf, 1.0, 0.5, 0.25)})
    found = report(here.study, here.runs)
    assert found.rows[0].figures["barrier_rise"].num == 3
    assert found.rows[0].figures["monotone"].num == 0
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_report_is_the_same_every_time(done):
    assert report(done.study, done.runs) == report(done.study, done.runs)


def test_the_asked_barrier_decides_the_sentences_and_no_number(done):
    rise, chord = (report(done.study, done.runs, barrier=name) for name in ("rise", "chord"))
    assert rise.associations == chord.associations
    assert "barrier (chord)" in chord.sentences[0]


def test_the_report_imports_no_torch(done):
    import subprocess
    import sys

    rooms = "lininterp_cli.study.report.assembly, lininterp_cli.view.study.page"
    code = f"import sys, {rooms}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_blocks_have_their_mean_curve_over_seeds(place):
    here = place(decays=[0.0], seeds=2)
    for index, top in enumerate((2.0, 3.0)):
        here.finish(index, {"all": (2.0, 1.0, 1.0, 0.5, 0.25), "fc": (top, 1.0, math.inf, 0.5, 0.25)})
    found = json.loads(json.dumps(report(here.study, here.runs).to_dict(), allow_nan=False))
    (block,) = found["blocks"]
    assert (block["block"], block["by"], block["line"], block["num_runs"]) == ("fc", "block", "initial to final", 2)
    assert block["curve"] == {"alphas": [0.0, 0.25, 0.5, 0.75, 1.0], "losses": [2.5, 1.0, None, 0.5, 0.25]}
    assert block["figures"]["barrier_rise"]["mean"] == 0
    assert found["rows"][0]["curve"]["losses"] == [2.0, 1.0, 1.0, 0.5, 0.25]


def test_how_far_blocks_moved_is_read_off_the_records(place):
    here = place(decays=[0.0], seeds=1)
    run = here.run("run-0")
    run.record.distance, run.record.initial_norm = {"fc": 3.0, "conv1": None}, {"fc": 6.0}
    run.record.write(run.record_path)
    here.done(0, Made(step="", run="run-0", status="finished"))
    fc, conv1 = report(here.study, here.runs).blocks
    assert (fc.figures["distance"].mean, fc.figures["relative_distance"].mean) == (3.0, 0.5)
    assert conv1.figures["distance"].num == 0
