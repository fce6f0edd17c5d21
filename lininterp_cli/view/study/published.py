"""Published figures beside the measured ones, as words; nothing is laid out here."""

from collections.abc import Iterator

from lininterp_cli.study.report.figures import Spread, epoch_of
from lininterp_cli.study.report.findings import Report, Row
from lininterp_cli.study.report.words import NAMES
from lininterp_cli.view.study.cells import begun, figure_words, is_percent
from lininterp_cli.view.text import MISSING

HEADS = ("figure", "published", "measured", "differs")
"""Heads of the cells of a comparison, after the row's name."""


def is_more_than_accuracy(report: Report) -> bool:
    """Whether more is published than the mean accuracies, which are shown beside the measured ones anyway."""
    every = [(name, one) for row in begun(report) for name, one in row.published.items()]
    return any(name != "test_accuracy" or one.deviation is not None for name, one in every)


def comparisons(report: Report, *, plus_minus: str = "±") -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Every published figure of a row that is begun.

    Args:
        report: The report.
        plus_minus: The sign before deviations.

    Yields:
        The row, and a cell for each of HEADS: `test accuracy (%)`, `92.20±0.20`, `91.96±0.31`, `-0.24`.
    """
    for row in begun(report):
        for name, known in row.published.items():
            found = row.figures[name]
            factor = 100 if is_percent(name) else 1
            difference = (
                MISSING if found.mean is None else f"{factor * (found.mean - known.mean):+z.{3 - (factor > 1)}f}"
            )
            stated = Spread(num=0, mean=known.mean, deviation=known.deviation)
            words = (figure_words(name, one, plus_minus=plus_minus) for one in (stated, found))
            yield row, (_title(name), *words, difference)


def _title(name: str) -> str:
    epoch = epoch_of(name)
    title = NAMES[name] if epoch is None else f"accuracy, epoch {epoch}"
    return f"{title} (%)" if is_percent(name) else title
