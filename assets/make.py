"""Make the README's pictures with the tool itself: `make pictures`."""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lininterp_cli.cli.output import without_fonts
from lininterp_cli.tui.app import Explorer

HERE = Path(__file__).resolve().parent
SIZE = (110, 32)


def main() -> None:
    """Train the demo's run and a second one, then draw the curve and the explorer."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        command = [sys.executable, "-m", "lininterp_cli"]
        for words in (
            ["train", "--opt", "sgd", "--name", "plain-sgd"],
            ["interpolate", "--layer-wise"],
            ["demo"],
            ["interpolate", "--layer-wise", "--svg", str(HERE / "layer-wise.svg")],
        ):
            subprocess.run([*command, *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        (HERE / "explorer.svg").write_text(asyncio.run(explorer(Path("runs"))), encoding="utf-8")


async def explorer(runs: Path) -> str:
    """A picture of the explorer over a store, as SVG without fonts from a server."""
    app = Explorer(runs)
    async with app.run_test(size=SIZE) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause(1.0)
        drawing = app.export_screenshot(title="lininterp tui")
    return without_fonts(drawing)


if __name__ == "__main__":
    main()
