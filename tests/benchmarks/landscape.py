"""How long a sweep takes, against a careful plain loop on the same network, examples and alphas.

    python tests/benchmarks/landscape.py --stem cifar --examples 128 --alphas 6 --peer

Prints one table.  Every sweep by block or layer holds the path of everything moving too, which shares nothing.
Timings are of this machine at this moment: read the ratios, which are the median over rounds that are run in turn.
"""

import argparse
import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, get_args

import torch
from contenders import Case, Losses, lininterp, loader, noise, peer, plain, with_suitable_batch
from gauges import Product, name_of, num_operations, race, ratio, show

from lininterp_cli.landscape.curves.alphas import parse
from lininterp_cli.landscape.curves.curve import Granularity
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.registry import MODELS
from lininterp_cli.training.device import resolve

HEADS = (
    *("sweep", "by whom", "points", "seconds", "times lininterp's", "per point", "largest difference in loss"),
    *("peak MiB", "work", "share of peak"),
)


def main() -> None:
    options = _options()
    device = resolve(options.device)
    product = Product(device, "float32" if options.dtype == "tf32" else options.dtype)
    rows: list[tuple[str, ...]] = []
    batch_sizes = set()
    for by in get_args(Granularity):
        if by not in options.by:
            continue
        case = _case(options, by, device)
        batch_sizes.add(case.plain_batch_size)
        rows += _rows(by, case, _contenders(case, options), options.rounds, product)
    own = ", ".join(f"{name} {value}" for name, value in _network(options).items())
    title = (
        f"{options.model} ({own}), {options.examples} examples of 32x32, {options.alphas} alphas, {options.dtype}, "
        f"{name_of(device)}, {product.rate / 1e9:.0f} GFLOP/s in a matrix product, plain batches of "
        f"{', '.join(map(str, sorted(batch_sizes)))}, {options.rounds} rounds"
    )
    show(title, HEADS, rows)


def _case(options: argparse.Namespace, by: Granularity, device: torch.device) -> Case:
    question = Question(by=by, alphas=parse(options.alphas), batch_size=options.batch_size, dtype=options.dtype)
    case = noise(options.model, options.examples, question, device, **_network(options))
    case = replace(case, channels_last=options.plain_channels_last)
    if options.plain_batch_size is not None:
        return replace(case, plain_batch_size=options.plain_batch_size)
    return with_suitable_batch(case)


def _contenders(case: Case, options: argparse.Namespace) -> dict[str, Callable[[], Losses]]:
    found: dict[str, Callable[[], Losses]] = {"lininterp": partial(lininterp, case), "plain loop": partial(plain, case)}
    if case.question.dtype != "float32":
        wide = replace(case, question=replace(case.question, dtype="float32"))
        found["lininterp, float32"] = partial(lininterp, wide)
    if options.loader is not None:
        found["loop with a DataLoader"] = partial(loader, case, options.loader)
    if options.peer:
        found["loss-landscapes"] = partial(peer, case)
    return found


def _rows(
    by: str, case: Case, contenders: dict[str, Callable[[], Losses]], rounds: int, product: Product
) -> list[tuple[str, ...]]:
    # Counting slows down, so that it is a run of its own; it is the warm-up as well.
    executed = num_operations(contenders["lininterp"])
    # Whoever is not lininterp runs every point in full.
    one = replace(case, question=replace(case.question, by="full", blocks=(), alphas=(0.0,)))
    each = num_operations(partial(plain, one))
    # In turn with the rest, so that it is measured at the same moments.
    readings = race({**contenders, "product": product}, rounds, case.device)
    del readings["product"]
    own, expected = readings["lininterp"], readings["plain loop"].result
    num_expected = sum(map(len, expected))
    rows: list[tuple[str, ...]] = []
    for name, reading in readings.items():
        points = sum(map(len, reading.result))
        done = executed if name.startswith("lininterp") else each * points
        rows.append((
            by,
            name,
            str(points),
            f"{reading.best_seconds:.2f}",
            f"{ratio(reading, own):.2f}",
            f"{ratio(reading, own) * num_expected / points:.2f}",
            f"{_difference(reading.result, expected):.1e}",
            f"{reading.peak_bytes / 2**20:.0f}",
            f"{done / (each * num_expected):.2f}",
            f"{done / reading.best_seconds / product.rate:.0%}",
        ))
    return rows


def _difference(found: Losses, expected: Losses) -> float:
    pairs = zip(found, expected, strict=True)
    # The peer has no alpha 0: the last ones are those in common.
    return max(abs(a - b) for one, two in pairs for a, b in zip(one, two[-len(one) :], strict=True))


def _network(options: argparse.Namespace) -> dict[str, Any]:
    """What is said of the network, and what it takes where nothing is said."""
    known = inspect.signature(MODELS[options.model]).parameters
    given = {"width": options.width, "stem": options.stem}
    return {name: known[name].default if value is None else value for name, value in given.items() if name in known}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--by", nargs="+", choices=get_args(Granularity), default=["full", "block", "layer"], help="sweeps"
    )
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--width", type=int, help="the model's own unless given")
    parser.add_argument("--stem", help="paper, cifar or imagenet; the model's own unless given")
    parser.add_argument("--examples", type=int, default=128)
    parser.add_argument("--alphas", default="6", help="how many even ones")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batch-size", type=int, help="lininterp's; its own choice unless given")
    parser.add_argument("--plain-batch-size", type=int, help="everybody else's; the fastest by trial unless given")
    parser.add_argument("--plain-channels-last", action="store_true", help="lay out the plain loop's images so")
    parser.add_argument("--loader", type=int, metavar="WORKERS", help="run the loop with a DataLoader too")
    parser.add_argument("--peer", action="store_true", help="run the package loss-landscapes too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
