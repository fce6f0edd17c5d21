"""Sentences on the relations that the numbers of a report support or do not support."""

from collections.abc import Sequence

from lininterp_cli.landscape.curves.ranks import MIN_PAIRS
from lininterp_cli.study.report.figures import OUTCOMES
from lininterp_cli.study.report.findings import Association

SIGNIFICANT = 0.05
"""The p-value, corrected for all tests of its scope, below which the data support a relation."""

NAMES = {
    "test_accuracy": "test accuracy",
    "train_accuracy": "train accuracy",
    "generalisation_gap": "generalisation gap",
    "test_loss": "test loss",
    "distance": "distance moved",
    "relative_distance": "relative distance",
    "barrier_rise": "barrier (rise)",
    "barrier_chord": "barrier (chord)",
    "barrier_mean": "barrier (mean)",
    "barrier_max": "barrier (max)",
    "monotone": "monotonicity",
    "plateau": "plateau length",
    "plateau_end": "end of the plateau",
    "cliff": "cliff position",
    "best_alpha": "best alpha",
    "best_loss": "lowest loss",
    "gauss_length": "Gauss length",
    "criticality": "criticality",
}
"""Figure to its name in sentences."""

_NO_INTERVAL = {
    None: "no interval",
    "few": "no interval of so few",
    "order": "no interval of an order without exception",
    "ties": "no interval, too many are tied",
}

_UNITS = {"all": "run", "between": "group", "within": "training"}
"""Scope to the name of its points."""


def sentence(one: Association) -> str:
    """State one correlation, and whether the data support it.

    Args:
        one: The correlation.

    Returns:
        A sentence with the number of runs, the coefficient, its interval, the p-value, and the conclusion.
    """
    pair = f"{NAMES[one.shape]} and {NAMES[one.outcome]}"
    where = _place(one)
    if one.rho is None:
        if _num_points(one) >= MIN_PAIRS and one.is_constant:
            return f"{where}, {pair} cannot be correlated: one of them does not vary."
        return f"{where}: fewer than {MIN_PAIRS} {_UNITS[one.scope]}s say nothing of {pair}."
    interval = _NO_INTERVAL[one.no_interval]
    if one.rho_low is not None:
        interval = f"95 % interval {one.rho_low:z.2f}..{one.rho_high:z.2f}"
    numbers = f"rho = {one.rho:z.2f} ({interval}), p = {p_words(one.p)}"
    if is_supported(one):
        side = "higher" if one.rho > 0 else "lower"
        verdict = f"the data support that a higher {NAMES[one.shape]} goes with a {side} {NAMES[one.outcome]}"
    elif one.p is not None and one.p < SIGNIFICANT:
        corrected = f"{p_words(one.p_holm)} after correction for {one.num_tests} tests"
        verdict = f"{corrected}, so the data support neither direction"
    elif one.p_least is not None and one.p_least >= SIGNIFICANT:
        verdict = f"the data could support neither direction: in no order of them is p below {p_words(one.p_least)}"
    else:
        verdict = "the data support neither direction"
    return f"{where}, {NAMES[one.shape]} against {NAMES[one.outcome]}: {numbers}; {verdict}."


def conclusions(associations: Sequence[Association], shape: str) -> tuple[str, ...]:
    """State what the correlations of a report support.

    Args:
        associations: Every shape against every outcome, scope by scope.
        shape: The shape in question, such as `barrier_rise`.

    Returns:
        A sentence for each outcome over all runs, and for the test accuracy between and within groups; then the
        correlations that hold in each scope; then caveats.
    """
    num_runs = max((one.num_runs for one in associations if one.scope == "all"), default=0)
    if num_runs < MIN_PAIRS:
        return (f"{num_runs} run{'s' * (num_runs != 1)}: fewer than {MIN_PAIRS} say nothing of shapes and outcomes.",)
    asked = [one for one in associations if one.shape == shape]
    said = [sentence(one) for outcome in OUTCOMES for one in asked if one.scope == "all" and one.outcome == outcome]
    said += [sentence(one) for one in asked if one.scope != "all" and one.outcome == "test_accuracy"]
    for scope, where in (("all", "over all runs"), ("between", "between groups"), ("within", "within groups")):
        tested = [one for one in associations if one.scope == scope and one.p is not None]
        found = [one for one in tested if is_supported(one)]
        powerless = "" if found else _powerless(tested)
        named = [f"{NAMES[one.shape]} and {NAMES[one.outcome]} (rho = {one.rho:z.2f})" for one in found]
        holds = f"{len(found)} hold{'s' * (len(found) == 1)}" if found else "none holds"
        if tested:
            words = f"Of {len(tested)} correlations {where}, {holds} after Holm's correction"
            said.append(f"{words}{': ' * bool(named)}{', '.join(named)}{powerless}.")
    if any(one.shape == "barrier_mean" and is_supported(one) for one in associations):
        said.append(
            "Barrier (mean) is half the fall of the loss or more, whatever lies between the ends: what goes with it "
            "may go with the final loss alone."
        )
    scopes = {one.scope for one in associations}
    if len(scopes) > 1 and any(one.scope == "all" and is_supported(one) for one in associations):
        said.append(
            "Runs of a group, or made from one training, are not independent of each other: what holds over all runs "
            "alone may be one difference between settings, counted many times."
        )
    if any(one.p is not None for one in associations):
        said.append(
            "None of this says what causes what; no support for a direction is no proof that there is none, least of "
            "all with few runs."
        )
    return tuple(said)


def is_supported(one: Association) -> bool:
    """Whether a correlation is significant after Holm's correction."""
    return one.p_holm is not None and one.p_holm < SIGNIFICANT


def p_words(p: float | None) -> str:
    """A p-value in few digits.

    Args:
        p: In [0, 1], or None.

    Returns:
        Two digits after the point, more for small values.

    Example:
        >>> [p_words(p) for p in (0.38, 0.012, 0.0004, 1e-5, None)]
        ['0.38', '0.012', '0.0004', '< 0.0001', 'n/a']
    """
    if p is None:
        return "n/a"
    return "< 0.0001" if p < 0.0001 else f"{p:.2f}" if p >= 0.1 else f"{p:.3f}" if p >= 0.01 else f"{p:.4f}"


def _powerless(tested: Sequence[Association]) -> str:
    """A clause for the case that no order of the data could have given a correlation that holds; else empty."""
    least = min((one.p_least for one in tested if one.p_least is not None), default=0.0)
    corrected = min(1.0, least * len(tested))
    if corrected < SIGNIFICANT:
        return ""
    num, unit = max(map(_num_points, tested)), _UNITS[tested[0].scope]
    return (
        f", and none could have: the smallest p that {num} {unit}s with these ties can give is {p_words(least)}, "
        f"{p_words(corrected)} after correction"
    )


def _num_points(one: Association) -> int:
    return one.num_groups if one.scope == "between" else one.num_runs


def _place(one: Association) -> str:
    if one.scope == "all":
        return f"Over {one.num_runs} run{'s' * (one.num_runs != 1)}"
    groups = f"{one.num_groups} group{'s' * (one.num_groups != 1)}"
    return f"{one.scope.capitalize()} {groups} ({one.num_runs} training{'s' * (one.num_runs != 1)})"
