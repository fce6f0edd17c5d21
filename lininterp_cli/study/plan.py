"""Studies as their files declare them, and the cells they expand to; trains or looks up nothing, never imports torch.

A study is a base, variants and a grid laid over it, seeds, and steps that follow each training:

    about = "Does weight decay shape the line?"
    seeds = 3
    [base]
    preset = "digits"
    [grid]
    "optimizer.weight_decay" = [0.0, 5e-4]
    [[steps]]
    interpolate = { by = "block" }

Every variant is crossed with every point of the grid and every seed; each combination is a cell.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lininterp_cli.config.identity import canonical, digest_of
from lininterp_cli.config.presets import configure, merged, settled
from lininterp_cli.config.run import RunConfig
from lininterp_cli.errors import ConfigError

MEASURING = ("interpolate", "criticality", "gauss-length")
"""Kinds of steps that measure the run they are applied to."""

KINDS = (*MEASURING, "reset-block", "train")
"""All kinds of steps."""

MAX_CELLS = 10_000
"""The most cells a study may have; more is taken for a typing error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An action on a finished run: a measurement, or the making of another run from it."""

    kind: str
    """`interpolate`, `criticality`, `gauss-length`, `reset-block` or `train`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The options, by their names in the study's file."""
    steps: tuple["Step", ...] = ()
    """Steps applied to the run that this step makes."""
    name: str = ""
    """A name for reports; empty for one made of the kind and the options."""

    @property
    def makes_run(self) -> bool:
        """Whether the step makes another run; otherwise it measures the run it is applied to."""
        return self.kind not in MEASURING

    @property
    def label(self) -> str:
        """The step's name in outcomes and reports, such as `reset-block block=layer1`."""
        return self.name or " ".join([self.kind, *label_words(self.options)])

    def to_dict(self) -> dict[str, Any]:
        """The step as plain data."""
        named = {"name": self.name} if self.name else {}
        return {self.kind: dict(self.options), "steps": [step.to_dict() for step in self.steps], **named}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One training of a study and the steps after it."""

    group: str
    """Label shared by cells that differ only in the seed, such as `no-augmentation, optimizer.weight_decay=0`."""
    config: RunConfig
    """Configuration of the run to train, the seed included."""
    steps: tuple[Step, ...] = ()
    """Steps after the training."""

    @property
    def label(self) -> str:
        """The cell's name, unique within the study."""
        return f"{self.group}, seed={self.config.seed}"

    @property
    def digest(self) -> str:
        """First 12 hex digits of a hash of configuration and steps; a setting added later does not change them."""
        return digest_of({"config": canonical(self.config), "steps": [step.to_dict() for step in self.steps]})[:12]


@dataclass(frozen=True, slots=True)
class Published:
    """A published value of a figure."""

    mean: float
    """Mean over the published runs."""
    deviation: float | None = None
    """Standard deviation over these runs; None if it is not published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Study:
    """Many runs that answer one question together."""

    name: str
    """The study's name."""
    about: str = ""
    """The question."""
    source: str = ""
    """Where the question comes from."""
    note: str = ""
    """How the study differs from the source."""
    base: Mapping[str, Any] = field(default_factory=dict)
    """Settings of every cell; the key `preset` names the preset that they change."""
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name to settings that override the base; each may name a `preset` of its own."""
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Dotted name of a setting to its values."""
    seeds: tuple[int, ...] = (0,)
    """Seeds that each variant and grid point is trained with."""
    steps: tuple[Step, ...] = ()
    """Steps after every training."""
    targets: Mapping[str, Mapping[str, Published]] = field(default_factory=dict)
    """Label of a row of the report to its published values, by the names of figures."""
    smoke: Mapping[str, Any] = field(default_factory=dict)
    """Changes for the small form: settings, number of `seeds`, options of steps by kind, settings of `variants`."""
    smallness: Mapping[str, Any] = field(default_factory=dict)
    """Settings that override all but the variants' own settings and the grid; empty except in the small form."""

    def cells(self) -> tuple[Cell, ...]:
        """List the cells, variant by variant, then over the grid, then over the seeds.

        Returns:
            The cells; no two have the same label.

        Raises:
            ConfigError: If there are more than MAX_CELLS, or two have the same label.
        """
        num_cells = max(1, len(self.variants)) * len(self.seeds)
        for values in self.grid.values():
            num_cells *= len(values)
        if num_cells > MAX_CELLS:
            raise ConfigError(f"the study {self.name} has {num_cells} cells; at most {MAX_CELLS} can be meant")
        cells = tuple(self._cells())
        labels = Counter(cell.label for cell in cells)
        for label, count in labels.items():
            if count > 1:
                raise ConfigError(f"the study {self.name} has {count} cells called {label!r}; rename a variant")
        return cells

    def shrunk(self) -> "Study":
        """The small form of the study: it keeps every step and takes minutes on two cores.

        Returns:
            The study with `smoke` overriding all settings but those of its variants and its grid, and with
            `smoke.variants` overriding those of the variants.
        """
        own = self.smoke.get("variants", {})
        variants = {name: merged(settings, own.get(name, {})) for name, settings in self.variants.items()}
        smallness = {key: value for key, value in self.smoke.items() if key not in {"seeds", "variants", *KINDS}}
        return replace(
            self,
            name=f"{self.name}-smoke",
            variants=variants,
            smallness=smallness,
            steps=tuple(_lighter(step, self.smoke, smallness) for step in self.steps),
            seeds=self.seeds[: self.smoke.get("seeds", 1)],
            targets={},
        )

    def _cells(self) -> Iterator[Cell]:
        for name, settings in (self.variants or {"": {}}).items():
            for values in itertools.product(*self.grid.values()):
                point = dict(zip(self.grid, values, strict=True))
                words = ([name] if name else []) + label_words(point)
                for seed in self.seeds:
                    own = {key: value for key, value in settings.items() if key != "preset"}
                    said = (own, _nested(point))
                    # A section with another name drops all settings below it (see `merged`), the small ones too.
                    again = _unsaid(self.smallness, *said)
                    layers = (settled(self.base), settled(settings), self.smallness, *said, again)
                    config = configure(*layers, {"seed": seed})
                    yield Cell(group=", ".join(words) or "base", config=config, steps=self.steps)


