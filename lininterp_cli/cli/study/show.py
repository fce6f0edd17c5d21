"""`study list` and `study show`: the studies that ship, and the cells and cost of one before it is run."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from lininterp_cli.cli import options
from lininterp_cli.cli.study.options import Smoke, Which

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from lininterp_cli.study.estimate import Estimate
    from lininterp_cli.study.plan import Cell, Step, Study


def catalogue(as_json: options.Json = False) -> None:
    """List the studies that come with the package.

    For example:

        lininterp study list
    """
    from lininterp_cli.cli.output import show as show_things
    from lininterp_cli.cli.output import show_json
    from lininterp_cli.study.reading import find_study, shipped

    studies = [find_study(name) for name in shipped()]
    if as_json:
        show_json([_entry(study) for study in studies])
    else:
        show_things(lambda *_: [_studies(studies)])


def show(
    reference: Which,
    smoke: Smoke = False,
    folder: options.Runs = options.RUNS,
    as_json: options.Json = False,
) -> None:
    """Show what a study comes to: its grid, its cells, its steps, and what it costs.

    Every cell is checked, and nothing is trained. Where some cells are done, the cost of the others stands beside that
    of all. A time is given where finished runs of the store, with the same network and data, know it.

    For example:

        lininterp study show weight-decay
    """
    from lininterp_cli.cli.output import show as show_things
    from lininterp_cli.cli.output import show_json
    from lininterp_cli.runs.store import Store
    from lininterp_cli.study.estimate import estimate, size_of
    from lininterp_cli.study.outcomes import standing
    from lininterp_cli.study.reading import find_study
    from lininterp_cli.study.running import check_all

    found = find_study(reference)
    found = found.shrunk() if smoke else found
    cells = found.cells()
    store = Store(folder)
    check_all(found, cells, size_of, store)
    left = [cell for cell in cells if standing(folder, found, cell).state != "done"]
    there = store.runs()
    cost = estimate(cells, there)
    rest = estimate(left, there) if len(left) < len(cells) else cost
    if as_json:
        show_json(_document(found, cells, cost, len(left), rest))
    else:
        show_things(lambda *_: [*_things(found, cells, cost), *_left(len(cells), len(left), rest)])


def _entry(study: "Study") -> dict[str, Any]:
    return {
        "name": study.name,
        "about": study.about,
        "source": study.source,
        "cells": len(study.cells()),
        "targets": _targets(study),
    }


def _document(
    study: "Study", cells: "Sequence[Cell]", cost: "Estimate", num_left: int, rest: "Estimate"
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "name": study.name,
        "about": study.about,
        "source": study.source,
        "note": study.note,
        "seeds": list(study.seeds),
        "base": dict(study.base),
        "variants": dict(study.variants),
        "grid": {axis: list(values) for axis, values in study.grid.items()},
        "steps": [step.to_dict() for step in study.steps],
        "targets": _targets(study),
        "cells": [
            {"index": index, "digest": cell.digest, "group": cell.group, "seed": cell.config.seed, "label": cell.label}
            for index, cell in enumerate(cells)
        ],
        "cost": asdict(cost),
        "left": {"cells": num_left, "cost": asdict(rest)},
    }


def _studies(studies: "Sequence[Study]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for study in studies:
        known = [figures["test_accuracy"].mean for figures in study.targets.values() if "test_accuracy" in figures]
        published = f"published test accuracy: {', '.join(f'{100 * one:.4g}' for one in known)} %" * bool(known)
        below = "; ".join(filter(None, [f"{len(study.cells())} cells", study.source, published]))
        table.add_row(study.name, Text.assemble(study.about, "\n", (below, "dim")))
    return table


def _targets(study: "Study") -> dict[str, dict[str, dict[str, float | None]]]:
    from dataclasses import asdict

    return {row: {name: asdict(one) for name, one in known.items()} for row, known in study.targets.items()}


def _things(study: "Study", cells: "Sequence[Cell]", cost: "Estimate") -> "Iterator[RenderableType]":
    from rich.padding import Padding
    from rich.text import Text

    from lininterp_cli.study.plan import label_words
    from lininterp_cli.view.text import printable

    yield Text(printable(study.name), style="bold")
    for word in (study.about, f"source: {study.source}" * bool(study.source), f"note: {study.note}" * bool(study.note)):
        if word:
            yield Text(printable(word))
    yield ""
    yield Text(printable(f"base: {' '.join(label_words(study.base)) or 'the usual settings'}"))
    for name, settings in study.variants.items():
        yield Text(printable(f"{name}: {' '.join(label_words(settings)) or 'the base'}"))
    for axis, values in study.grid.items():
        yield Text(printable(f"{axis}: {', '.join(map(str, values))}"))
    yield Text(f"{len(cells)} cells; of each, {'then' if study.steps else 'only the training'}")
    for depth, line in _lines(study.steps, 1):
        yield Padding(Text(printable(line)), (0, 0, 0, 2 * depth))
    if study.targets:
        yield Text("published:")
        for row, known in study.targets.items():
            words = [
                f"{name} {one.mean:g}{'' if one.deviation is None else f' +- {one.deviation:g}'}"
                for name, one in known.items()
            ]
            yield Padding(Text(printable(f"{row}: {', '.join(words)}")), (0, 0, 0, 2))
    yield ""
    yield _cells(cells)
    yield ""
    for line in _costs(cost):
        yield Text(line)


def _cells(cells: "Sequence[Cell]") -> "Table":
    from rich.table import Table

    from lininterp_cli.view.text import printable

    table = Table(box=None, pad_edge=False)
    table.add_column("cells", justify="right", no_wrap=True)
    table.add_column("seeds", justify="right", no_wrap=True)
    table.add_column("group")
    for group, some in groupby(enumerate(cells), key=lambda pair: pair[1].group):
        indices, own = zip(*some, strict=True)
        table.add_row(_span(indices), _span([cell.config.seed for cell in own]), printable(group))
    return table


def _span(numbers: "Sequence[int]") -> str:
    """Numbers in few characters: `0-9` if they are consecutive."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 1 and list(numbers) == list(range(first, last + 1)):
        return f"{first}-{last}"
    return ",".join(map(str, numbers))


