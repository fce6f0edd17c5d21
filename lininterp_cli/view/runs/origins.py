"""Which runs start from weights of runs that differ only in the seed, so that they are grouped over seeds with them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from lininterp_cli.view.runs.summary import Summary

_KEYS = ("reset.run", "init")
"""Settings that name the run whose weights a run starts from."""

_NAMED = re.compile(r"(?P<run>[^:@#]+)(?P<place>[^#]*)(#.*)?", re.DOTALL)
"""A run's id, the checkpoint or the alpha, and hashes of the weights, which another seed changes."""


def alike(runs: Iterable[Summary], among: Sequence[Summary]) -> dict[tuple[str, object], tuple[str, ...]]:
    """Values of settings that name runs of one configuration, the seed left out.

    Args:
        runs: The runs whose settings are compared.
        among: The runs in which the named ones are looked up.

    Returns:
        Setting and value to all values of the setting that mean the same, sorted; values that name no run of `among`
        are left out.
    """
    origins = _Origins({run.id: run for run in among})
    groups: dict[object, dict[tuple[str, str], None]] = {}
    for run in runs:
        for key in _KEYS:
            value = run.settings.get(key)
            origin = origins.of(value)
            if isinstance(value, str) and origin is not None:
                groups.setdefault((key, origin), {})[key, value] = None
    return {one: tuple(sorted(value for _, value in group)) for group in groups.values() for one in group}


class _Origins:
    """Configurations of runs without their seeds.

    Args:
        known: Id to run.
    """

    def __init__(self, known: Mapping[str, Summary]) -> None:
        self._known = known
        self._found: dict[str, object] = {}

    def of(self, value: object) -> object:
        """The configuration of the run that a setting names, and the place on its path; None if there is none."""
        named = _NAMED.fullmatch(value) if isinstance(value, str) else None
        run = None if named is None else self._known.get(named["run"])
        return None if named is None or run is None else (self._configuration(run), named["place"])

    def _configuration(self, run: Summary) -> object:
        if run.id not in self._found:
            self._found[run.id] = run.id  # in case that it names itself, which only a damaged record does
            rest = sorted(key for key in run.settings if key != "seed")
            self._found[run.id] = tuple(
                (key, (self.of(run.settings[key]) if key in _KEYS else None) or run.settings[key]) for key in rest
            )
        return self._found[run.id]
