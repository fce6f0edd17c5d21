"""A prompt in the footer, for a text or a confirmation; it takes keys as they come and uses no widget.

A widget of its own would need the focus, and letters that arrive together with the key that opens it (over a slow
connection, or pasted) would be lost before the focus has moved.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.text import Text

from lininterp_cli.view.text import crop, printable, wrap

_LEAST_TEXT = 20
"""Columns for the text: if the question leaves fewer of them, a longer text gets a line of its own."""


_FAR = 10**6
_STEPS = {
    "left": -1, "ctrl+b": -1, "right": 1, "ctrl+f": 1, "home": -_FAR, "ctrl+a": -_FAR, "end": _FAR, "ctrl+e": _FAR,
}  # fmt: skip
"""Key to the number of characters by which it moves the cursor to the right."""


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
    """Called with the text at each change; with that of the beginning at Escape."""
    is_open: bool = True
    """Whether it still takes keys."""
    _first: str = field(init=False, default="")
    _num_after: int = 0

    def __post_init__(self) -> None:
        self._first = self.text

    @property
    def _parts(self) -> tuple[str, str]:
        """The text before and after the cursor."""
        place = len(self.text) - self._num_after
        return self.text[:place], self.text[place:]

    def press(self, key: str, character: str | None) -> None:
        """Take one key.

        Args:
            key: Textual's name of the key.
            character: The character that it types, or None.
        """
        before, after = self._parts
        if key in {"escape", "ctrl+c"}:
            self.is_open = False
            self._change(self._first, "")
        elif key == "enter":
            self.is_open = False
            self.done(self.text)
        elif key in _STEPS:
            self._num_after = max(0, min(self._num_after - _STEPS[key], len(self.text)))
        elif key in {"backspace", "ctrl+h"}:
            self._change(before[:-1], after)
        elif key in {"delete", "ctrl+d"}:
            self._change(before, after[1:])
        elif key == "ctrl+w":
            words = before.rstrip()
            self._change(words[: words.rfind(" ") + 1], after)
        elif key == "ctrl+u":
            self._change("", after)
        elif key == "ctrl+k":
            self._change(before, "")
        elif character is not None:
            self.write(character)

    def write(self, text: str) -> None:
        """Insert text, as from a paste; characters that cannot be printed are dropped."""
        before, after = self._parts
        self._change(before + "".join(character for character in text if character.isprintable()), after)

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
        before, after = (printable(part, ascii=ascii) for part in self._parts)
        # Where there is little room, most of it shows the text before the cursor.
        before = crop(before, room - min(cell_len(after), room // 3), ascii=ascii, head=4)
        after = crop(after, room - cell_len(before), ascii=ascii, head=room)
        text = Text.assemble(f" {asked}", before, (after[:1] or " ", "reverse"), after[1:])
        gap = width - text.cell_len - len(self.hint) - 1
        text = text.append(" " * gap + self.hint, "dim") if gap > 0 else text
        return [*(Text(f" {line}") for line in above), text]

    def _change(self, before: str, after: str) -> None:
        self.text, self._num_after = before + after, len(after)
        self.changed(self.text)
