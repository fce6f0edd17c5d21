"""Prompts and menus for the filter, the order and the groups of the list of runs."""

from lininterp_cli.errors import LininterpError
from lininterp_cli.tui.listing.filters import filters, save_filter
from lininterp_cli.tui.listing.keeping import KeepingSheet
from lininterp_cli.tui.listing.shelf import Shelf
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.prompt import Prompt
from lininterp_cli.view.runs.fields import about, field_meant, names
from lininterp_cli.view.runs.groups import groupings
from lininterp_cli.view.runs.listing import USUAL_SORTS

_NO_GROUPS = "none"


class ChoosingSheet(KeepingSheet):
    """A screen that lists runs; after each choice `found` is called to show it."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf()

    @property
    def entries(self) -> list[Entry]:
        """The runs that are shown, in order."""
        return self.shelf.entries(self.all_entries, self.explorer.clock())

    @property
    def all_entries(self) -> tuple[Entry, ...]:
        """Every run that was found."""
        return self.explorer.snapshot.entries if self.explorer.snapshot is not None else ()

    @property
    def meant(self) -> list[Entry]:
        """The runs to tag or delete: the marked ones in the order of their marks, else the one under the cursor."""
        if marks := self.explorer.marks:
            known = {entry.key: entry for entry in self.all_entries}
            return [known[key] for key in marks if key in known]
        return super().meant

    def action_back(self) -> None:
        """Leave the open group, else clear the filter, else the grouping."""
        if self.shelf.close():
            self.found()

    def action_search(self) -> None:
        """Open the prompt for a filter."""
        self.ask(Prompt("/", self.shelf.text, "Enter keep  Esc as before", changed=self._filter))

    def _filter(self, text: str) -> None:
        if text != self.shelf.text:
            self.shelf.write(text)
            self.found()

    def action_sort(self) -> None:
        """Change to the next of the usual orders."""
        self.shelf.next_sort()
        self.found()

    def action_sort_by(self) -> None:
        """Choose any field to sort by."""
        fields = names([entry.summary for entry in self.all_entries])
        words = {"newest": "what was made last stands first"}
        choices = [(name, words.get(name) or about(name)) for name in dict.fromkeys([*USUAL_SORTS, *fields])]
        self._choose("sort by", choices, self._sort_by, lambda typed: field_meant(typed, fields))

    def _sort_by(self, name: str) -> None:
        self.shelf.sort_by(name)
        self.found()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.shelf.reverse = not self.shelf.reverse
        self.found()

    def action_group(self) -> None:
        """Choose a field to group by."""
        choices = [(_NO_GROUPS, "runs one by one"), *groupings([entry.summary for entry in self.entries])]
        self._choose("group by", choices, self._group)

    def _group(self, by: str) -> None:
        self.shelf.by = "" if by == _NO_GROUPS else by
        self.found()

    def action_filters(self) -> None:
        """Choose a saved filter."""
        kept, problem = filters()
        if problem or not kept:
            self.say(problem or "no filter was kept yet; F keeps the present one")
        else:
            self._choose("filter", list(kept.items()), lambda name: self._filter(kept[name]))

    def action_keep_filter(self) -> None:
        """Save the filter under a name; if there is no filter, choose a saved one to delete."""
        kept, problem = filters()
        if self.shelf.problem:
            self.say("the filter means nothing, so it cannot be kept; write it anew with /")
        elif self.shelf.text:
            self.ask(Prompt(f"keep {self.shelf.text!r} as: ", done=self._keep_filter))
        elif problem or not kept:
            self.say(problem or "there is no filter to keep; write one with /")
        else:
            self._choose("forget the filter", list(kept.items()), self._forget_filter)

    def _keep_filter(self, name: str) -> None:
        self._save_filter(name.strip(), self.shelf.text, f"kept; f offers {name.strip()}")

    def _forget_filter(self, name: str) -> None:
        self._save_filter(name, "", f"{name} is forgotten")

    def _save_filter(self, name: str, query: str, done: str) -> None:
        try:
            save_filter(name, query)
        except LininterpError as error:
            self.say(str(error))
        else:
            self.say(done)
