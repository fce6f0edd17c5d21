"""A menu over the present screen, to choose one of several choices."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import ModalScreen

from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.view.text import crop, printable


class Menu(ModalScreen[str | None]):
    """Choices, of which Enter takes the one under the cursor and Escape none; typed text narrows them.

    Args:
        title: The title.
        choices: The choices and a few words about each.
        present: The present choice, under the cursor at first; None for the first one.
        meant: Returns the choice that a typed text is an alias of, or None.
        ascii: Use ASCII only.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "dismiss", show=False),
        Binding("enter", "choose", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    ]

    def __init__(
        self, title: str, choices: Sequence[tuple[str, str]], *, present: str | None = None,
        meant: Callable[[str], str | None] | None = None, ascii: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._title, self._choices, self._ascii = title, choices, ascii
        self._meant = meant or (lambda _: None)
        self._typed = ""
        names = [name for name, _ in choices]
        self._place = names.index(present) if present in names else 0

    def compose(self) -> ComposeResult:
        """One widget with everything.

        Yields:
            The widget.
        """
        yield Lines(id="menu")

    def on_mount(self) -> None:
        """Draw."""
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Draw in the new size."""
        self.call_after_refresh(self._draw)

    def on_key(self, event: Key) -> None:
        """Narrow the choices."""
        if event.key in {"backspace", "ctrl+h"}:
            self._type(self._typed[:-1])
        elif event.character is not None and event.character.isprintable():
            self._type(self._typed + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._place = max(0, min(self._place + rows, len(self._fitting) - 1))
        self._draw()

    def action_choose(self) -> None:
        """Close the menu with the choice under the cursor."""
        fitting = self._fitting
        self.dismiss(fitting[self._place][0] if fitting else None)

    @property
    def _fitting(self) -> list[tuple[str, str]]:
        typed = self._typed.lower()
        other = self._meant(self._typed) if typed else None
        fits: tuple[Callable[[str, str], bool], ...] = (
            lambda name, _: name.lower().startswith(typed),
            lambda name, _: name == other,
            lambda name, _: typed in name.lower(),
            lambda _, words: typed in words.lower(),
        )
        return list(dict.fromkeys(choice for fit in fits for choice in self._choices if fit(*choice)))

    def _type(self, typed: str) -> None:
        self._typed, self._place = typed, 0
        self._draw()

    def _draw(self) -> None:
        self.query_one("#menu", Lines).write(self._lines)

    def _lines(self, width: int) -> list[Text]:
        fitting, room = self._fitting, max(1, self.query_one("#menu", Lines).size.height - 2)
        first = min(max(0, self._place - room // 2), max(0, len(fitting) - room))
        sign = ">" if self._ascii else "▌"
        names = max((len(printable(name)) for name, _ in self._choices), default=0)
        rows = []
        for index, (name, words) in list(enumerate(fitting))[first : first + room]:
            row = Text(
                crop(f"{sign if index == self._place else ' '}{printable(name):<{names}}  {words}", width - 1,
                     ascii=self._ascii, head=width - 1)
            )  # fmt: skip
            row.stylize("bold reverse" if index == self._place else "")
            rows.append(row)
        title = Text.assemble((f" {self._title} ", "bold"), (self._typed, "underline"))
        hint = Text(crop(" Enter choose  Esc back  type to narrow", width, ascii=self._ascii), style="dim")
        return [title, *(rows or [Text("  nothing like that", style="dim")]), hint]
