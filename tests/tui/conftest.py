"""A folder of runs that a test writes, and screens as text."""

import math
import os
from pathlib import Path

import pytest

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.runs.record import Record
from lininterp_cli.tui.app import Explorer
from lininterp_cli.view.look import Look

CREATED = 1_767_323_045.0
"""2026-01-02 03:04:05 UTC in seconds since 1970."""

ALPHAS = tuple(index / 10 for index in range(11))


def _values(height):
    loss = [2.3 * (1 - a) ** 2 + 0.1 + height * 4 * a * (1 - a) for a in ALPHAS]
    if math.isinf(height):
        loss = [2.3, math.nan, 1e6, *[1.0] * 7, 0.1]
    return Values(
        num_examples=360,
        loss=tuple(loss),
        loss_stderr=tuple(0.01 for _ in loss),
        accuracy=tuple(1 - min(1.0, value / 3) if math.isfinite(value) else 0.1 for value in loss),
    )


def write_curve(run_folder, run_id, name="initial-final-block", heights=None):
    heights = heights or {None: 0.0, "conv1": 1.5, "fc": 0.2}
    curve = Curve(
        name=name, run=run_id, by="block", rest="final", bn="running", dtype="float32", batch_size=512,
        start={"run": run_id, "checkpoint": "initial"}, end={"run": run_id, "checkpoint": "final"},
        series=tuple(
            Series(
                block=block, tensors=(), distance=1.5, alphas=ALPHAS,
                splits={s: _values(height) for s in ("test", "train")},
            )
            for block, height in heights.items()
        ),
    )  # fmt: skip
    curve.write(run_folder / "curves" / f"{name}.json")


def write_metrics(run_folder, epochs):
    lines = "".join(f'{{"epoch": {e}, "train_loss": {2 / e}, "test_loss": {2.2 / e}}}\n' for e in epochs)
    with (run_folder / "metrics.jsonl").open("a") as file:
        file.write(lines)


@pytest.fixture
def write_run(tmp_path):
    """Writes a run into the test's folder; keywords replace what its record says."""

    def write(run_id, *, curves=1, epochs=3, folder=tmp_path, **changes):
        known = {
            "id": run_id,
            "config": {
                "data": {"name": "digits"},
                "model": {"name": "resnet8"},
                "optimizer": {"name": "sgd"},
                "training": {"epochs": 10},
            },
            "status": "finished",
            "times": {"created": "2026-01-02T03:04:05+00:00"},
            "result": {"final": {"test_accuracy": 0.95}},
            "epoch": epochs,
        }
        place = folder / run_id
        Record(**(known | changes)).write(place / "run.json")
        write_metrics(place, range(1, epochs + 1))
        for index in range(curves):
            write_curve(place, run_id, name=f"curve-{index}")
            os.utime(place / "curves" / f"curve-{index}.json", (CREATED + index, CREATED + index))
        return place

    return write


@pytest.fixture
def store(tmp_path, write_run):
    """Six runs of every kind, one of them with a name that tries to steer the terminal."""
    write_run("mlp-s0", times={"created": "2026-01-02T00:00:00+00:00"}, curves=2)
    write_run("resnet8-s1", result={"final": {"test_accuracy": 0.5}}, times={"created": "2026-01-01T00:00:00+00:00"})
    write_run("hostile", name="\x1b[2J[bold]evil[/bold]\n\u202ename", curves=0)
    diverged = write_run("diverged-s2", status="diverged", error="the loss was not finite in epoch 3", curves=0)
    write_curve(diverged, "diverged-s2", heights={None: math.inf, "conv1\x1b[31m[red]": math.inf})
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text('{"schema": 1, "id":')
    (tmp_path / "not-a-run").mkdir()
    (tmp_path / "stray.txt").write_text("x")
    write_run("left", status="running", curves=0)
    return tmp_path


@pytest.fixture
def place(store, monkeypatch):
    """The store under a name that is the same in every test run."""
    monkeypatch.chdir(store.parent)
    link = Path("runs")
    link.unlink(missing_ok=True)
    link.symlink_to(store)
    yield link
    link.unlink()


@pytest.fixture
def check_golden():
    """Compares a screen with the file of a name; LININTERP_UPDATE_GOLDEN=1 writes it instead."""
    folder = Path(__file__).parent / "golden"

    def check(name, text):
        path = folder / name
        if os.environ.get("LININTERP_UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return check


def text_of(app):
    """What is on the screen, without the blanks at the ends of its lines."""
    strips = app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip) for strip in strips]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def sent_by(app):
    """What is on the screen, as it is written to the terminal; `cat` shows it there."""
    strips = app.screen._compositor.render_strips()
    for segment in (segment for strip in strips for segment in strip):
        if segment.style is not None:
            # Rich keeps what a style was last written as, and other tests write it in other depths.
            segment.style._ansi = None
    return "\n".join(strip.render(app.console) for strip in strips) + "\n"


@pytest.fixture
def explore(tmp_path, monkeypatch):
    """Runs the explorer at a size and presses keys.

    Returns the screen as text at the end and at each `None` among the keys; the program comes to rest there, at each
    `...` and around each function of the app.  With `sent` it is what is written to the terminal, escape sequences
    and all, in the colours that the environment promises.
    """
    import asyncio

    from lininterp_cli.tui.screens import runs

    monkeypatch.setattr(runs, "PREVIEW_SECONDS", 0.005)

    def run(size, *keys, folder=tmp_path, preferences=None, remark="", sent=False, **look):
        async def go():
            screens = []
            app = Explorer(
                folder, look=Look(**look), clock=lambda: CREATED + 86_400, preferences=preferences, remark=remark
            )
            async with app.run_test(size=size) as pilot:
                await settle(app, pilot)
                for key in keys:
                    if isinstance(key, str):
                        await pilot.press(key)
                        continue
                    await settle(app, pilot)
                    if key is None:
                        screens.append(sent_by(app) if sent else text_of(app))
                    elif key is not ...:
                        key(app)
                        await settle(app, pilot)
                await settle(app, pilot)
                screens.append(sent_by(app) if sent else text_of(app))
            return screens if len(screens) > 1 else screens[0]

        return asyncio.run(go())

    async def settle(app, pilot):
        # The preview waits until the cursor rests; the work of the threads ends after that.
        await pilot.pause(0.02)
        await app.workers.wait_for_complete()
        await pilot.pause()

    return run
