"""Base class of screens that show the page: the viewed run, according to the user's choices."""

from lininterp_cli.tui.sheet import Sheet


class PageSheet(Sheet):
    """A screen whose keys change the page."""

    def turned(self) -> None:
        """Redraw after a change of the page."""
        self.draw()

    def say_if_gone(self) -> None:
        """Show a remark if the viewed run is no longer in the folder."""
        entry, snapshot = self.explorer.page.entry, self.explorer.snapshot
        if entry is not None and snapshot is not None and all(one.key != entry.key for one in snapshot.entries):
            self.say("this run is no longer there; Esc leads back to the others")

    def action_turn(self, change: str, *arguments: int) -> None:
        """Call a method of the page by its name, redraw, and show the remark that it may return."""
        remark = getattr(self.explorer.page, change)(*arguments)
        self.turned()
        if remark:
            self.say(remark)
