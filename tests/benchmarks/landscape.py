"""How long a layer-wise sweep takes, against a careful plain loop on the same network, examples and alphas.

    python tests/benchmarks/landscape.py --width 64 --examples 256 --alphas 6

Prints one table: seconds, ratio to the plain loop, the largest difference in loss, and the process's peak memory so
far.  The plain loop keeps the data in memory, copies no state dict it need not copy, loads each point's weights once
and shares nothing between points.  Timings are of this machine at this moment: read the ratios.
"""

import argparse
import resource
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from torch.nn import functional

from lininterp_cli.data.dataset import Dataset, Split, assemble
from lininterp_cli.landscape import paths
from lininterp_cli.landscape.alphas import parse
from lininterp_cli.landscape.interpolate import Question, walk
from lininterp_cli.models.blocks import groups, whole
from lininterp_cli.models.registry import build
from lininterp_cli.models.state import State
from lininterp_cli.training.batches import cut
from lininterp_cli.training.device import exact, resolve
from lininterp_cli.training.evaluation import sample
from lininterp_cli.training.initial import draw


def main() -> None:
    options = _options()
    device = resolve(options.device)
    dataset = _pictures(options.examples).to(device)

    def make() -> torch.nn.Module:
        return build(options.model, (3, 32, 32), 10, **({"width": options.width} if options.width else {}))

    ends = draw(make, "default", 0)[1], draw(make, "default", 1)[1]
    table = Table(box=None, pad_edge=False)
    for head in ("sweep", "points", "plain s", "shared s", "ratio", "max diff", "peak MiB"):
        table.add_column(head, justify="left" if head == "sweep" else "right")
    for by in ("full", "block", "layer"):
        question = Question(by=by, alphas=parse(options.alphas), batch_size=options.batch_size)
        times: dict[str, list[float]] = {"plain": [], "shared": []}
        losses: dict[str, list[list[float]]] = {}
        for _ in range(options.rounds):  # in turn, so that a noisy moment meets both
            for name, run in (("plain", _plain), ("shared", _shared)):
                began = time.perf_counter()
                losses[name] = run(make, ends, question, dataset)
                times[name].append(time.perf_counter() - began)
        plain, shared = (min(times[name]) for name in ("plain", "shared"))
        worst = max(
            abs(a - b) for one, two in zip(*losses.values(), strict=True) for a, b in zip(one, two, strict=True)
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        points = sum(map(len, losses["plain"]))
        table.add_row(
            by, str(points), f"{plain:.2f}", f"{shared:.2f}", f"{plain / shared:.2f}", f"{worst:.1e}", f"{peak:.0f}"
        )
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} CPU threads"
    print(f"{options.model}, {options.examples} examples of 32x32, {options.alphas} alphas, float32, {where}")
    Console(width=100).print(table)


Ends = tuple[State, State]
Make = Callable[[], torch.nn.Module]


def _shared(make: Make, ends: Ends, question: Question, dataset: Dataset) -> list[list[float]]:
    series, _ = walk(make(), ends, question, dataset, {"test": sample(dataset.test)}, lambda *_: None)
    return [list(one.splits["test"].loss) for one in series]


@torch.no_grad()
def _plain(make: Make, ends: Ends, question: Question, dataset: Dataset) -> list[list[float]]:
    model = make().eval().to(dataset.train.labels.device)
    device = dataset.train.labels.device
    start, end = ({name: tensor.to(device) for name, tensor in state.items()} for state in ends)
    moving = [whole(model), *(groups(model, question.by).values() if question.by != "full" else ())]
    line, examples = paths.linear(start, end), sample(dataset.test)
    return [
        [
            _plain_point(model, end | line(alpha, group.entries), examples, question, dataset)
            for alpha in question.alphas
        ]
        for group in moving
    ]


def _plain_point(model: torch.nn.Module, state: State, examples: Split, question: Question, dataset: Dataset) -> float:
    model.load_state_dict(state)
    losses = []
    with exact():
        for rows in cut(len(examples), question.batch_size):
            logits = model(dataset.normalise(examples.inputs[rows]))
            losses.append(functional.cross_entropy(logits, examples.labels[rows], reduction="none"))
    return float(torch.cat(losses).double().mean())


def _pictures(num_examples: int) -> Dataset:
    generator = torch.Generator().manual_seed(0)

    def split(count: int) -> Split:
        images = torch.randint(256, (count, 3, 32, 32), generator=generator, dtype=torch.uint8)
        return Split(images, torch.randint(10, (count,), generator=generator))

    return assemble("noise", split(16), split(num_examples), 10)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--width", type=int, default=None, help="the model's own unless given")
    parser.add_argument("--examples", type=int, default=256)
    parser.add_argument("--alphas", default="6")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
