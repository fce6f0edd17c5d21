"""Every key and sign on one page, made from the table of actions."""

import textwrap
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from lininterp_cli.tui.keys import Table, help_lines
from lininterp_cli.tui.preferences import preferences_path
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.view import palette
from lininterp_cli.view.curves.extent import PREVIEW_SIGN
from lininterp_cli.view.curves.layer_rows import COLUMNS
from lininterp_cli.view.runs.summary import GLYPHS
from lininterp_cli.view.text import crop, printable, wrap

MIN_COLUMNS, MAX_COLUMNS = 34, 78
"""Minimum and maximum columns of the page; longer lines are harder to read."""

_MOVING = ("Esc or q: back, where the keys work", "j k PgDn g G: move this page")


class HelpScreen(ModalScreen[None]):
    """The help, which Escape, `q`, `?` or Enter closes.

    Args:
        screen: Name of the screen whose keys come first.
        table: Every screen's actions.
        ascii: Use ASCII only.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,ctrl+c", "dismiss", "back", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d,space", "leaf(1)", show=False),
        Binding("pageup,ctrl+u", "leaf(-1)", show=False),
        Binding("g,home", "jump(-1)", show=False),
        Binding("G,end", "jump(1)", show=False),
    ]

    def __init__(self, screen: str, table: Table, *, ascii: bool) -> None:
        super().__init__()
        self._screen = screen
        self._table = table
        self._ascii = ascii

    def compose(self) -> ComposeResult:
        """The page inside a container that scrolls it.

        Yields:
            The widgets.
        """
        with VerticalScroll(id="help-scroll"):
            yield Lines(id="help")

    def on_mount(self) -> None:
        """Write the page as soon as the width is known."""
        self.call_after_refresh(self._write)

    def on_resize(self) -> None:
        """Write the page anew in its new width."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        lines = self.query_one("#help", Lines)
        rows = self._texts(max(MIN_COLUMNS, min(self.size.width - 1, MAX_COLUMNS)))
        lines.styles.height = len(rows)
        lines.write(lambda _: rows)

    def action_scroll(self, rows: int) -> None:
        """Scroll the page."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_leaf(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll(pages * max(1, self.size.height - 2))

    def action_jump(self, direction: int) -> None:
        """Scroll to the first line, or to the last."""
        self.action_scroll(direction * 10**6)

    def _texts(self, width: int) -> list[Text]:
        here, everywhere, *others = _sections(help_lines(self._screen, self._table, width))
        return [
            *(Text(f" {line}", style="dim") for line in wrap(_MOVING, width - 1, "   ")),
            Text(),
            *here,
            *(_columns(width) if self._screen == "layers" else []),
            *everywhere,
            *self._signs(width),
            Text(" Your own keys, theme and more", style="bold"),
            Text(f"   {crop(printable(preferences_path(), ascii=self._ascii), width - 3, ascii=self._ascii)}"),
            Text(),
            *(line for lines in others for line in lines),
        ]

    def _signs(self, width: int) -> list[Text]:
        sign, here = ("^", "v") if self._ascii else ("▲", "▼")
        words = [
            f"{sign} a barrier of 0.1 nats (or yours) or more",
            f"{palette.HIGHEST[self._ascii]} in a table: the highest barrier; {here} at a plot: where",
            f"{PREVIEW_SIGN} before a barrier: from a preview, a curve that is not complete yet",
            "x on a plot's axis: a value that is not finite",
        ]
        rows = wrap([f"{signs[self._ascii]} {state}" for state, signs in GLYPHS.items()], width - 3, "  ")
        rows += [row for one in words for row in textwrap.wrap(one, width - 3, subsequent_indent="  ")]
        return [Text(" Signs", style="bold"), *(Text(f"   {row}") for row in rows), Text()]


def _columns(width: int) -> list[Text]:
    """Explanations of the columns of a list of blocks."""
    lines = [Text(" Columns", style="bold")]
    for name, words in COLUMNS.items():
        for place, row in enumerate(textwrap.wrap(words, width - 13)):
            lines.append(Text(f"   {'' if place else name:<9} {row}"))
    return [*lines, Text()]


def _sections(lines: list[tuple[str, bool]]) -> list[list[Text]]:
    """The help divided into sections, each with its heading."""
    sections: list[list[Text]] = []
    for line, heading in lines:
        if heading:
            sections.append([])
        sections[-1].append(Text(f" {line}", style="bold" if heading else ""))
    return sections
