"""Make the README's pictures with the tool itself: `make pictures`.

The curve is of a run on the digits that is trained here; the explorer's screens show the store that ships with it.
`tests/tui/test_pictures.py` holds that the screens still look like this.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import EllipsisType

from lininterp_cli.runs.record import read_record
from lininterp_cli.runs.run import Run
from lininterp_cli.tui.app import Explorer
from lininterp_cli.tui.demo_store import copy_demo
from lininterp_cli.view.picture import without_fonts

HERE = Path(__file__).resolve().parent

LIVE_RUN, LIVE_EPOCHS = "adam-lr-0.01", 4
"""A run that is shown as it was while it was trained."""

WIDE, NARROW = (110, 32), (80, 24)

_BLOCKS = ("slash", *"decay-0.01-s2", "enter", ...)

SCREENS: dict[str, tuple[tuple[int, int], Sequence[str | EllipsisType]]] = {
    "explorer": (WIDE, ("space", *"jj", "space", "space", *"jjjjjjjjj")),
    "curve": (WIDE, (*_BLOCKS, "enter", ..., "b", "b", "b", "b", "b")),
    "layers": (WIDE, (*_BLOCKS, "L")),
    "inside": (WIDE, (*_BLOCKS, "L", ..., *"jjjj", "enter")),
    "three-legs": (WIDE, (*_BLOCKS, "enter", ..., "i")),
    "groups": (WIDE, ("o", ..., "down", "enter")),
    "compare": (WIDE, (*("slash", *"decay-0.01-s | base-s0", "enter"), *["space"] * 4, "c", ...)),
    "scatter": (WIDE, ("c", ..., "O")),
    "live": (WIDE, ("w",)),
    "do": (WIDE, (*_BLOCKS, "x")),
    "help": ((80, 48), ("question_mark",)),
    "commands": (NARROW, ("ctrl+p",)),
}
"""Picture's name to its size and the keys that lead there; at each `...` the program comes to rest."""


def main() -> None:
    """Draw the pictures whose names are given, or all of them."""
    wanted = sys.argv[1:] or ["layer-wise", *SCREENS]
    with tempfile.TemporaryDirectory() as folder:
        if "layer-wise" in wanted:
            draw_curve(Path(folder) / "digits", HERE / "layer-wise.svg")
        os.chdir(folder)
        for name in wanted:
            if name in SCREENS:
                (HERE / f"{name}.svg").write_text(draw(name), encoding="utf-8")


def draw_curve(runs: Path, picture: Path) -> None:
    """Train the demo's run and keep its curve as a picture."""
    for words in (["demo"], ["interpolate", "--layer-wise", "--svg", str(picture)]):
        command = [sys.executable, "-m", "lininterp_cli", *words, "--runs", str(runs), "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def draw(name: str) -> str:
    """A screen of the explorer over the store of the package, which is copied into the working directory.

    Args:
        name: A key of SCREENS.

    Returns:
        SVG that fetches no fonts.
    """
    place = Path("demo")
    shutil.rmtree(place, ignore_errors=True)
    copy_demo(place)
    path, now = _put_back(place)
    # Who holds the lock is at work on the run.
    with Run(path.parent, read_record(path)).lock():
        return asyncio.run(_screen(place, *SCREENS[name], now=now))


def _put_back(place: Path) -> tuple[Path, float]:
    """Leave of one run what there was in the middle of its training; its record, and the present of the picture."""
    path = next(path for path in place.glob("*/run.json") if json.loads(path.read_text())["name"] == LIVE_RUN)
    record = json.loads(path.read_text())
    record |= {"status": "running", "epoch": LIVE_EPOCHS, "result": {"initial": record["result"]["initial"]}}
    path.write_text(json.dumps(record))
    lines = (path.parent / "metrics.jsonl").read_text().splitlines(keepends=True)[: LIVE_EPOCHS + 1]
    (path.parent / "metrics.jsonl").write_text("".join(lines))
    shutil.rmtree(path.parent / "curves")
    newest = max(json.loads(path.read_text())["times"]["created"] for path in place.glob("*/run.json"))
    now = datetime.fromisoformat(newest).timestamp() + 600
    os.utime(path.parent / "metrics.jsonl", (now - 3, now - 3))
    return path, now


async def _screen(place: Path, size: tuple[int, int], keys: Sequence[str | EllipsisType], now: float) -> str:
    app = Explorer(place, clock=lambda: now)
    async with app.run_test(size=size) as pilot:
        for key in (..., *keys, ...):
            if isinstance(key, str):
                await pilot.press(key)
                continue
            # The preview waits until the cursor rests.
            await app.workers.wait_for_complete()
            await pilot.pause(0.3)
            await app.workers.wait_for_complete()
            await pilot.pause()
        drawing = without_fonts(app.export_screenshot(title="lininterp tui"))
    # Rich names its styles after all that is drawn; one name leaves a difference where there is one.
    return re.sub(r"terminal-\d+", "terminal", drawing)


if __name__ == "__main__":
    main()
