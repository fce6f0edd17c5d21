"""The line in which a filter is written; it takes keys as they come and knows no widget.

A widget of its own would need the focus, and letters that arrive together with the key that opens it (a slow line, a
paste) would go astray before the focus has moved.
"""

from dataclasses import dataclass

from rich.text import Text

from lininterp_cli.view.text import crop, printable


@dataclass(slots=True)
class Search:
    """Words that a run must be found by."""

    wanted: str = ""
    """The words."""
    is_open: bool = False
    """Whether keys are written into it."""

    def press(self, key: str, character: str | None) -> None:
        """Take one key.

        Args:
            key: Textual's name of the key.
            character: What it writes, or None.
        """
        if key == "escape":
            self.wanted, self.is_open = "", False
        elif key == "enter":
            self.is_open = False
        elif key in {"backspace", "ctrl+h"}:
            self.wanted = self.wanted[:-1]
        elif key == "ctrl+w":
            self.wanted = " ".join(self.wanted.split()[:-1])
        elif key == "ctrl+u":
            self.wanted = ""
        elif character is not None:
            self.write(character)

    def write(self, text: str) -> None:
        """Take what was pasted; only what can be printed."""
        self.wanted += "".join(character for character in text if character.isprintable())

    def line(self, width: int, *, ascii: bool) -> Text:
        """The line while it is written.

        Args:
            width: Columns.
            ascii: Use ASCII only.

        Returns:
            The words, a cursor, and the keys that end it where there is room for them.
        """
        hint = "Enter keep  Esc clear"
        words = crop(printable(self.wanted), max(1, width - 4), ascii=ascii, head=4)
        text = Text.assemble(" /", words, (" ", "reverse"))
        gap = width - text.cell_len - len(hint) - 1
        return text.append(" " * gap + hint, "dim") if gap > 0 else text
