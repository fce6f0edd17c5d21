"""What is shown of one run and how: which curve, metric, split, barrier and block; plain data, no widget."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.table import Table
from rich.text import Text

from lininterp_cli.landscape.barrier import BARRIERS
from lininterp_cli.landscape.curve import Curve, Metric
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.reader import Detail
from lininterp_cli.view.barriers import barrier_table
from lininterp_cli.view.curves import curve_plot, height_words
from lininterp_cli.view.epochs import training_plot
from lininterp_cli.view.look import Look
from lininterp_cli.view.summary import glyph
from lininterp_cli.view.text import crop, fraction, plain, printable


@dataclass(slots=True)
class Page:
    """The choices of the person who looks; they stay when another run is chosen."""

    look: Look = field(default_factory=Look)
    """What can be shown."""
    metric: Metric = "loss"
    """What the plot is of."""
    split: str = "test"
    """Which examples it was measured on."""
    definition: str | None = None
    """Definition of the barrier; None is the curve's own default."""
    log: bool = False
    """Whether the plot's axis is logarithmic."""
    place: int = 0
    """Which of the run's curves; the one after the last is its training."""
    block: int = -1
    """Which series is highlighted; -1 for none."""
    entry: Entry | None = None
    """The run that is looked at."""
    detail: Detail | None = None
    """What was read of it; None until then."""

    def look_at(self, entry: Entry | None) -> None:
        """Look at another run, of which nothing is shown before it is read.

        Args:
            entry: The run; None for none.
        """
        self.entry = entry
        if self.detail is not None and (entry is None or entry.key != self.detail.entry.key):
            self.turn_to(None)

    def turn_to(self, detail: Detail | None) -> None:
        """Show what was read of a run; of another run than is looked at, nothing.

        Args:
            detail: The run; None for none.
        """
        if detail is not None:
            if self.entry is not None and self.entry.key != detail.entry.key:
                return
            self.entry = detail.entry
        same = self.detail is not None and detail is not None and self.detail.entry.key == detail.entry.key
        name = self.curve.name if same and self.curve is not None else None
        self.detail = detail
        if not same:
            self.place, self.block = 0, -1
        elif name is not None and detail is not None:
            names = [curve.name for curve in detail.curves]
            self.place = names.index(name) if name in names else 0
        self.place = min(self.place, max(0, self.num_places - 1))
        self._settle()

    @property
    def curve(self) -> Curve | None:
        """The curve that is looked at; None where it is the training, or nothing."""
        if self.detail is None or self.is_running or self.place >= len(self.detail.curves):
            return None
        return self.detail.curves[self.place]

    @property
    def is_running(self) -> bool:
        """Whether the run is being trained, so that its training is what there is to see."""
        return self.detail is not None and self.detail.entry.summary.state == "running"

    @property
    def num_places(self) -> int:
        """Curves and, where it was written down, the training."""
        if self.detail is None:
            return 0
        return 1 if self.is_running else len(self.detail.curves) + bool(self.detail.rows)

    def next_curve(self, step: int) -> None:
        """Turn to the next curve, or to the previous one."""
        self.place = (self.place + step) % max(1, self.num_places)
        self._settle()

    def next_block(self, step: int) -> None:
        """Highlight the next block, or the previous one; after the last comes none."""
        if self.curve is not None:
            self.block = (self.block + 1 + step) % (len(self.curve.series) + 1) - 1

    def next_metric(self) -> None:
        """Change between loss and accuracy."""
        self.metric = "accuracy" if self.metric == "loss" else "loss"

    def next_split(self) -> None:
        """Change to the curve's next split."""
        splits = self.curve.splits if self.curve is not None else ["test", "train"]
        self.split = splits[(splits.index(self._shown_split(splits)) + 1) % len(splits)]

    def next_definition(self) -> None:
        """Change to the next definition of the barrier."""
        names = list(BARRIERS)
        self.definition = names[(names.index(self._shown_definition) + 1) % len(names)]

    def next_scale(self) -> None:
        """Change between a linear and a logarithmic axis."""
        self.log = not self.log

    def _settle(self) -> None:
        if self.curve is None or self.block >= len(self.curve.series):
            self.block = -1

    def _shown_split(self, splits: list[str]) -> str:
        return self.split if self.split in splits else splits[0]

    @property
    def _shown_definition(self) -> str:
        return self.definition or (self.curve.default_definition if self.curve is not None else "rise")

    @property
    def highlight(self) -> str | None:
        """Label of the highlighted series."""
        return self.curve.series[self.block].label if self.curve is not None and self.block >= 0 else None

    def heading(self, width: int) -> Text:
        """Which run this is, in one line."""
        if self.detail is None:
            return Text()
        run = self.detail.entry.summary
        words = [
            run.model,
            run.data,
            run.optimizer,
            "" if run.accuracy is None else f"test acc {fraction(run.accuracy)}",
        ]
        if run.state in {"running", "interrupted"}:
            # The lines of metrics.jsonl are read at every look, the record only when it is written.
            written = [row["epoch"] for row in self.detail.rows[-1:] if isinstance(row.get("epoch"), int)]
            words.append(f"epoch {max([run.epoch, *written])} of {run.epochs}")
        rest = "  ".join(printable(word, ascii=self.look.ascii) for word in words if word)
        sign = f" {glyph(run.state, ascii=self.look.ascii)} "
        name = crop(printable(run.title), max(8, width - len(sign) - len(rest) - 3), ascii=self.look.ascii)
        text = Text.assemble(sign, (name, "bold"), "  ", rest)
        text.truncate(width)
        return text

    def subheading(self, width: int) -> Text:
        """Which of the run's curves this is and how it is measured, or what is wrong with the run."""
        if self.detail is None:
            return Text()
        run, curve = self.detail.entry.summary, self.curve
        if run.state == "damaged":
            words = run.error
        elif curve is not None:
            top = curve.worst(self._shown_split(curve.splits), self._shown_definition, self.metric)
            peak = f"{height_words(top[1].height, self.metric)} in {printable(top[0].label)}" if top else "n/a"
            where = f"{self.place + 1}/{self.num_places} {printable(curve.name)}  bn {printable(curve.bn)}"
            kind = "barrier" if self.metric == "loss" else "error barrier"
            words = f"worst {self._shown_definition} {kind} {peak}   {where}"
            words = words if curve.complete else f"preview: {words}"
        else:
            words = run.error or ("training" if self.is_running else f"{self.place + 1}/{self.num_places} training")
            if run.state == "finished" and not self.detail.curves:
                words = f"no curve yet; make one with: lininterp interpolate {run.id}"
        if self.detail.problems:
            words += f"  ({len(self.detail.problems)} curve files cannot be read)"
        return plain(crop(f" {printable(words)}", width, ascii=self.look.ascii, head=width), "dim")

    def plotter(self) -> Callable[[int, int], Text] | None:
        """Makes the plot; None where there is nothing to draw."""
        detail, curve = self.detail, self.curve
        if detail is None:
            return None
        if detail.entry.summary.state == "damaged":
            return lambda width, height: _folded(
                printable(detail.entry.summary.error, ascii=self.look.ascii), width, height
            )

        def draw(width: int, height: int) -> Text:
            if curve is None:
                return training_plot(
                    detail.rows, metric=self.metric, width=width, height=height, log=self.log,
                    ascii=self.look.ascii, color=self.look.color,
                )  # fmt: skip
            return curve_plot(
                curve, self._shown_split(curve.splits), metric=self.metric, definition=self._shown_definition,
                width=width, height=height, highlight=self.highlight, legend=height > 20, log=self.log,
                ascii=self.look.ascii, color=self.look.color,
            )  # fmt: skip

        return draw

    def tabulator(self) -> Callable[[int], Table] | None:
        """Makes the table of barriers; None where there is no curve."""
        curve = self.curve
        if curve is None:
            return None

        def tabulate(width: int) -> Table:
            table = barrier_table(
                curve, self._shown_split(curve.splits), self._shown_definition, metric=self.metric, width=width,
                highlight=self.highlight, ascii=self.look.ascii, color=self.look.color,
            )  # fmt: skip
            # The heading above the plot already names split and definition.
            table.title = table.caption = None
            return table

        return tabulate


def _folded(error: str, width: int, height: int) -> Text:
    words = f"This run cannot be read: {error}"
    lines = textwrap.wrap(words, max(1, width - 2))
    return Text("\n".join(f" {line}" for line in ["", *lines][:height]))
