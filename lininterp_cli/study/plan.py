"""A study as its file declares it, and the cells it comes to; nothing is trained or looked up here, and never torch.

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
"""Kinds of steps that measure the run they are done with."""

KINDS = (*MEASURING, "reset-block", "train")
"""What a step can do."""

MAX_CELLS = 10_000
"""A study of more is a slip of the keyboard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Something that is done with a finished run."""

    kind: str
    """`interpolate`, `criticality`, `gauss-length`, `reset-block` or `train`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """How."""
    steps: tuple["Step", ...] = ()
    """What is done with the run that this step makes."""
    name: str = ""
    """What it is called; empty for what it does."""

    @property
    def makes_run(self) -> bool:
        """Whether another run comes of it; else the one that it is done with is measured."""
        return self.kind not in MEASURING

    @property
    def label(self) -> str:
        """What it is called where its run stands in a report: `reset-block block=layer1`."""
        return self.name or " ".join([self.kind, *label_words(self.options)])

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        named = {"name": self.name} if self.name else {}
        return {self.kind: dict(self.options), "steps": [step.to_dict() for step in self.steps], **named}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One training of a study and the steps after it."""

    group: str
    """What it has in common with its other seeds: `no-augmentation, optimizer.weight_decay=0`."""
    config: RunConfig
    """What is trained, the seed included."""
    steps: tuple[Step, ...] = ()
    """What is done with it."""

    @property
    def label(self) -> str:
        """Its name within the study."""
        return f"{self.group}, seed={self.config.seed}"

    @property
    def digest(self) -> str:
        """12 hexadecimal digits of what decides its outcome; a setting that is added later leaves them as they are."""
        return digest_of({"config": canonical(self.config), "steps": [step.to_dict() for step in self.steps]})[:12]


@dataclass(frozen=True, slots=True)
class Published:
    """A figure as others have published it."""

    mean: float
    """Over their runs."""
    deviation: float | None = None
    """Their standard deviation; None where none is given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Study:
    """A question that many runs answer together."""

    name: str
    """What it is called."""
    about: str = ""
    """What it asks."""
    source: str = ""
    """Where the question comes from."""
    note: str = ""
    """What differs from the source."""
    base: Mapping[str, Any] = field(default_factory=dict)
    """Settings of every cell; `preset` names what they stand on."""
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name to settings laid over the base; each may stand on a `preset` of its own."""
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Dotted name of a setting to its values."""
    seeds: tuple[int, ...] = (0,)
    """Each cell's seeds."""
    steps: tuple[Step, ...] = ()
    """What is done with every training."""
    targets: Mapping[str, Mapping[str, Published]] = field(default_factory=dict)
    """Row of the report to what is published of it, by the names of the report's figures."""
    smoke: Mapping[str, Any] = field(default_factory=dict)
    """What makes it small: settings, `seeds`, options of steps by their kind, and settings of `variants`."""
    smallness: Mapping[str, Any] = field(default_factory=dict)
    """Settings that give way to nothing but what variants and the grid say themselves; empty unless it is shrunk."""

    def cells(self) -> tuple[Cell, ...]:
        """Every cell, variant by variant, then over the grid, then over the seeds.

        Returns:
            The cells; no two have the same label.

        Raises:
            ConfigError: If there are more than can be meant, or two that could not be told apart.
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
        """The study as minutes on two cores allow, every step still run.

        Returns:
            It with `smoke` laid over everything but what its variants and its grid are about, and over a variant
            where `smoke.variants` says so.
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
                    # A section that is renamed starts anew, and is to be small again.
                    again = _unsaid(self.smallness, *said)
                    layers = (settled(self.base), settled(settings), self.smallness, *said, again)
                    config = configure(*layers, {"seed": seed})
                    yield Cell(group=", ".join(words) or "base", config=config, steps=self.steps)


def _lighter(step: Step, options: Mapping[str, Any], settings: Mapping[str, Any]) -> Step:
    """A step that takes less: fewer points, and where it says settings of its own, the small ones over them."""
    own = {**step.options, **options.get(step.kind, {})}
    if step.kind == "train":
        own |= {key: {**own[key], **settings[key]} for key in own if isinstance(settings.get(key), Mapping)}
    return replace(step, options=own, steps=tuple(_lighter(one, options, settings) for one in step.steps))


def _unsaid(settings: Mapping[str, Any], *said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What settings say in sections that others rename and they do not."""
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


def label_words(settings: Mapping[str, Any], before: str = "") -> list[str]:
    """Settings as a label has them, those of tables with a dot.

    Args:
        settings: Nested plain data.
        before: What stands before each name.

    Returns:
        One word for each, in their order.

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
    """A value as a label has it, no two the same."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return short if float(short := f"{value:g}") == value else repr(value)
    return ",".join(map(_word, value)) if isinstance(value, list | tuple) else str(value)
