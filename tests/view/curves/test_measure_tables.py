"""Tables of measures: right at any width, and nothing that a file says can steer a terminal."""

import math
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality, GaussLength
from lininterp_cli.view.curves.measure_tables import CRITICALITY_HEADS, measure_rows, measure_table
from lininterp_cli.view.look import Look

BLOCK = BlockCriticality(
    mu=12.5, alpha=0.5, sigma=0.25, error=0.0125, distance=1.5, num_parameters=12345, is_at_edge=False
)
HIGH = replace(BLOCK, mu=123456.0, alpha=1.0)
NONE = replace(BLOCK, mu=None, alpha=None, sigma=None, error=None, is_at_edge=True)
ENDS = {"start": {"run": "run", "checkpoint": "initial"}, "end": {"run": "run", "checkpoint": "final"}}


def criticality(**blocks):
    return Criticality(
        name="criticality-by-block", run="run", by="block", blocks=blocks, epsilon=0.02, final_error=0.01,
        num_draws=3, alphas=(0.0, 1.0), num_examples=500, **ENDS,
    )  # fmt: skip


GAUSS = GaussLength(
    name="gauss-length", run="run", split="test", mean=1.25, stderr=0.5, num_missing=0, num_examples=40,
    alphas=(0.0, 0.5, 1.0), **ENDS,
)  # fmt: skip


def printed(measure, width=80, **look):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(measure_table(measure, width=width, **look))
    return capture.get()


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("width", [30, 60, 80, 120])
@pytest.mark.parametrize(
    "measure",
    [
        criticality(**{"encoder.layers.encoder_layer_10.self_attention.out_proj": HIGH, "layer1.0": NONE, "f": BLOCK}),
        GAUSS,
        replace(GAUSS, start={"run": "another-run-with-a-long-name-s0-123456", "checkpoint": "epoch-0100"}),
    ],
    ids=["criticality", "gauss", "long"],
)  # fmt: skip
def test_a_table_is_no_wider_than_the_terminal(measure, width, ascii):
    text = printed(measure, width, look=Look(ascii=ascii))
    assert max(map(cell_len, text.splitlines())) <= width
    assert text.isascii() or not ascii


def test_the_highest_block_is_marked_and_a_bound_is_called_one():
    lines = printed(criticality(conv1=BLOCK, layer1=HIGH, fc=replace(BLOCK, is_at_edge=True))).splitlines()
    rows = {line.split()[0]: line.split() for line in lines if line.startswith(("conv1", "layer1", "fc", "all"))}
    assert rows["layer1"][1:3] == ["1.2e+05", "◆"]
    assert rows["conv1"][1:6] == ["12.50", "0.5", "0.250", "0.0125", "1.500"]
    assert rows["fc"][1] == "≤12.50"
    assert rows["all"][1] == "≤1.2e+05"
    assert "at the edge" in " ".join(lines)
    assert "at most 2.00 %" in lines[0]


def test_what_is_not_known_is_said():
    lines = printed(criticality(conv1=BLOCK, fc=NONE)).splitlines()
    rows = {line.split()[0]: line.split() for line in lines}
    assert rows["fc"][1] == rows["all"][1] == "n/a"
    assert "n/a" in printed(replace(GAUSS, mean=math.nan, stderr=math.nan))
    assert "3 examples not finite" in " ".join(printed(replace(GAUSS, num_missing=3)).split())


def test_names_cannot_steer_the_terminal():
    text = printed(criticality(**{"\x1b[2Jblock": BLOCK}))
    assert "\x1b" not in text
    assert "\\x1b" in text


def test_rows_for_programs_hold_every_number():
    heads, conv1, fc, everything = measure_rows(criticality(conv1=BLOCK, fc=NONE))
    assert tuple(heads) == CRITICALITY_HEADS
    assert conv1 == ["conv1", 12.5, 0.5, 0.25, 0.0125, 1.5, 12345, False]
    assert fc == ["fc", None, None, None, None, 1.5, 12345, True]
    assert everything == ["all", None, None, None, None, None, None, True]
    heads, row = measure_rows(GAUSS)
    assert dict(zip(heads, row, strict=True)) == {
        "gauss_length": 1.25, "stderr": 0.5, "split": "test", "examples": 40, "missing": 0, "alphas": 3,
    }  # fmt: skip
    assert measure_rows(replace(GAUSS, stderr=math.nan))[1][1] is None