def _lighter(step: Step, options: Mapping[str, Any], settings: Mapping[str, Any]) -> Step:
    """A step with the small form's options for its kind; for `train`, also with its settings in the given sections."""
    own = {**step.options, **options.get(step.kind, {})}
    if step.kind == "train":
        own |= {key: {**own[key], **settings[key]} for key in own if isinstance(settings.get(key), Mapping)}
    return replace(step, options=own, steps=tuple(_lighter(one, options, settings) for one in step.steps))


def _unsaid(settings: Mapping[str, Any], *said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of sections that `said` gives a name, except the name and the keys that `said` gives itself."""
    sections = {key: own for key, own in settings.items() if isinstance(own, Mapping)}
    out: dict[str, dict[str, Any]] = {}
    for section, own in sections.items():
        others = [one[section] for one in said if isinstance(one.get(section), Mapping)]
        if any("name" in one for one in others):
            known = {"name"}.union(*others)
            out[section] = {key: value for key, value in own.items() if key not in known}
    return out


def _nested(point: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in point.items():
        section, dot, key = name.partition(".")
        if dot:
            out.setdefault(section, {})[key] = value
        else:
            out[section] = value
    return out


def run_names(steps: Sequence[Step], before: str = "") -> Iterator[str]:
    """The names of a cell's runs in outcomes, each after that of the run that it is made from.

    Args:
        steps: The steps of a cell, or those within a step.
        before: The name of the run that they are applied to.

    Yields:
        Labels of steps joined by ` / `; the first is `before`, empty for the cell's own training.
    """
    yield before
    for step in steps:
        if step.makes_run:
            yield from run_names(step.steps, f"{before} / {step.label}".removeprefix(" / "))


def row_label(group: str, name: str) -> str:
    """The label of a row of the report.

    Args:
        group: The group of its cells.
        name: The name of its runs; empty for the cells' own trainings.

    Returns:
        Both joined by ` / `, or the group alone.
    """
    return f"{group} / {name}" if name else group


def label_words(settings: Mapping[str, Any], before: str = "") -> list[str]:
    """Settings as words of a label, nested ones with dotted names.

    Args:
        settings: Nested plain data.
        before: Prefix of each name.

    Returns:
        One `name=value` word for each setting, in order.

    Example:
        >>> label_words({"init": "final", "data": {"label_noise": 0.0}})
        ['init=final', 'data.label_noise=0']
    """
    words = []
    for key, value in settings.items():
        name = f"{before}{key}"
        words += label_words(value, f"{name}.") if isinstance(value, Mapping) else [f"{name}={_word(value)}"]
    return words


def _word(value: Any) -> str:
    """A value as a word of a label; different numbers give different words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return short if float(short := f"{value:g}") == value else repr(value)
    return ",".join(map(_word, value)) if isinstance(value, list | tuple) else str(value)
