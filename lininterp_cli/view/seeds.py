"""Which runs and which of their curves differ in the seed only; it compares settings and questions, no number."""

from collections.abc import Iterable, Sequence

from lininterp_cli.landscape.curve import Curve
from lininterp_cli.view.ends import endpoint_names
from lininterp_cli.view.summary import Summary


def differ_in_seed_only(run: Summary, other: Summary) -> bool:
    """Whether two runs have one configuration but for the seed.

    Args:
        run: A run.
        other: Another one.

    Returns:
        True for different runs of the same kind whose settings are known and equal; the same seed is another matter.
    """
    if not run.settings or run.id == other.id or run.kind != other.kind:
        return False
    keys = (run.settings.keys() | other.settings.keys()) - {"seed"}
    same = all(run.settings.get(key) == other.settings.get(key) for key in keys)
    return same and run.settings.get("seed") != other.settings.get("seed")


def twin_curve(curve: Curve, splits: Sequence[str], others: Iterable[Curve]) -> Curve | None:
    """The curve of another run that answers the same question.

    Args:
        curve: A curve.
        splits: Splits that are needed, the first one at least.
        others: The other run's curves, the most telling first.

    Returns:
        The first with the same ends, granularity, rest and BatchNorm statistics; None where there is none.
    """
    wanted = _question(curve)
    found = [one for one in others if _question(one) == wanted and splits[0] in one.splits]
    whole = [one for one in found if set(splits) <= set(one.splits)]
    return next(iter(whole or found), None)


def _question(curve: Curve) -> tuple[object, ...]:
    return (curve.by, curve.rest, curve.bn, curve.path, endpoint_names(curve))
