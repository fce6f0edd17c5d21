"""The curves of one run as both front ends read them, and the highest barrier in them; it draws nothing."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from lininterp_cli.errors import LininterpError
from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.landscape.curves.glance import Glance, Top, glance, glance_head
from lininterp_cli.landscape.curves.reader import (
    USUAL_NAME,
    is_usual,
    most_telling_first,
    rank,
    rank_by,
    read_curve,
)  # fmt: skip
from lininterp_cli.runs.run import Run, curve_paths
from lininterp_cli.view.runs.summary import WHOLE, Worst

# The losses at a training's ends differ by nats, so this is the default definition of such curves.
_DEFINITION = "rise"


def readable_curves(run: Run, warn: Callable[[str], object]) -> list[Curve]:
    """Every curve of a run that can be read.

    Args:
        run: The run.
        warn: Called with a message for each file that cannot be read.

    Returns:
        The curves, the most relevant first.
    """
    curves = []
    for path in run.curve_paths():
        try:
            curves.append(read_curve(path))
        except (LininterpError, OSError) as error:
            warn(str(error))
    return most_telling_first(curves)


def worst_barrier(folder: Path, run_id: str) -> Worst | None:
    """The highest barrier on the path from a run's initial to its final weights, on test data.

    Args:
        folder: The run's folder.
        run_id: The run's id.

    Returns:
        The barrier of the most relevant curve that has one, or None.
    """
    # A shortcut for thousands of runs: reading the usual curve costs less than looking into others, which rank below it
    # unless they are by block too.
    has_rivals = any((folder / "curves").glob(f"{USUAL_NAME}-*.json"))
    usual = None if has_rivals else _looked_into(folder / "curves" / f"{USUAL_NAME}.json")
    if usual is not None and is_usual(usual.head) and (found := _worst_of(usual, run_id)):
        return found
    for path in _paths_in_order(folder):
        seen = _looked_into(path)
        if seen is not None and (found := _worst_of(seen, run_id)):
            return found
    return None


def _paths_in_order(folder: Path) -> list[Path]:
    """The curve files of a run, the most relevant first; where possible, only their heads are read."""
    paths = curve_paths(folder)
    if len(paths) < 2:
        return paths
    keys = {}
    for path in paths:
        with contextlib.suppress(LininterpError, OSError):
            known = glance_head(path, "test")
            keys[path] = rank(read_curve(path)) if known is None else rank_by(*known)
    return sorted(keys, key=lambda path: keys[path])


def _looked_into(path: Path) -> Glance | None:
    """The barriers in one curve file; None where it cannot be read."""
    try:
        return glance(path, "test", _DEFINITION) or _whole(read_curve(path))
    except (LininterpError, OSError):
        return None


def _worst_of(seen: Glance, run_id: str) -> Worst | None:
    """The highest barrier in one curve, if it leads from that run's initial to its final weights, else None."""
    ends = [end for key in ("start", "end") if isinstance(end := seen.head.get(key), dict)]
    wanted = [(run_id, "initial"), (run_id, "final")]
    if not seen.tops or [(end.get("run", run_id), end.get("checkpoint")) for end in ends] != wanted:
        return None
    top = max(seen.tops, key=lambda one: one.height)
    return Worst(
        height=top.height,
        alpha=top.alpha,
        block=WHOLE if top.block is None else sys.intern(str(top.block)),
        definition=_DEFINITION,
        curve=sys.intern(str(seen.head.get("name", ""))),
        complete=seen.head.get("complete") is not False,
        low=top.low,
        high=top.high,
        full=next((one.height for one in seen.tops if one.block is None), None),
        monotone=seen.monotone,
    )


def _whole(curve: Curve) -> Glance:
    """The barriers of a curve whose file had to be read whole."""
    if "test" not in curve.splits:
        return Glance(head={}, tops=(), monotone=None)
    pairs = [(series, curve.barrier(series, "test", _DEFINITION)) for series in curve.series]
    tops = [
        Top(
            block=series.block,
            height=barrier.height,
            alpha=barrier.alpha,
            low=known.low if (known := series.interval("test", _DEFINITION)) else None,
            high=known.high if known else None,
        )
        for series, barrier in pairs
        if barrier is not None
    ]
    whole = next((series for series in curve.series if series.block is None), None)
    return Glance(
        head={"name": curve.name, "complete": curve.complete, "start": curve.start, "end": curve.end},
        tops=tuple(tops),
        monotone=None if whole is None else curve.is_monotone(whole, "test"),
    )
