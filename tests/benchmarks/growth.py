"""How the time of a sweep grows with the number of alphas, layers, examples, and with the network's width.

    python tests/benchmarks/growth.py --width 16 --examples 128

Prints one table.  One thing grows at a time and the rest stays at the first size; `order` is the slope of the logarithm
of the seconds over that of the size, fitted to all rows of a kind: 1 is linear, less is better.  The work of a network
grows with the square of its width, which is what its width counts as here.
"""

import argparse
import math
from collections.abc import Sequence
from functools import partial

from contenders import Case, lininterp, noise
from gauges import name_of, race, show

from lininterp_cli.landscape.curves.alphas import parse
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.blocks import groups
from lininterp_cli.models.registry import build
from lininterp_cli.training.device import resolve

KINDS = ("alphas", "layers", "examples", "width")

HEADS = ("what grows", "to", "seconds", "times the first", "size times the first", "order")


def main() -> None:
    options = _options()
    device = resolve(options.device)
    own: dict[str, int] = {kind: getattr(options, kind) for kind in KINDS}

    def case(**changed: int) -> Case:
        chosen = own | changed
        question = Question(by="layer", blocks=_spread(options, chosen["layers"]), alphas=parse(str(chosen["alphas"])))
        return noise(options.model, chosen["examples"], question, device, width=chosen["width"])

    rows: list[tuple[str, ...]] = []
    for what in options.grow:
        first = own[what]
        sizes = [first * 2**step for step in range(options.doublings + 1)]
        contenders = {str(size): partial(lininterp, case(**{what: size})) for size in sizes}
        readings = race(contenders, options.rounds, device)
        seconds = [readings[str(size)].best_seconds for size in sizes]
        counts = [size**2 if what == "width" else size for size in sizes]
        order = _slope(counts, seconds)
        rows += [
            (
                *(what, str(size), f"{taken:.2f}", f"{taken / seconds[0]:.2f}", f"{count / counts[0]:g}"),
                f"{order:.2f}" if size == sizes[-1] else "",
            )
            for size, count, taken in zip(sizes, counts, seconds, strict=True)
        ]
    first_sizes = ", ".join(f"{name} {size}" for name, size in own.items())
    show(f"{options.model} by layer, {first_sizes}, {name_of(device)}, {options.rounds} rounds", HEADS, rows)


def _spread(options: argparse.Namespace, count: int) -> tuple[str, ...]:
    """Layers from all over the network, so that many cost as much each as few."""
    names = list(groups(build(options.model, (3, 32, 32), 10, width=options.width), "layer"))
    if count > len(names):
        raise SystemExit(f"{options.model} has {len(names)} layers, not {count}; take fewer --layers or --doublings")
    return tuple(names[int((index + 0.5) * len(names) / count)] for index in range(count))


def _slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    across, up = [math.log(size) for size in sizes], [math.log(taken) for taken in seconds]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    pairs = zip(across, up, strict=True)
    return sum((x - middle) * (y - height) for x, y in pairs) / sum((x - middle) ** 2 for x in across)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--alphas", type=int, default=6, help="the first size, as the next three are")
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--examples", type=int, default=128)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--grow", nargs="+", choices=KINDS, default=KINDS, help="what grows, one after the other")
    parser.add_argument("--doublings", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
