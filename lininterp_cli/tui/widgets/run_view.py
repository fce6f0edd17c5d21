"""One run as a page shows it: two lines of words, the plot, the barriers."""

from textual.app import ComposeResult
from textual.containers import Vertical

from lininterp_cli.tui.page import Page
from lininterp_cli.tui.widgets.barrier_view import BarrierView
from lininterp_cli.tui.widgets.curve_view import CurveView
from lininterp_cli.tui.widgets.lines import Lines


class RunView(Vertical):
    """A page, drawn."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """The words, the plot and the table.

        Yields:
            The widgets.
        """
        yield Lines(id="heading")
        yield CurveView(id="curve")
        yield BarrierView(id="barriers")

    def draw(self) -> None:
        """Draw the page as it is now."""
        page = self._page
        self.query_one("#heading", Lines).write(lambda width: [page.heading(width), page.subheading(width)])
        barriers = self.query_one(BarrierView)
        rows = 0 if page.curve is None else len(page.curve.series) + 1
        room = self.size.height - 2
        # The plot has the greater half; a table that needs less leaves it more.
        barriers.styles.height = min(rows, max(4, room * 2 // 5)) if rows else 0
        self.query_one(CurveView).plot(page.plotter())
        barriers.tabulate(page.tabulator(), max(0, page.block))
