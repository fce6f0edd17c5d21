"""A screen that shows the page: the run that is looked at, in the way the person looks at it."""

from lininterp_cli.tui.sheet import Sheet


class PageSheet(Sheet):
    """A screen whose keys turn the page."""

    def turned(self) -> None:
        """The page is looked at in another way."""
        self.draw()

    def action_turn(self, change: str, *arguments: int) -> None:
        """Look at the run in another way: a method of the page, by its name, which may have something to say."""
        remark = getattr(self.explorer.page, change)(*arguments)
        self.turned()
        if remark:
            self.say(remark)
