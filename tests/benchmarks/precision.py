"""How long an answer takes that is as precise as was asked, against answers from the whole test split.

    python tests/benchmarks/precision.py --data data

Prints one table and what is to be thought of it.  It trains a narrow ResNet-18 on a tenth of CIFAR-10 first, which
is enough for a barrier, or takes a run of one's own (`--runs FOLDER --run RUN`).  Two comparisons:

1. Barriers within `--precision` at even alphas, against the same alphas on the whole split.
2. What a user asks: the barriers of all blocks within `--precision`, at adaptive alphas, against the plain loop over
   the whole split at 50 even alphas.  The loop is timed on `--plain-examples` and its time multiplied.

lininterp's seconds are those of the whole question: data and weights read, and every chunk and the curve written.
"""

import argparse
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from contenders import Case, lininterp, plain, with_suitable_batch
from gauges import Reading, name_of, race, ratio, show

from lininterp_cli.config.presets import configure, preset
from lininterp_cli.landscape.curves.alphas import parse
from lininterp_cli.landscape.curves.barrier import BARRIERS
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.placement import DEFAULT_POINTS, NEAR_NATS
from lininterp_cli.landscape.interpolate import Ground, interpolate
from lininterp_cli.landscape.question import Question
from lininterp_cli.landscape.watcher import Unwatched
from lininterp_cli.runs.run import Run
from lininterp_cli.runs.store import Store
from lininterp_cli.training import recipe
from lininterp_cli.training.device import resolve
from lininterp_cli.training.endpoints import locate
from lininterp_cli.training.evaluation import sample
from lininterp_cli.training.request import Request
from lininterp_cli.training.train import config_of, train
from lininterp_cli.view.curves.extent import span_words

HEADS = ("question", "by whom", "points", "examples", "seconds", "times lininterp's")

EVEN = parse("50")


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(
            store=Store(options.runs or Path(folder)), data_folder=options.data, device=resolve(options.device)
        )
        _compare(_run(options, ground), ground, options)


def _compare(run: Run, ground: Ground, options: argparse.Namespace) -> None:
    whole = Question(start=options.start, end=options.end, by=options.by, alphas=parse(options.alphas))
    sampled = replace(whole, precision=options.precision)
    asked = replace(sampled, num_placed=DEFAULT_POINTS)
    case = _case(run, ground, replace(whole, alphas=EVEN), options.plain_examples)
    questions = {"sampled": sampled, "whole": whole, "asked": asked}
    contenders = {name: partial(_answer, run, question, ground) for name, question in questions.items()}
    readings = race(contenders | {"plain": partial(plain, case)}, options.rounds, ground.device)
    curves: dict[str, Curve] = {name: readings[name].result for name in questions}
    size = curves["whole"].series[0].splits["test"].num_examples
    times = size / len(case.examples)
    readings["plain"].seconds = [seconds * times for seconds in readings["plain"].seconds]
    blurred = f"each within {options.precision:g}"
    rows = [
        _row(f"{options.alphas} alphas, {blurred}", "lininterp", curves["sampled"], readings["sampled"], 1.0),
        _row(
            f"{options.alphas} alphas",
            "lininterp",
            curves["whole"],
            readings["whole"],
            ratio(readings["whole"], readings["sampled"]),
        ),
        _row(f"adaptive alphas, {blurred}", "lininterp", curves["asked"], readings["asked"], 1.0),
        (
            *("50 alphas", f"plain loop, extrapolated from {len(case.examples)} examples"),
            *(str(len(case.moving) * len(EVEN)), str(size), f"{readings['plain'].best_seconds:.1f}"),
            f"{ratio(readings['plain'], readings['asked']):.1f}",
        ),
    ]
    config = config_of(run)
    show(
        f"{config.model.name} {dict(config.model.options)} on {config.data.name}, {options.start} to {options.end} by "
        f"{options.by}, float32, {name_of(ground.device)}, {options.rounds} rounds",
        HEADS,
        rows,
    )
    print(_coverage(curves["sampled"], curves["whole"]))
    print(_coverage(curves["asked"], None))
    if options.dense:
        print(_resolution(case, curves["asked"], options.dense))


def _answer(run: Run, question: Question, ground: Ground) -> Curve:
    return interpolate(run, question, ground, Unwatched(), force=True)[0]


def _row(question: str, name: str, curve: Curve, reading: Reading, times: float) -> tuple[str, ...]:
    points = sum(len(series.alphas) for series in curve.series)
    used = span_words([series.splits["test"].num_examples for series in curve.series])
    return question, name, str(points), used, f"{reading.best_seconds:.1f}", f"{times:.1f}"


