"""What all screens of the explorer have in common: a first line, a body, a foot, prompts and remarks.

Files are read by threads, which post messages; only the thread of the interface touches a widget.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.events import Key, Paste
from textual.screen import Screen
from textual.worker import get_current_worker

from lininterp_cli.tui.export import KINDS, ExportError, as_csv, export
from lininterp_cli.tui.keys import actions_of, foot
from lininterp_cli.tui.messages import Read
from lininterp_cli.tui.model import Entry
from lininterp_cli.tui.palette import THEME, call_of, commands
from lininterp_cli.tui.prompt import Prompt
from lininterp_cli.tui.reader import Detail
from lininterp_cli.tui.screens.menu import Menu
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.view.canvas import has_plotext
from lininterp_cli.view.look import Look
from lininterp_cli.view.picture import without_fonts
from lininterp_cli.view.text import printable, wrap

if TYPE_CHECKING:
    from lininterp_cli.tui.app import Explorer

FOOT_LINES = 4
"""Lines at most in which something is said at the foot."""


class Sheet(Screen[None]):
    """A screen whose keys stand in the one table."""

    NAME: ClassVar[str] = ""
    """Under which the table has its actions."""

    def __init__(self) -> None:
        super().__init__()
        self._prompt: Prompt | None = None
        self._remark = ""
        self._num_foot_lines = 1

    # What a screen says of itself ------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """What stands between the first line and the foot.

        Yields:
            The widgets.
        """
        yield from ()

    def heading(self, width: int) -> Text:
        """The first line."""
        return Text()

    def draw(self) -> None:
        """Draw everything anew; lines that are as they were cost nothing."""
        self.draw_frame()

    def found(self) -> None:
        """The folder was looked at: `explorer.snapshot` is another one."""
        self.draw()

    def fetched(self, details: tuple[Detail, ...]) -> None:
        """Runs that were asked for by `fetch` have been read."""

    def rows(self) -> list[list[str]]:
        """What is on the screen as a table, the heads first; what `e` writes as CSV."""
        return []

    # The frame -------------------------------------------------------------------------------------------------

    @property
    def explorer(self) -> "Explorer":
        """The program, with what its screens share."""
        return cast("Explorer", self.app)

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        return self.explorer.look

    def compose(self) -> ComposeResult:
        """The first line, the body and the foot.

        Yields:
            The widgets.
        """
        yield Lines(id="head")
        yield from self.body()
        yield Lines(id="foot")

    def on_mount(self) -> None:
        """Draw as soon as the sizes are known."""
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Draw in the new size."""
        self.call_after_refresh(self.draw)

    def on_screen_resume(self) -> None:
        """Draw what has changed while another screen was in front."""
        self.call_after_refresh(self.draw)

    def draw_frame(self) -> None:
        """Draw the first line and the foot."""
        self.write("#head", lambda width: [self.heading(width)])
        num_lines = len(self._foot(max(1, self.size.width)))
        for foot_lines in self.query("#foot").results(Lines):
            # To set what is set already would lay the whole screen out again.
            if num_lines != self._num_foot_lines:
                foot_lines.styles.height = self._num_foot_lines = num_lines
        self.write("#foot", self._foot)

    def write(self, selector: str, make: Callable[[int], list[Text]]) -> None:
        """Write lines into a widget.

        Args:
            selector: Of a `Lines`.
            make: Makes the lines for a number of columns.
        """
        # Messages and keys still arrive while the program ends and its widgets go one by one.
        for lines in self.query(selector).results(Lines):
            lines.write(make)

    def say(self, remark: str) -> None:
        """Say something at the foot, until the next key.

        Args:
            remark: A sentence or two.
        """
        self._remark = remark
        self.draw_frame()

    def ask(self, prompt: Prompt) -> None:
        """Ask something at the foot; from now on keys go there.

        Args:
            prompt: The question.
        """
        self._prompt = prompt
        self.draw_frame()

    def confirm(self, question: str, then: Callable[[], object]) -> None:
        """Ask for yes or no.

        Args:
            question: What is to be done.
            then: Called after a `y` or `yes`.
        """

        def answered(text: str) -> None:
            if text.strip().lower() in {"y", "yes"}:
                then()
            else:
                self.say("nothing was done")

        self.ask(Prompt(f"{question} [y/n] ", done=answered))

    def _foot(self, width: int) -> list[Text]:
        ascii = self.look.ascii
        if self._prompt is not None:
            return self._prompt.lines(width, ascii=ascii)
        if self._remark:
            words = printable(self._remark, ascii=ascii).split(" ")
            return [Text(f" {line}") for line in wrap(words, max(1, width - 2), " ", ascii=ascii)[:FOOT_LINES]]
        return [Text(foot(self.NAME, self.explorer.actions, width), style="dim")]

    # Reading ---------------------------------------------------------------------------------------------------

    def fetch(self, entries: Sequence[Entry]) -> None:
        """Read runs in a thread; `fetched` gets them, unless others are asked for before.

        Args:
            entries: The runs.
        """
        self._fetch_in_thread(tuple(entries))

    @work(thread=True, group="read", exclusive=True)
    def _fetch_in_thread(self, entries: tuple[Entry, ...]) -> None:
        worker = get_current_worker()
        details = []
        for entry in entries:
            if worker.is_cancelled:
                return
            details.append(self.explorer.reader.detail(entry))
        # They are to be drawn; the first plot must not stop the interface for its import.
        has_plotext()
        if not worker.is_cancelled:
            self.post_message(Read(tuple(details)))

    def on_read(self, message: Read) -> None:
        """Hand over what was read."""
        self.fetched(message.details)

    # Keys ------------------------------------------------------------------------------------------------------

    async def on_key(self, event: Key) -> None:
        """Write into the prompt; a key that opens one is taken here, as the next letters arrive before any action."""
        if self._prompt is not None:
            prompt = self._prompt
            prompt.press(event.key, event.character)
            # At its end a prompt may have asked the next question.
            if not prompt.is_open and self._prompt is prompt:
                self._prompt = None
            self.draw_frame()
            event.stop()
            event.prevent_default()
            return
        if self._remark:
            self._remark = ""
            self.draw_frame()
        for action in actions_of(self.NAME, self.explorer.actions):
            if action.asks and event.key in action.keys.split(","):
                await self.run_action(action.call)
                event.stop()
                event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Write what was pasted into the prompt."""
        if self._prompt is not None:
            self._prompt.write(event.text)
            self.draw_frame()
            event.stop()

    def action_go(self, screen: str) -> None:
        """Another screen over this one."""
        self.explorer.go(screen)

    def action_back(self) -> None:
        """Back to the screen below; nowhere from the first one."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def action_leave(self) -> None:
        """Back to the screen below, or out of the program."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.app.exit()

    def action_help(self) -> None:
        """Every key and sign."""
        from lininterp_cli.tui.screens.help import HelpScreen  # noqa: PLC0415 (it is opened from all screens)

        self.app.push_screen(HelpScreen(self.NAME, self.explorer.actions, ascii=self.look.ascii))

    def action_palette(self) -> None:
        """Everything that can be done here, to choose from."""
        choices = commands(self.NAME, self.explorer.actions, self.app.available_themes)
        self._choose("do", choices, self._command)

    def _command(self, choice: str) -> None:
        if choice.startswith(THEME):
            self.app.theme = choice.removeprefix(THEME)
        elif call := call_of(choice, self.NAME, self.explorer.actions):
            self.call_after_refresh(self.run_action, call)

    def action_export(self) -> None:
        """What is on the screen, as a file of the working directory."""
        kinds = [(kind, words) for kind, (_, words) in KINDS.items() if kind != "csv" or self.rows()]
        # The menu must be gone before the screen is drawn for the picture.
        self._choose("export as", kinds, partial(self.call_after_refresh, self._export))

    def _export(self, kind: str) -> None:
        if kind == "csv":
            content = as_csv(self.rows())
        elif kind == "svg":
            content = without_fonts(self.app.export_screenshot(title=f"lininterp {self.NAME}"))
        else:
            lines = ("".join(segment.text for segment in strip) for strip in self._compositor.render_strips())
            content = "".join(f"{line.rstrip()}\n" for line in lines)
        try:
            self.say(f"wrote {export(Path.cwd(), self.NAME, kind, content, self.explorer.clock())}")
        except (ExportError, OSError) as error:
            self.say(str(error))

    def _choose(
        self, title: str, choices: Sequence[tuple[str, str]], then: Callable[[str], object],
        meant: Callable[[str], str | None] | None = None,
    ) -> None:  # fmt: skip
        def chosen(choice: str | None) -> None:
            if choice is not None:
                then(choice)

        self.app.push_screen(Menu(title, choices, meant=meant, ascii=self.look.ascii), chosen)
