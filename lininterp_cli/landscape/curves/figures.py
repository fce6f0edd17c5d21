"""One run as one row of metrics, settings, distances and barriers, for tables and files; imports no torch."""

from collections.abc import Iterator, Mapping
from typing import Any

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.runs.run import Run

Row = dict[str, Any]


def figures(run: Run, curve: Curve | None, split: str, definition: str) -> Row:
    """The metrics, distances, barriers and settings of a run, under flat names.

    Args:
        run: The run.
        curve: The curve to read barriers from, or None.
        split: The split of the barriers.
        definition: The barrier definition, a key of BARRIERS.

    Returns:
        `run`, `name`, `status`; the final `train_loss`, `train_accuracy`, `test_loss`, `test_accuracy`;
        total `distance` and `distance.BLOCK`; the `curve`'s name and whether it is `complete`; `barrier` of the full
        path and `barrier.BLOCK`, with `alpha` and `monotone` for each; and `config.SECTION.KEY` for every setting.
    """
    record = run.record
    row: Row = {"run": run.id, "name": record.name, "status": run.status()}
    row |= {key: record.result.get("final", {}).get(key) for key in _METRICS}
    row["distance"] = record.distance_total
    row |= {f"distance.{block}": value for block, value in record.distance.items()}
    row |= {"curve": None, "complete": None} if curve is None else {"curve": curve.name, "complete": curve.complete}
    if curve is not None and split in curve.splits:
        for series in curve.series:
            end = "" if series.block is None else f".{series.block}"
            barrier = curve.barrier(series, split, definition)
            row[f"barrier{end}"] = None if barrier is None else barrier.height
            row[f"alpha{end}"] = None if barrier is None else barrier.alpha
            row[f"monotone{end}"] = curve.is_monotone(series, split)
    return row | {f"config.{key}": value for key, value in settings(record.config)}


def differing_columns(rows: list[Row]) -> list[Row]:
    """The rows without the settings that are equal in all of them.

    Args:
        rows: Rows from `figures`.

    Returns:
        New rows, all with the same keys in the same order; values that a run does not have are None.
    """
    keys = list(dict.fromkeys(key for row in rows for key in row))
    kept = [key for key in keys if not key.startswith("config.") or len({repr(row.get(key)) for row in rows}) > 1]
    return [{key: row.get(key) for key in kept} for row in rows]


_METRICS = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")


def settings(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting of a configuration under a flat name.

    Args:
        config: Nested plain data.
        prefix: Prefix of each name.

    Yields:
        `section.key` and value, in the order of the sections.
    """
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from settings(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