def _lines(steps: "Sequence[Step]", depth: int) -> Iterator[tuple[int, str]]:
    from lininterp_cli.study.plan import label_words

    for step in steps:
        does = " ".join([step.kind, *label_words(step.options)])
        yield depth, does if step.label == does else f"{step.label}: {does}"
        yield from _lines(step.steps, depth + 1)


def _costs(cost: "Estimate") -> Iterator[str]:
    seen = "unknown" if cost.num_seen is None else f"{cost.num_seen:,}"
    evaluated = "unknown" if cost.num_evaluated is None else f"{cost.num_evaluated:,} at most"
    yield f"trainings: {cost.num_trainings:,}, with {cost.num_epochs:,} epochs; examples trained on: {seen}"
    yield f"examples evaluated on paths: {evaluated}"
    if cost.num_measures:
        examples = "unknown" if cost.num_measured is None else f"{cost.num_measured:,} at most"
        yield f"criticalities and Gauss lengths: {cost.num_measures:,}"
        yield f"examples evaluated for them: {examples}"
    if cost.seconds is None:
        yield "time: unknown; run one cell first (--only 0), and it is told from that"
        return
    devices = " and ".join(cost.timed_by)
    rest = cost.num_trainings - cost.num_timed
    others = f"; nothing is known of the other {rest}" if rest else ""
    yield f"time: {_time(cost.seconds)} for {cost.num_timed} trainings, by finished runs on {devices}{others}"
    yield "      one after the other, without their paths"


def _left(num_cells: int, num_left: int, cost: "Estimate") -> Iterator[str]:
    """The number of done cells and the cost of the others; nothing if no cell is done."""
    if num_left < num_cells:
        yield ""
        done = f"{num_cells - num_left} of {num_cells} cells are done"
        yield f"{done}; the others come to:" if num_left else f"{done}: nothing is left to do"
        yield from _costs(cost) if num_left else ()


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 120 else f"{minutes} min" if minutes < 120 else f"{seconds / 3600:.1f} h"
