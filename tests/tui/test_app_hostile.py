"""Generated stores of damaged, foreign and malicious files go through the real program, at any size, under any keys."""

import asyncio
import contextlib
import json
import math
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lininterp_cli.runs import jobs
from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.app import Explorer
from lininterp_cli.tui.screens import runs as runs_screen
from lininterp_cli.view.look import Look

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([
        "\x1b[2J\x1b]0;title\x07", "[red]x[/bold]", "\u202e\u0000name", "∀" * 300, 10**400, -1e308, 5e-324, math.nan,
        [], {}, [[[]]], [math.nan] * 3, {"loss": [1.0]}, ["a", None], 0, 1.0,
    ]),
)  # fmt: skip

FILES = st.sampled_from(["run.json", "metrics.jsonl", "curves/curve-0.json"])

# q leaves the program at the first screen.
KEYS = sorted({key for actions in ACTIONS.values() for action in actions for key in action.keys.split(",")} - {"q"})

SIZES = st.one_of(
    st.sampled_from([(80, 24), (100, 30), (120, 40), (1, 1)]), st.tuples(st.integers(1, 150), st.integers(1, 50))
)


@st.composite
def damage(draw):
    """What happens to one file: a function of its bytes."""
    kind = draw(st.sampled_from(["values", "values", "values", "torn", "newer", "deep", "foreign", "gone", "folder"]))
    if kind == "values":
        places = draw(st.lists(st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=7), VALUES), max_size=4))
        return kind, places
    return kind, draw(st.floats(0, 1))


def replaced(content, route, value):
    """The content with another value somewhere inside; the route turns at every fork."""
    node = content
    for turn in route[:-1]:
        children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
        children = [child for child in children if isinstance(child, dict | list) and child]
        if not children:
            break
        node = children[turn % len(children)]
    if isinstance(node, dict | list) and node:
        names = list(node) if isinstance(node, dict) else range(len(node))
        node[names[route[-1] % len(names)]] = value
    return content


def spoil(path, kind, how):
    """Do it."""
    text = path.read_text()
    if kind == "values":
        lines = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]
        for route, value in how:
            lines = replaced(lines, [0, *route] if len(lines) == 1 else route, value)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    elif kind == "torn":
        path.write_text(text[: int(how * len(text))])
    elif kind == "newer":
        path.write_text(text.replace('"schema": ', '"schema": 9'))
    elif kind == "deep":
        path.write_text('{"schema": 1, "config": ' + "[" * 100_000)
    elif kind == "foreign":
        path.write_bytes(b"\x00\xff\xfe\x80 not JSON")
    elif kind == "gone":
        path.unlink()
    else:
        path.unlink()
        path.mkdir()


@pytest.fixture
def pattern(tmp_path, write_run):
    """A run of which damaged copies are made."""
    return write_run("pattern-s0", folder=tmp_path / "pattern")


@settings(
    max_examples=int(os.environ.get("LININTERP_HOSTILE_EXAMPLES", "5")), deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    runs=st.lists(st.dictionaries(FILES, damage(), max_size=3), min_size=1, max_size=4),
    size=SIZES, other=SIZES, keys=st.lists(st.sampled_from(KEYS), min_size=4, max_size=14), ascii=st.booleans(),
)  # fmt: skip
def test_nothing_that_is_read_stops_it(pattern, monkeypatch, runs, size, other, keys, ascii):
    monkeypatch.setattr(runs_screen, "PREVIEW_SECONDS", 0.001)
    monkeypatch.setattr(jobs.subprocess, "Popen", refuse)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "runs"
        shutil.copytree(pattern, folder / "pattern-s0")
        for number, damages in enumerate(runs):
            shutil.copytree(pattern, folder / f"spoilt-{number}")
            for name, (kind, how) in damages.items():
                spoil(folder / f"spoilt-{number}" / name, kind, how)
        # Hypothesis resolves paths between the examples, which fails in a folder that is gone.
        with contextlib.chdir(temporary):
            asyncio.run(use(folder, size, other, keys, ascii))


def refuse(*_, **__):
    """Nothing is started here."""
    raise OSError(11, "Resource temporarily unavailable")


async def use(folder, size, other, keys, ascii):
    """Looks, presses keys, changes the size, loses a folder, and presses them again."""
    look = Look(ascii=ascii, depth="none" if ascii else "truecolor")
    app = Explorer(folder, look=look, clock=lambda: 1_767_409_445.0)
    async with app.run_test(size=size) as pilot:
        await rest(app, pilot)
        check(app, ascii)
        for row in range(len(list(folder.iterdir()))):
            await pilot.press("down")
            await rest(app, pilot)
            if row == 0:
                await pilot.press(*keys)
                await rest(app, pilot)
                check(app, ascii)
                await pilot.resize_terminal(*other)
        shutil.rmtree(folder / "spoilt-0", ignore_errors=True)
        app.scan()
        await rest(app, pilot)
        await pilot.press(*keys)
        await rest(app, pilot)
        check(app, ascii)


async def rest(app, pilot):
    await pilot.pause(0.01)
    await app.workers.wait_for_complete()
    await pilot.pause()


def check(app, ascii):
    """What is shown steers no terminal."""
    strips = app.screen._compositor.render_strips()
    text = "".join(segment.text for strip in strips for segment in strip)
    assert text.isprintable() or not text
    assert not ascii or text.isascii()
