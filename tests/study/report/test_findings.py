"""A report as data: what it derives from its rows, and its JSON."""

import json
import math

from lininterp_cli.study.plan import Published
from lininterp_cli.study.report.figures import FIGURES, Spread, spread
from lininterp_cli.study.report.findings import SCHEMA, BlockRow, Report, Row, Sensitivity

NOTHING = dict.fromkeys(FIGURES, Spread(0, None, None))


def row(group="a", step="", line="initial to final", tests=(0.5, 0.75), **about):
    figures = NOTHING | {"test_accuracy": spread(tests)}
    about = {"states": {"finished": len(tests), "waiting": 2}, "figures": figures} | about
    return Row(group=group, step=step, line=line, **about)


def report(*rows, **about):
    known = dict.fromkeys(("name", "about", "source", "note", "split", "barrier"), "x") | {"line": "initial to final"}
    empty = dict.fromkeys(("points", "associations", "sensitivities", "blocks", "sentences", "warnings"), ())
    return Report(cells={"done": 1}, rows=rows, **(known | empty | about))


def test_a_row_is_compared_with_what_was_published_of_its_accuracy():
    measured = row(published={"test_accuracy": Published(0.6), "test_accuracy@1": Published(0.2)})
    assert (measured.target, measured.num_planned) == (0.6, 4)
    assert measured.difference == 0.625 - 0.6
    assert (row().target, row().difference) == (None, None)
    waiting = row(tests=(), published={"test_accuracy": Published(0.6)})
    assert (waiting.target, waiting.difference) == (0.6, None)


def test_a_group_is_shown_once_by_the_line_that_the_report_is_about():
    back, usual, other = row(line="final to random"), row(), row(step="reset fc", line="random to final")
    found = report(back, usual, other)
    assert found.groups == (usual, other)
    assert found.lines == ("final to random", "initial to final", "random to final")
    assert report(row(line="")).lines == ()
    assert report(row(line="")).groups[0].line == ""


def test_a_sensitivity_knows_its_line_and_title():
    about = {
        "label": "a",
        "by": "block",
        "block": "fc",
        "rank": 1,
        "num_runs": 1,
        "mean": 0.1,
        "low": None,
        "high": None,
    }
    lines = {name: Sensitivity(measure=name, **about).line for name in ("initial", "random", "criticality")}
    assert lines == {"initial": "initial to final", "random": "random to final", "criticality": "initial to final"}
    assert Sensitivity(measure="random", **about).title == "a: each block back to random, nats"
    assert Sensitivity(measure="criticality", **about).title == "a: module criticality by block"


def test_as_json_it_holds_everything_and_no_value_that_json_lacks():
    paths = (((0.0, 1.0), (2.0, math.inf)), ((0.0, 1.0), (4.0, 1.0)))
    block = BlockRow(
        label="a", line="initial to final", by="block", block="fc", num_runs=2, figures={"monotone": spread([1.0])},
        paths=paths,
    )  # fmt: skip
    found = json.loads(json.dumps(report(row(paths=paths), blocks=(block,)).to_dict(), allow_nan=False))
    assert found["schema"] == SCHEMA
    assert found["rows"][0]["curve"] == found["blocks"][0]["curve"] == {"alphas": [0.0, 1.0], "losses": [3.0, None]}
    assert found["rows"][0]["figures"]["test_accuracy"] == {"num": 2, "mean": 0.625, "deviation": 0.125 * 2**0.5}
    assert found["blocks"][0]["figures"] == {"monotone": {"num": 1, "mean": 1.0, "deviation": None}}
    assert found["figures"] == FIGURES
