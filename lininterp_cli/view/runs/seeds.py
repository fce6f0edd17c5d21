"""Finds runs and curves that differ only in the seed, by their settings; measured values are not compared."""

from collections.abc import Iterable, Sequence

from lininterp_cli.landscape.curves.curve import Curve
from lininterp_cli.view.curves.ends import endpoint_names
from lininterp_cli.view.runs.summary import Summary


def differ_in_seed_only(run: Summary, other: Summary) -> bool:
    """Whether two runs have the same configuration except for the seed.

    Args:
        run: A run.
        other: Another one.

    Returns:
        True for runs of the same kind with known, equal settings and different seeds.
    """
    if not run.settings or run.id == other.id or run.kind != other.kind:
        return False
    keys = (run.settings.keys() | other.settings.keys()) - {"seed"}
    same = all(run.settings.get(key) == other.settings.get(key) for key in keys)
    return same and run.settings.get("seed") != other.settings.get("seed")


def twin_curve(curve: Curve, splits: Sequence[str], others: Iterable[Curve]) -> Curve | None:
    """The curve of another run that was measured by the same question.

    Args:
        curve: A curve.
        splits: The wanted splits; the curve must have the first one.
        others: The other run's curves, the most relevant first.

    Returns:
        The first with the same ends, granularity, rest and treatment of BatchNorm statistics, if possible with all
        splits; None where there is none.
    """
    wanted = _question(curve)
    found = [one for one in others if _question(one) == wanted and splits[0] in one.splits]
    whole = [one for one in found if set(splits) <= set(one.splits)]
    return next(iter(whole or found), None)


def _question(curve: Curve) -> tuple[object, ...]:
    return (curve.by, curve.rest, curve.bn, curve.path, endpoint_names(curve))
