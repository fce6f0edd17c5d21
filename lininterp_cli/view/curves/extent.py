"""The extent of a curve in words: number of examples, positions, and whether it is still growing.

An incomplete curve is called a preview wherever it is shown: in full where there is room, else by a sign before its
numbers.
"""

from collections.abc import Sequence

from lininterp_cli.landscape.curves.curve import Curve, Series

PREVIEW_SIGN = "~"
"""Prefix of a number that comes from a preview."""

PREVIEW_REMARK = f"{PREVIEW_SIGN} from a preview"
"""Explanation of the sign."""


def examples_words(curve: Curve, split: str) -> str:
    """The number of examples that a curve was measured on, in words.

    Args:
        curve: The curve.
        split: `test` or `train`.

    Returns:
        `360 examples`, `first 512 of 10000 examples`, or, where series have different numbers of them,
        `first 512-1024 of 10000 examples`; after `preview: ` if the curve is incomplete.
    """
    measured = [series.splits[split] for series in curve.series if split in series.splits]
    counts = span_words([values.num_examples for values in measured])
    size = max((values.split_size for values in measured), default=0)
    words = f"{counts} examples"
    if any(values.num_examples < values.split_size for values in measured):
        words = f"first {counts} of {size} examples"
    return words if curve.complete else f"preview: {words}"


def preview_words(curves: Sequence[Curve], split: str) -> str:
    """A remark on the incomplete curves among some.

    Args:
        curves: The curves.
        split: `test` or `train`.

    Returns:
        `preview: first 512 of 10000 examples`, each such remark once; empty where all curves are complete.
    """
    words = [examples_words(curve, split) for curve in curves if not curve.complete]
    return "; ".join(dict.fromkeys(words))


def span_words(counts: Sequence[int]) -> str:
    """Counts as one number where all are the same, else from the smallest to the largest.

    Args:
        counts: Counts.

    Returns:
        One or two numbers.

    Example:
        >>> span_words([9, 9]), span_words([17, 9, 12]), span_words([])
        ('9', '9-17', '0')
    """
    low, high = min(counts, default=0), max(counts, default=0)
    return f"{low}" if low == high else f"{low}-{high}"


def outer_ticks(shown: Sequence[Series]) -> list[tuple[float, str]]:
    """Ticks of the outermost positions, where they lie beyond the ends of the path.

    Args:
        shown: The series that are drawn.

    Returns:
        Positions with their labels; none where all lie between alpha 0 and 1.
    """
    positions = [alpha for series in shown for alpha in series.alphas]
    outermost = (min(positions, default=0.0), max(positions, default=1.0))
    return [(value, f"{value:g}") for value in outermost if value < 0 or value > 1]


def outer_remark(shown: Sequence[Series]) -> str:
    """A remark on positions beyond the ends of the path; empty where there are none."""
    return "barriers count alpha 0 to 1 only" if outer_ticks(shown) else ""
