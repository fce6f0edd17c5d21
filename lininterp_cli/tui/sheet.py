"""Base class of the explorer's screens: heading, body, footer, prompts and remarks."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.events import Key, Paste
from textual.screen import Screen

from lininterp_cli.tui.export import KINDS, ExportError, as_csv, export
from lininterp_cli.tui.keys import Action, actions_of, foot
from lininterp_cli.tui.palette import THEME, action_of, commands
from lininterp_cli.tui.prompt import Prompt
from lininterp_cli.tui.screens.menu import Menu
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.view.look import Look
from lininterp_cli.view.picture import without_fonts
from lininterp_cli.view.text import printable, wrap

if TYPE_CHECKING:
    from lininterp_cli.tui.app import Explorer

FOOT_LINES = 4
"""Maximum number of lines of a remark in the footer."""


class Sheet(Screen[None]):
    """A screen whose keys are in the table of actions."""

    NAME: ClassVar[str] = ""
    """The screen's key in the table of actions."""

    def __init__(self) -> None:
        super().__init__()
        self._prompt: Prompt | None = None
        self._remark = ""
        self._num_foot_lines = 1

    # To override in subclasses --------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """The widgets between the heading and the footer.

        Yields:
            The widgets.
        """
        yield from ()

    def heading(self, width: int) -> Text:
        """The first line."""
        return Text()

    def draw(self) -> None:
        """Redraw everything; unchanged lines are not sent again."""
        self.draw_frame()

    def found(self) -> None:
        """Handle a new `explorer.snapshot` after a scan of the folder."""
        self.draw()

    def rows(self) -> list[list[str]]:
        """The screen's content as a table, the header first; `e` writes it as CSV."""
        return []

    @property
    def idle(self) -> Mapping[str, str]:
        """Ids of the actions that can change nothing now, and why; the footer omits them, their keys show why."""
        return {}

    # The frame -------------------------------------------------------------------------------------------------

    @property
    def explorer(self) -> "Explorer":
        """The application, with the state that its screens share."""
        return cast("Explorer", self.app)

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        return self.explorer.look

    def compose(self) -> ComposeResult:
        """The heading, the body and the footer.

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
        """Draw the changes since another screen was put in front."""
        self.call_after_refresh(self.draw)

    def draw_frame(self) -> None:
        """Draw the heading and the footer."""
        self.write("#head", lambda width: [self.heading(width)])
        num_lines = len(self._foot(max(1, self.size.width)))
        for foot_lines in self.query("#foot").results(Lines):
            # Setting even an unchanged height would lay out the whole screen again.
            if num_lines != self._num_foot_lines:
                foot_lines.styles.height = self._num_foot_lines = num_lines
        self.write("#foot", self._foot)

    def write(self, selector: str, make: Callable[[int], list[Text]]) -> None:
        """Write lines into a widget.

        Args:
            selector: Selector of a `Lines`.
            make: Returns the lines for a number of columns.
        """
        # At exit, messages and keys still arrive while the widgets are removed one by one.
        for lines in self.query(selector).results(Lines):
            lines.write(make)

    def say(self, remark: str) -> None:
        """Show a remark in the footer until the next key.

        Args:
            remark: A sentence or two.
        """
        self._remark = remark
        self.draw_frame()

    def ask(self, prompt: Prompt) -> None:
        """Open a prompt in the footer, which takes all keys until it is closed.

        Args:
            prompt: The prompt.
        """
        self._prompt = prompt
        self.draw_frame()

    def confirm(self, question: str, then: Callable[[], object]) -> None:
        """Ask for yes or no.

        Args:
            question: The question, to which ` [y/n] ` is appended.
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
        return [Text(foot(self.NAME, self.explorer.actions, width, self.idle), style="dim")]

    # Keys ------------------------------------------------------------------------------------------------------

    async def on_key(self, event: Key) -> None:
        """Pass keys to an open prompt; run an action that opens one here, before the next letters arrive.

        Keys of an action that can change nothing now show the reason.
        """
        if self._prompt is not None:
            prompt = self._prompt
            prompt.press(event.key, event.character)
            # A prompt that closes may have opened the next one.
            if not prompt.is_open and self._prompt is prompt:
                self._prompt = None
            self.draw_frame()
            event.stop()
            event.prevent_default()
            return
        if self._remark:
            self.say("")
        for action in actions_of(self.NAME, self.explorer.actions):
            if event.key in action.keys.split(",") and (action.asks or action.id in self.idle):
                await self._act(action)
                event.stop()
                event.prevent_default()

    async def _act(self, action: Action) -> None:
        """Run an action, unless it can change nothing now; then show the reason."""
        if reason := self.idle.get(action.id):
            self.say(reason)
        else:
            await self.run_action(action.call)

    def on_paste(self, event: Paste) -> None:
        """Insert pasted text into the prompt."""
        if self._prompt is not None:
            self._prompt.write(event.text)
            self.draw_frame()
            event.stop()

    def action_go(self, screen: str) -> None:
        """Show another screen over this one."""
        self.explorer.go(screen)

    def action_back(self) -> None:
        """Return to the screen below; does nothing on the first one."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def action_leave(self) -> None:
        """Return to the screen below, or exit from the first one."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.app.exit()

    def action_help(self) -> None:
        """Show the help: all keys and signs."""
        from lininterp_cli.tui.screens.help import HelpScreen  # noqa: PLC0415 (it is opened from all screens)

        self.app.push_screen(HelpScreen(self.NAME, self.explorer.actions, ascii=self.look.ascii))

    def action_palette(self) -> None:
        """Show the command palette."""
        choices = commands(self.NAME, self.explorer.actions, self.app.available_themes)
        self._choose("do", choices, self._command)

    def _command(self, choice: str) -> None:
        if choice.startswith(THEME):
            self.app.theme = choice.removeprefix(THEME)
        elif action := action_of(choice, self.NAME, self.explorer.actions):
            self.call_after_refresh(self._act, action)

    def action_export(self) -> None:
        """Write the screen's content to a file in the working directory."""
        kinds = [(kind, words) for kind, (_, words) in KINDS.items() if kind != "csv" or self.rows()]
        # The menu must be closed before the screen is rendered for the file.
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
