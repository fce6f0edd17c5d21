"""Tagging, renaming and deleting runs from a screen: the prompts, and the changes in a thread."""

from collections.abc import Callable
from functools import partial

from textual import work

from lininterp_cli.tui.listing import upkeep
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.page_sheet import PageSheet
from lininterp_cli.tui.prompt import Prompt
from lininterp_cli.view.text import crop_unique, printable

NUM_NAMED = 5
"""Maximum number of runs that a question names."""

NAME_COLUMNS = 56
"""Maximum columns of a run's name in a question: enough for most ids."""


class KeepingSheet(PageSheet):
    """A screen from which runs can be tagged, renamed and deleted."""

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor."""
        return None

    @property
    def entries(self) -> list[Entry]:
        """The runs that are shown, in order."""
        return []

    @property
    def meant(self) -> list[Entry]:
        """The runs to tag or delete."""
        return [] if self.entry is None else [self.entry]

    @property
    def obstacle(self) -> str:
        """Why there is no run under the cursor, and what to do."""
        return "there is no run here"

    def action_tag(self) -> None:
        """Ask for the tags that the runs are to have in common, and change the difference."""
        if meant := self.meant:
            common = [tag for tag in meant[0].summary.tags if all(tag in one.summary.tags for one in meant)]
            act = partial(upkeep.tag, self.explorer.folder, [one.key for one in meant], common)
            question = f"tags of {self._named(meant)}, with commas: "
            # After the comma the next tag can be typed at once.
            text = "".join(f"{tag}, " for tag in common)
            self.ask(Prompt(question, text, done=lambda words: self._change(partial(act, words))))
        else:
            self.say(self.obstacle)

    def action_rename(self) -> None:
        """Ask for a name of the run under the cursor and set it."""
        if entry := self.entry:
            act = partial(upkeep.rename, self.explorer.folder, entry.key)
            prompt = Prompt("name: ", entry.summary.name, done=lambda name: self._change(partial(act, name)))
            self.ask(prompt)
        else:
            self.say(self.obstacle)

    def action_delete(self) -> None:
        """Delete runs after two confirmations."""
        meant = self.meant
        if not meant:
            self.say(self.obstacle)
            return
        act = partial(upkeep.delete, self.explorer.folder, [one.key for one in meant])

        def typed(word: str) -> None:
            if word.strip() == "delete":
                self._change(act)
            else:
                self.say("nothing was deleted")

        sure = Prompt(f"type delete to delete {_count(meant)} for ever: ", done=typed)
        self.confirm(f"delete {self._named(meant)} with weights and curves?", lambda: self.ask(sure))

    def _named(self, runs: list[Entry]) -> str:
        """The runs in a question: their number and names, and how many of them the list does not show."""
        ascii, listed = self.look.ascii, {entry.key for entry in self.entries}
        names = [printable(one.summary.title, ascii=ascii) for one in runs[:NUM_NAMED]]
        words = ", ".join(crop_unique(names, NAME_COLUMNS, ascii=ascii))
        words += f" and {len(runs) - NUM_NAMED} more" if len(runs) > NUM_NAMED else ""
        num_hidden = sum(one.key not in listed for one in runs)
        hidden = f"{num_hidden} of them not in the list, by the filter" if num_hidden else ""
        if len(runs) > 1:
            return f"{_count(runs)} ({'; '.join(part for part in (words, hidden) if part)})"
        return f"{words} (not in the list, by the filter)" if hidden else words

    @work(thread=True, group="change")
    def _change(self, act: Callable[[], str]) -> None:
        # The disk may be slow and a lock may take several tries; the list shows the change after the next scan.
        self.app.call_from_thread(self._changed, act())

    def _changed(self, remark: str) -> None:
        self.say(remark)
        self.explorer.scan()


def _count(entries: list[Entry]) -> str:
    return entries[0].summary.title if len(entries) == 1 else f"{len(entries)} runs"
