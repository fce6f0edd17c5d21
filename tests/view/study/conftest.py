"""Reports with known numbers, without a store."""

import pytest

from lininterp_cli.study.plan import Published
from lininterp_cli.study.report.figures import BLOCK_FIGURES, FIGURES, OUTCOMES, SHAPES, Spread, spread
from lininterp_cli.study.report.findings import Association, BlockRow, Point, Report, Row, Sensitivity

ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)
EVIL = "net\x1b[2J\n[red]x[/red]<script>alert(1)</script>&%$#_{}\\~^"


@pytest.fixture
def evil():
    """A name that would steer a terminal, Rich, a browser and TeX."""
    return EVIL


@pytest.fixture
def make_row():
    """Builds a row of as many runs as there are test accuracies."""

    def make(group="decay=0", tests=(0.9, 0.92, 0.94), *, step="", line="initial to final", target=None, **about):
        known = {name: Spread(0, None, None) for name in FIGURES}
        if tests:
            known |= {
                "test_accuracy": spread(tests),
                "train_accuracy": spread([1.0] * len(tests)),
                "generalisation_gap": spread([1 - test for test in tests]),
                "distance": spread([12.3456] * len(tests)),
            }
        if tests and line:
            known |= {
                "barrier_rise": spread([1 - test for test in tests]),
                "monotone": spread([1.0, *[0.0] * (len(tests) - 1)]),
                "plateau": spread([0.8] * len(tests)),
            }
        paths = tuple((ALPHAS, (2.3 + at / 10, 2.3, 2.3, 2.2, 0.3)) for at in range(len(tests))) if line else ()
        if target is not None:
            about["published"] = {"test_accuracy": Published(target)}
        given = {"states": {"finished": len(tests)}, "figures": known, "paths": paths}
        given["runs"] = tuple(f"{group}-{at}" for at in range(len(tests)))
        return Row(group=group, step=step, line=line, **(given | about))

    return make


@pytest.fixture
def make_report(make_row):
    """Builds a report of two groups; keywords replace its parts."""

    def make(**about):
        rows = about.pop("rows", None) or (make_row(), make_row("decay=0.5", (0.7, 0.8)))
        points = tuple(
            Point(
                group=row.group,
                step=row.step,
                seed=at,
                figures={"barrier_rise": 0.1 * at, "test_accuracy": 0.9 - 0.1 * at},
            )
            for row in rows
            for at in range(row.figures["test_accuracy"].num)
        )
        associations = tuple(
            Association(
                shape=shape, outcome=outcome, scope="all", num_runs=5, num_groups=2, rho=-0.5, rho_low=-0.95,
                rho_high=0.25, tau=-0.4, tau_low=-0.9, tau_high=0.2, p=0.38, p_holm=1.0, num_tests=24,
            )
            for outcome in OUTCOMES
            for shape in SHAPES
        )  # fmt: skip
        known = {
            "name": "decay",
            "about": "Does it?",
            "source": "Someone 2022",
            "note": "",
            "split": "test",
            "barrier": "rise",
            "line": "initial to final",
            "cells": {"done": 5, "failed": 0, "damaged": 0, "waiting": 1},
            "rows": rows,
            "points": points,
            "associations": associations,
            "sensitivities": (
                Sensitivity(label=rows[0].label, measure="initial", by="block", block="layer1", rank=1, num_runs=3,
                            mean=3.0, low=2.5, high=3.5, error_rise=0.2),
                Sensitivity(label=rows[0].label, measure="initial", by="block", block="fc", rank=2, num_runs=1,
                            mean=1.0, low=None, high=None, error_rise=-0.01),
                Sensitivity(label=rows[0].label, measure="criticality", by="block", block="conv1", rank=1, num_runs=3,
                            mean=777.0, low=700.0, high=800.0),
            ),
            "blocks": tuple(
                BlockRow(label=rows[0].label, line="initial to final", by="block", block=block, num_runs=3,
                         figures={name: spread([0.25, 0.5, 0.75]) for name in BLOCK_FIGURES}
                         | {"monotone": spread([1.0, 0.0, 0.0]), "distance": spread([2.0, 2.0, 5.0])},
                         paths=((ALPHAS, (height, 1.0, 0.9, 0.8, 0.3)), (ALPHAS, (height + 1, 1.0, 0.9, 0.8, 0.3))))
                for block, height in (("conv1", 2.0), ("layer1", 5.0), ("fc", 1.0))
            ),
            "sentences": ("Over 5 runs the data support neither direction.",),
            "warnings": (),
            "methods": ("Computed with care.",),
        }  # fmt: skip
        return Report(**(known | about))

    return make