def _coverage(curve: Curve, whole: Curve | None) -> str:
    """How wide the intervals are, and which of the whole split's barriers they hold."""
    definition = curve.default_definition
    widths, covered = [], []
    for index, series in enumerate(curve.series):
        interval = series.interval("test", definition)
        assert interval is not None
        widths.append((interval.high - interval.low) / 2)
        if whole is not None:
            barrier = whole.barrier(whole.series[index], "test", definition)
            covered.append(barrier is not None and interval.low <= barrier.height <= interval.high)
    worst = curve.worst("test", definition)
    assert worst is not None
    held = f", {sum(covered)} of {len(covered)} hold the whole split's barrier" if covered else ""
    return (
        f"{curve.name}: {definition} barriers of {len(widths)} paths, the largest {worst[1].height:.3f} "
        f"({worst[0].label}), known within {max(widths):.3f}{held}"
    )


def _resolution(case: Case, curve: Curve, num_dense: int) -> str:
    """How far straight lines between alphas are from a dense sweep on the same examples, adaptive and even."""
    positions = sorted({*parse(str(num_dense)), *EVEN, *(alpha for one in curve.series for alpha in one.alphas)})
    examples = case.examples.part(slice(0, 256))
    dense = replace(case, examples=examples, question=replace(case.question, alphas=tuple(positions)))
    losses = np.array(lininterp(dense))
    grid = np.array(positions)
    errors: dict[str, list[float]] = {"adaptive": [], "50 even": []}
    heights: dict[str, list[float]] = {"adaptive": [], "50 even": []}
    rise = BARRIERS[curve.default_definition]
    for series, values in zip(curve.series, losses, strict=True):
        true = rise(positions, values.tolist())
        assert true is not None
        for name, chosen in (("adaptive", series.alphas), ("50 even", EVEN)):
            own = values[np.searchsorted(grid, chosen)]
            scale = np.maximum(1.0, np.abs(values) / NEAR_NATS)
            errors[name].append(float(np.max(np.abs(np.interp(grid, chosen, own) - values) / scale)))
            found = rise(chosen, own.tolist())
            assert found is not None
            heights[name].append((true.height - found.height) / max(1.0, true.height / NEAR_NATS))
    each = "; ".join(
        f"{name}: curves within {max(errors[name]):.3f}, barriers within {max(heights[name]):.3f}" for name in errors
    )
    return (
        f"against {len(positions)} alphas on {len(examples)} examples (nats; above {NEAR_NATS:.1f} relative to it): "
        f"{each}"
    )


def _case(run: Run, ground: Ground, question: Question, num_examples: int) -> Case:
    config = config_of(run)
    dataset = recipe.load_dataset(config, ground.data_folder).to(ground.device)
    make = recipe.network(config, dataset)
    start, end = (locate(text, ground.store, run) for text in (question.start, question.end))
    case = Case(
        make=make,
        ends=(start.load(make, recipe.scheme(config)), end.load(make, recipe.scheme(config))),
        question=question,
        dataset=dataset,
        examples=sample(dataset.test, num_examples),
    )
    return with_suitable_batch(case)


def _run(options: argparse.Namespace, ground: Ground) -> Run:
    if options.run is not None:
        return ground.store.find(options.run)
    changes = {
        "data": {"train_size": options.train_size},
        "model": {"width": options.width, "stem": options.stem},
        "schedule": {"name": "cosine"},
        "training": {"epochs": options.epochs, "batch_size": 64},
    }
    config = configure(preset("resnet18-cifar10"), changes)
    request = Request(config=config, store=ground.store, data_folder=ground.data_folder, device=ground.device)
    return train(request, _Deaf())


class _Deaf:
    """Does not listen to the training."""

    def started(self, run: Run, epoch: int) -> None: ...

    def stepped(self, epoch: int, done: int, total: int) -> None: ...

    def measured(self, row: dict[str, object]) -> None: ...

    def told(self, words: str) -> None: ...


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="where CIFAR-10 is")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="where runs are kept; else nothing is")
    parser.add_argument("--run", help="a run of that store; else one is trained")
    parser.add_argument("--width", type=int, default=16, help="of the network that is trained, as the next three are")
    parser.add_argument("--stem", default="paper")
    parser.add_argument("--train-size", type=float, default=5000)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--start", default="initial", help="where the line begins")
    parser.add_argument("--end", default="final", help="where it ends")
    parser.add_argument("--by", default="block")
    parser.add_argument("--alphas", default="11", help="how many even ones in the first comparison")
    parser.add_argument("--precision", type=float, default=0.05)
    parser.add_argument("--plain-examples", type=int, default=512)
    parser.add_argument("--dense", type=int, default=201, help="alphas that adaptive ones are judged by; 0 for none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
