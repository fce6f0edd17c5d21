"""Tagging, renaming and deleting runs from a screen: the prompts, and the changes in a thread."""

from collections.abc import Callable
from functools import partial

from textual import work

from lininterp_cli.tui.listing import upkeep
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.page_sheet import PageSheet
from lininterp_cli.tui.prompt import Prompt


class KeepingSheet(PageSheet):
    """A screen from which runs can be tagged, renamed and deleted."""

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor."""
        return None

    @property
    def meant(self) -> list[Entry]:
        """The runs to tag or delete."""
        return [] if self.entry is None else [self.entry]

    def action_tag(self) -> None:
        """Ask for tags and set them."""
        if meant := self.meant:
            common = [tag for tag in meant[0].summary.tags if all(tag in one.summary.tags for one in meant)]
            act = partial(upkeep.tag, self.explorer.folder, [one.key for one in meant])
            question = f"tags of {_count(meant)}, with commas: "
            self.ask(Prompt(question, ", ".join(common), done=lambda words: self._change(partial(act, words))))

    def action_rename(self) -> None:
        """Ask for a name of the run under the cursor and set it."""
        if entry := self.entry:
            act = partial(upkeep.rename, self.explorer.folder, entry.key)
            prompt = Prompt("name: ", entry.summary.name, done=lambda name: self._change(partial(act, name)))
            self.ask(prompt)

    def action_delete(self) -> None:
        """Delete runs after two confirmations."""
        meant = self.meant
        if not meant:
            return
        act = partial(upkeep.delete, self.explorer.folder, [one.key for one in meant])

        def typed(word: str) -> None:
            if word.strip() == "delete":
                self._change(act)
            else:
                self.say("nothing was deleted")

        sure = Prompt(f"type delete to delete {_count(meant)} for ever: ", done=typed)
        self.confirm(f"delete {_count(meant)} with weights and curves?", lambda: self.ask(sure))

    @work(thread=True, group="change")
    def _change(self, act: Callable[[], str]) -> None:
        # The disk may be slow and a lock may take several tries; the list shows the change after the next scan.
        self.app.call_from_thread(self._changed, act())

    def _changed(self, remark: str) -> None:
        self.say(remark)
        self.explorer.scan()


def _count(entries: list[Entry]) -> str:
    return entries[0].summary.title if len(entries) == 1 else f"{len(entries)} runs"
