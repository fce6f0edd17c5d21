"""One run as a page shows it: words, the plot, the values at the cursor, the barriers."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from lininterp_cli.tui.page import Page
from lininterp_cli.tui.page_plot import plotter, tabulator, values
from lininterp_cli.tui.page_words import heading, subheading, subject
from lininterp_cli.tui.widgets.barrier_view import BarrierView
from lininterp_cli.tui.widgets.curve_view import CurveView
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.view.text import plain, wrap

MAX_WORDS = 4
"""Maximum number of lines about a problem, or about what to do."""


class RunView(Vertical):
    """A page, drawn.

    Args:
        page: The page.
        whole: Whether it fills the screen; then the screen shows its heading, and the values at the cursor are shown.
    """

    def __init__(self, page: Page, *, whole: bool = False) -> None:
        super().__init__()
        self._page, self._whole, self._num_words = page, whole, 1

    def compose(self) -> ComposeResult:
        """The words, the plot, the values and the table.

        Yields:
            The widgets.
        """
        yield Lines(id="heading")
        yield CurveView(id="curve")
        yield Lines(id="values")
        yield BarrierView(id="barriers")

    def on_mount(self) -> None:
        """Set the height that the words need."""
        self.query_one("#heading").styles.height = self._num_words = 1 if self._whole else 2

    def draw(self) -> None:
        """Draw the page as it is now."""
        page = self._page
        num_words = len(self._words(max(1, self.size.width)))
        if num_words != self._num_words:
            # Setting even an unchanged height would lay out the whole screen again.
            self.query_one("#heading").styles.height = self._num_words = num_words
        self.query_one("#heading", Lines).write(self._words)
        curve = page.curve
        is_drawn = curve is not None or (page.detail is not None and page.detail.rows)
        num_values = 1 if self._whole and is_drawn else 0
        self.query_one("#values").styles.height = num_values
        barriers = self.query_one(BarrierView)
        rows = 0 if curve is None or page.legs else len(curve.series) + 1
        room = self.size.height - 2
        # The table gets at most two fifths of the room and no more than it needs; the plot gets the rest.
        barriers.styles.height = min(rows, max(4, room * 2 // 5)) if rows else 0
        self.draw_plot()
        barriers.tabulate(tabulator(page), max(0, page.block))

    def draw_plot(self) -> None:
        """Redraw only the plot and the values, if nothing else can have changed."""
        page = self._page
        self.query_one(CurveView).plot(plotter(page))
        self.query_one("#values", Lines).write(lambda width: [values(page, width)])

    def _words(self, width: int) -> list[Text]:
        page, ascii = self._page, self._page.look.ascii
        first = [] if self._whole else [heading(page, width)]
        if page.curve is not None or page.detail is None:
            return [*first, subheading(page, width)]
        # A command must be readable in full, and so must a problem.
        rows = wrap(subject(page).split(" "), max(1, width - 2), " ", ascii=ascii)[:MAX_WORDS]
        return [*first, *(plain(f" {row}", "dim") for row in rows)]
