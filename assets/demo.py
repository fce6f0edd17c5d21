"""Make the small store that ships with the package and that `lininterp tui --demo` opens.

Every number in it is measured by the tool itself, on real CIFAR-10 (Krizhevsky 2009, "Learning Multiple Layers of
Features from Tiny Images"): this script only calls the commands a person would, then keeps what a person can read.
Weights stay behind, floats keep six significant digits.  The networks are tiny and see few images, so that one slow
core makes all of it in half an hour: the store shows what the explorer is for, not how well CIFAR-10 can be learnt.

    python assets/demo.py --data DIR
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).resolve().parent.parent / "lininterp_cli" / "tui" / "demo" / "runs"

RECIPE = (
    "--data cifar10 --train-size 4000 --epochs 6 --batch-size 64 --schedule cosine --model resnet18 --width 8 "
    "--opt momentum --weight-decay 5e-4"
)
"""What the runs have in common; what is given after it wins."""

RUNS = {
    "base-s0": "--seed 0 --tag base",
    "base-s1": "--seed 1 --tag base",
    "base-s2": "--seed 2 --tag base",
    "decay-0.01-s0": "--weight-decay 0.01 --seed 0 --tag decay",
    "decay-0.01-s1": "--weight-decay 0.01 --seed 1 --tag decay",
    "decay-0.01-s2": "--weight-decay 0.01 --seed 2 --tag decay",
    "no-decay": "--weight-decay 0 --tag decay",
    "decay-0.02": "--weight-decay 0.02 --tag decay",
    "lr-0.01": "--lr 0.01 --tag rate",
    "lr-0.3": "--lr 0.3 --tag rate",
    "sgd": "--opt sgd --tag optimizer",
    "adam": "--opt adam --weight-decay 0 --tag optimizer",
    "adam-lr-0.01": "--opt adam --lr 0.01 --weight-decay 0 --tag optimizer",
    "no-norm": "--norm none --lr 0.02 --tag architecture",
    "resnet8": "--model resnet8 --train-size 2000 --tag architecture",
    "mlp": "--model mlp --width 64 --lr 0.02 --tag architecture",
    "noisy-labels": "--label-noise 0.5 --tag data",
    "too-fast": "--norm none --lr 300 --tag rate",
}
"""Name to what is special about a run."""

RESETS = {"layer3-drawn-anew": "decay-0.01-s0 --block layer3 --tag reset"}
"""Name to what is put back and trained again."""

CURVES = (
    *(
        f"{name} --layer-wise"
        for name in (*RUNS, *RESETS)
        if name not in {"base-s0", "decay-0.01-s2", "mlp", "too-fast"}
    ),
    "base-s0 --layer-wise --split test,train",
    "decay-0.01-s2 --layer-wise --split test,train",
    "mlp --layer-wise --split test,train",
    "base-s0 --from final --to random:1",
    "decay-0.01-s2 --from final --to random:1",
    "decay-0.01-s2 --bn recalibrate",
    "base-s0 --by layer",
    "decay-0.01-s2 --by layer",
)
"""What is measured, on 21 alphas and 1,000 test images."""


def main() -> None:
    """Train, measure, and keep what can be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds cifar-10-batches-py")
    parser.add_argument("--work", type=Path, help="where runs are made; there already, they are kept")
    arguments = parser.parse_args()
    place = ["--data-dir", str(arguments.data.resolve()), "--device", "cpu", "--quiet"]
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        place += ["--runs", str(work)]
        for name, words in RUNS.items():
            call("train", f"{RECIPE} {words} --name {name}", place, may_fail=name == "too-fast")
        for name, words in RESETS.items():
            call("reset-block", f"{words} --name {name}", place)
        for words in CURVES:
            call("interpolate", f"{words} --alphas 21 --examples 1000", place)
        keep(work, PACKAGED)
    size = sum(file.stat().st_size for file in PACKAGED.rglob("*.json*"))
    print(f"{size:,} bytes in {PACKAGED}")


def call(command: str, words: str, place: list[str], *, may_fail: bool = False) -> None:
    """Run one command of the tool and say how long it took.

    Args:
        command: Its name.
        words: Its options.
        place: Where data and runs are.
        may_fail: Whether the run is there to show a failure.
    """
    began = time.monotonic()
    program = [sys.executable, "-m", "lininterp_cli", command, *words.split(), *place]
    done = subprocess.run(program, check=not may_fail, stdout=subprocess.DEVNULL, env=os.environ)
    print(f"{time.monotonic() - began:6.1f} s  {done.returncode}  {command} {words}", flush=True)


def keep(runs: Path, packaged: Path) -> None:
    """Copy what a person can read of every run, in place of what is there.

    Args:
        runs: A store.
        packaged: Where it goes.
    """
    shutil.rmtree(packaged, ignore_errors=True)
    for record in sorted(runs.glob("*/run.json")):
        folder = record.parent
        for file in (record, *sorted(folder.glob("curves/*.json"))):
            write(packaged / file.relative_to(runs), [cleaned(json.loads(file.read_text()))])
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        write(packaged / folder.name / "metrics.jsonl", [cleaned(json.loads(line)) for line in lines])


def cleaned(content: Any) -> Any:
    """JSON with six digits a float, and nothing of the machine but the versions of what computed."""
    if isinstance(content, dict):
        hidden = {"device_name", "threads", "host"}
        return {key: cleaned(value) for key, value in content.items() if key not in hidden}
    if isinstance(content, list):
        return [cleaned(value) for value in content]
    return float(f"{content:.6g}") if isinstance(content, float) else content


def write(path: Path, lines: list[Any]) -> None:
    """Write JSON without a needless blank, one value a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
