"""Filter, order and groups of the list of runs; plain data, no widget."""

from dataclasses import dataclass, field

from lininterp_cli.errors import ConfigError
from lininterp_cli.runs.query import Query, parse
from lininterp_cli.tui.model import Entry
from lininterp_cli.view.runs.groups import Group, group
from lininterp_cli.view.runs.listing import USUAL_SORTS, order, select
from lininterp_cli.view.runs.summary import Summary

Row = Entry | Group[Entry]
"""A line of the list."""


@dataclass(slots=True)
class Shelf:
    """Filter, order and groups, and the rows that result from them."""

    sort: str = "newest"
    """One of USUAL_SORTS, or a field."""
    reverse: bool = False
    """Whether the order is reversed."""
    by: str = ""
    """The field that the runs are grouped by; empty for no groups."""
    text: str = ""
    """The text of the filter, valid or not."""
    query: Query = field(default_factory=lambda: parse(""))
    """The last filter that could be parsed."""
    _misspelled: str = ""
    _unknown: str = ""
    _shown: list[Entry] = field(default_factory=list)
    _made_of: tuple[object, ...] = ()
    _groups: tuple[list[Entry], str, list[Group[Entry]]] | None = None
    _opened: list[tuple[str, str, Group[Entry]]] = field(default_factory=list)

    @property
    def opened(self) -> Group[Entry] | None:
        """The group whose runs are shown; None if none was opened."""
        return self._opened[-1][2] if self._opened else None

    @property
    def problem(self) -> str:
        """Why the filter is invalid; the list then keeps the runs of the last valid one.  Empty if it is valid."""
        return self._misspelled or self._unknown

    def write(self, text: str) -> None:
        """Set the filter.

        Args:
            text: The filter; one that cannot be parsed sets `text` and `problem` alone.
        """
        self.text, self._misspelled = text, ""
        try:
            self.query = parse(text)
        except ConfigError as error:
            self._misspelled = str(error)

    def entries(self, found: tuple[Entry, ...], now: float) -> list[Entry]:
        """The runs that are shown, in order.

        Args:
            found: Every run.
            now: The present in seconds since 1970.

        Returns:
            The runs; the same list object as before if it cannot have changed.
        """
        # A filter by age is evaluated again once a minute.
        made_of = (found, self.query.text, self.sort, self.reverse, now // 60)
        if self._made_of[1:] != made_of[1:] or self._made_of[0] is not found:
            try:
                fitting = select(found, self.query, now, summary_of) if self.query.text else [*found]
            except ConfigError as error:
                # No run has such a field: half a word, or a typing error; the shown runs stay, except deleted ones.
                self._unknown, known = str(error), {entry.key: entry for entry in found}
                fitting = [known[entry.key] for entry in self._shown if entry.key in known]
            else:
                self._unknown = ""
            self._shown = order(fitting, self.sort, now, summary_of, reverse=self.reverse)
            self._made_of = made_of
        return self._shown

    def rows(self, found: tuple[Entry, ...], now: float) -> list[Row]:
        """The lines of the list: runs or groups of them."""
        entries = self.entries(found, now)
        if not self.by:
            return [*entries]
        if self._groups is None or self._groups[0] is not entries or self._groups[1] != self.by:
            groups = group(entries, self.by, now, summary_of, found, sort=self.sort, reverse=self.reverse)
            self._groups = (entries, self.by, groups)
        return [*self._groups[2]]

    def next_sort(self) -> None:
        """Change to the next of the usual orders."""
        place = USUAL_SORTS.index(self.sort) if self.sort in USUAL_SORTS else -1
        self.sort, self.reverse = USUAL_SORTS[(place + 1) % len(USUAL_SORTS)], False

    def sort_by(self, name: str) -> None:
        """Order by any field.

        Args:
            name: The field, or a usual order.
        """
        self.sort, self.reverse = name, False

    def open(self, opened: Group[Entry]) -> None:
        """Show the runs of a group, one by one; `close` returns to the groups."""
        self._opened.append((self.text, self.by, opened))
        before = f"({self.query.text})" if "|" in self.query.text else self.query.text
        self.write(f"{before} {opened.query}".strip())
        self.by = ""

    def close(self) -> bool:
        """Leave the group that was opened last, else clear the filter, else the grouping.

        Returns:
            Whether there was anything to leave or clear.
        """
        if self._opened:
            text, self.by, _ = self._opened.pop()
            self.write(text)
            return True
        was = bool(self.text or self.by)
        if self.text:
            self.write("")
        else:
            self.by = ""
        return was

    @property
    def title(self) -> str:
        """Order and groups in a few words."""
        return f"sort {self.sort}{' reversed' if self.reverse else ''}" + (f"  by {self.by}" if self.by else "")


def summary_of(entry: Entry) -> Summary:
    """The summary of an entry."""
    return entry.summary
