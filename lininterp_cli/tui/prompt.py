"""A prompt in the footer, for a text or a confirmation; it takes keys as they come and uses no widget.

A widget of its own would need the focus, and letters that arrive together with the key that opens it (over a slow
connection, or pasted) would be lost before the focus has moved.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rich.text import Text

from lininterp_cli.view.text import crop, printable, wrap

_LEAST_TEXT = 20
"""Columns for the text: if the question leaves fewer of them, a longer text gets a line of its own."""


def _nothing(_: str) -> None:
    """The default of callbacks: does nothing."""


@dataclass(slots=True)
class Prompt:
    """A question in the footer of a screen, and the text typed there."""

    question: str
    """The words before the text."""
    text: str = ""
    """The text so far."""
    hint: str = "Enter done  Esc cancel"
    """A hint at the keys that end it."""
    done: Callable[[str], object] = _nothing
    """Called with the text at Enter."""
    changed: Callable[[str], object] = _nothing
    """Called with the text at each change; with an empty one at Escape."""
    is_open: bool = True
    """Whether it still takes keys."""

    def press(self, key: str, character: str | None) -> None:
        """Take one key.

        Args:
            key: Textual's name of the key.
            character: The character that it types, or None.
        """
        if key in {"escape", "ctrl+c"}:
            self.is_open = False
            self._change("")
        elif key == "enter":
            self.is_open = False
            self.done(self.text)
        elif key in {"backspace", "ctrl+h"}:
            self._change(self.text[:-1])
        elif key == "ctrl+w":
            self._change(" ".join(self.text.split()[:-1]))
        elif key == "ctrl+u":
            self._change("")
        elif character is not None:
            self.write(character)

    def write(self, text: str) -> None:
        """Append text, as from a paste; characters that cannot be printed are dropped."""
        self._change(self.text + "".join(character for character in text if character.isprintable()))

    def lines(self, width: int, *, ascii: bool) -> list[Text]:
        """The prompt as lines of text.

        Args:
            width: Columns.
            ascii: Use ASCII only.

        Returns:
            The question, the text, a cursor, and the hint if there is room for it; a question that leaves too little
            of a line for the text gets lines of its own, as many as it needs.
        """
        *above, last = wrap(printable(self.question.rstrip(), ascii=ascii).split(" "), max(1, width - 1), " ")
        asked = f"{last} " if self.question.endswith(" ") else last
        if len(asked) + min(len(self.text), _LEAST_TEXT) + 3 > width:
            above, asked = [*above, last], ""
        room = max(1, width - len(asked) - 3)
        words = crop(printable(self.text, ascii=ascii), room, ascii=ascii, head=4)
        text = Text.assemble(f" {asked}", words, (" ", "reverse"))
        gap = width - text.cell_len - len(self.hint) - 1
        text = text.append(" " * gap + self.hint, "dim") if gap > 0 else text
        return [*(Text(f" {line}") for line in above), text]

    def _change(self, text: str) -> None:
        self.text = text
        self.changed(text)
