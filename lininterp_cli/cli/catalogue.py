"""`list`: the models, data sets and so on that can be chosen, from the registries."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lininterp_cli.cli import options

if TYPE_CHECKING:
    from rich.table import Table

Kind = Literal["models", "data", "opts", "schedules", "inits", "presets"]


def catalogue(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="models, data, opts, schedules, inits or presets.")],
    as_json: options.Json = False,
) -> None:
    """List models, data sets, optimizers, schedules, initial states or presets, with their options.

    For example:

        lininterp list models
    """
    from lininterp_cli.cli.output import show, show_json

    entries = _presets() if kind == "presets" else _registered(kind)
    if as_json:
        show_json(entries)
    else:
        show(lambda *_: [_table(entries)])


def _presets() -> list[dict[str, Any]]:
    from lininterp_cli.config.presets import PRESETS

    return [
        {
            "name": name,
            "about": f"{settings['model']['name']} on {settings['data']['name']}",
            "options": {
                f"{section}.{key}": value
                for section, values in settings.items()
                for key, value in values.items()
                if (section, key) not in {("model", "name"), ("data", "name")}
            },
        }
        for name, settings in PRESETS.items()
    ]


def _registered(kind: str) -> list[dict[str, Any]]:
    from lininterp_cli.config.options import options_of
    from lininterp_cli.training.initial import INITS
    from lininterp_cli.training.pretrained import imagenet
    from lininterp_cli.training.recipe import REGISTRIES

    sections = {"models": "model", "data": "data", "opts": "optimizer", "schedules": "schedule"}
    registry = INITS | {"imagenet": imagenet} if kind == "inits" else REGISTRIES[sections[kind]][1]
    return [
        {
            "name": name,
            "about": (function.__doc__ or "").partition("\n")[0],
            "options": {option.name: option.default for option in options_of(function).values()},
        }
        for name, function in registry.items()
    ]


def _table(entries: list[dict[str, Any]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for entry in entries:
        words = "  ".join(f"{key}={_plain(value)}" for key, value in entry["options"].items())
        about = Text(entry["about"])
        table.add_row(entry["name"], Text.assemble(about, "\n", (words, "dim")) if words else about)
    return table


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
