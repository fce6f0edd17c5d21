"""Starts commands as jobs: a form, its command, and the jobs that were started."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.jobs import remove, start
from lininterp_cli.tui.actions import ACTIONS
from lininterp_cli.tui.keys import bindings
from lininterp_cli.tui.prompt import Prompt
from lininterp_cli.tui.screens.log import LogScreen
from lininterp_cli.tui.screens.menu import Menu
from lininterp_cli.tui.widgets.lines import Lines
from lininterp_cli.tui.work import desk_lines
from lininterp_cli.tui.work.catalogue import listed
from lininterp_cli.tui.work.commands import KINDS, Subject
from lininterp_cli.tui.work.desk import Desk
from lininterp_cli.tui.work.forms import command_line, folded_command
from lininterp_cli.tui.work.job_sheet import JobSheet


class DoScreen(JobSheet):
    """A form about the run that the application's page shows."""

    NAME = "do"
    BINDINGS: ClassVar[list[BindingType]] = bindings("do", ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._desk: Desk | None = None
        self._asked: set[str] = set()
        self._is_listing = asyncio.Lock()

    @property
    def desk(self) -> Desk:
        """The form and the jobs."""
        if self._desk is None:
            entry = self.explorer.page.entry
            entries = self.explorer.snapshot.entries if self.explorer.snapshot is not None else ()
            run = entry.run if entry is not None else None
            subject = Subject(others=tuple(one.summary.settings for one in entries))
            if entry is not None and run is not None:
                about = entry.summary
                subject = replace(subject, record=run.record, state=about.state, settings=about.settings)
            self._desk = Desk(runs=self.explorer.folder, subject=subject)
        return self._desk

    def body(self) -> ComposeResult:
        """The form, the command and the jobs.

        Yields:
            The widgets.
        """
        yield Lines(id="form")
        yield Lines(id="form-help")
        yield Lines(id="command")
        yield Lines(id="jobs")

    def heading(self, width: int) -> Text:
        """The title of the form and the number of jobs."""
        return desk_lines.heading(self.desk, width, ascii=self.look.ascii)

    def draw(self) -> None:
        """Divide the rows among the widgets, then draw everything."""
        desk, width, room = self.desk, self.size.width, max(1, self.size.height - 3)
        wanted = len(folded_command(desk.words, max(20, width - 3)))
        num_command = max(1, min(wanted, room // 4)) + 1
        num_jobs = min(max(2, len(desk.heard) + 1), max(3, room // 3))
        num_form = max(1, min(desk.start_place + 1, room - num_command - num_jobs))
        # The jobs get the rows that the form and the command leave.
        self.query_one("#form").styles.height = num_form
        self.query_one("#command").styles.height = num_command
        self.draw_frame()
        self.call_after_refresh(self._draw_parts)

    def _draw_parts(self) -> None:
        desk, look, now = self.desk, self.look, self.explorer.clock()
        drawers: dict[str, Callable[[int, int], list[Text]]] = {
            "#form": lambda width, height: desk_lines.form_lines(desk, width, height, ascii=look.ascii),
            "#form-help": lambda width, height: [desk_lines.help_line(desk, width, ascii=look.ascii)],
            "#command": lambda width, height: desk_lines.command_lines(desk, width, height - 1, ascii=look.ascii),
            "#jobs": lambda width, height: desk_lines.job_lines(desk, now, width, height, look=look),
        }
        for selector, draw in drawers.items():
            # The height may change before the lines are made.
            lines = self.query_one(selector, Lines)
            lines.write(lambda width, draw=draw, lines=lines: draw(width, lines.size.height))  # type: ignore[misc]

    def rows(self) -> list[list[str]]:
        """The jobs as a table, the header first."""
        heads = ["job", "state", "exit_code", "run", "command", "last_line"]
        return [heads] + [
            [one.job.id, one.job.state, "" if one.job.code is None else str(one.job.code), one.run or "",
             command_line(one.job.words), one.line]
            for one in self.desk.heard
        ]  # fmt: skip

    def on_job_sheet_listened(self, message: JobSheet.Listened) -> None:
        """List the jobs that were read."""
        self.desk.hear(message.heard)
        self.draw()

    @property
    def idle(self) -> Mapping[str, str]:
        """The actions on jobs, where there are none."""
        return dict.fromkeys(() if self.desk.heard else ("stop", "remove", "jobs"), "no job was started here yet")

    # Key actions -----------------------------------------------------------------------------------------------

    def _move(self, rows: int) -> None:
        self.desk.move(rows)
        # The values of empty fields are known once the names and their options are.
        if self.desk.kind in {"like", "train"}:
            self._ask_for_names()
        self.draw()

    def action_step(self, rows: int) -> None:
        """Move down or up by rows."""
        self._move(rows)

    def action_leaf(self, pages: int) -> None:
        """Move down or up by pages."""
        self._move(pages * max(1, self.query_one("#form", Lines).size.height - 1))

    def action_jump(self, direction: int) -> None:
        """Move to the last job, or to the top."""
        self._move(direction * 10**6)

    def action_jobs(self) -> None:
        """Move to the newest job."""
        self.desk.go_to_jobs()
        self.draw()

    def action_choose(self, step: int) -> None:
        """Take the next choice, or the previous one."""
        self._ask_for_names()
        remark = self.desk.turn(step)
        self.draw()
        if remark:
            self.say(remark)

    def action_edit(self) -> None:
        """Fill in the field, choose what to do, start, or show a job's log."""
        desk = self.desk
        self._ask_for_names()
        field = desk.field
        if field is not None:
            desk.touch()
        if desk.place == 0:
            kinds = list(KINDS.items())
            menu = Menu("what", [(name, "") for _, name in kinds], present=KINDS[desk.kind], ascii=self.look.ascii)
            self.app.push_screen(menu, self._chosen)
        elif desk.job is not None:
            self.app.push_screen(LogScreen(desk.job))
        elif field is None:
            self.action_start()
        elif field.choices and not field.is_open:
            choices = [(value, "") for value in field.choices]
            choices = [("(default)", field.default), *choices] if field.default else choices
            menu = Menu(field.name, choices, present=field.value or "(default)", ascii=self.look.ascii)
            self.app.push_screen(menu, self._written)
        else:
            hint = "Enter done  Esc cancel" if not field.default else f"empty: {field.default}  Esc cancel"
            self.ask(Prompt(f"{field.name}: ", field.value, hint, done=self._written))

    def _chosen(self, name: str | None) -> None:
        kind = next((kind for kind, title in KINDS.items() if title == name), None)
        if kind is not None:
            self.desk.choose(kind)
            self.draw()

    def _written(self, value: str | None) -> None:
        if value is not None:
            self.desk.write("" if value == "(default)" else value)
        self.draw()

    def action_start(self) -> None:
        """Start the command as a job after a confirmation."""
        words, problem = self.desk.words, self.desk.form.problem()
        if problem:
            self.say(f"not yet: {problem}")
            return

        def begin() -> None:
            try:
                job = start(self.explorer.folder, words)
            except LininterpError as error:
                self.say(str(error))
            else:
                self.desk.started = job.id
                self.say("started; it goes on when you leave")
            self.listen()
            self.explorer.scan()

        self.confirm("start the command above as a job?", begin)

    def action_copy(self) -> None:
        """Copy the command by OSC 52, which reaches the clipboard of the user's machine even over SSH."""
        self.app.copy_to_clipboard(command_line(self.desk.words))
        self.say("sent to the clipboard (if nothing arrives: the terminal, or tmux set-clipboard, does not allow it)")

    def action_stop(self) -> None:
        """Stop the job under the cursor after a confirmation."""
        if self.desk.job is None:
            self.say("put the cursor on a job first (J)")
        else:
            self.ask_to_stop(self.desk.job)

    def action_remove(self) -> None:
        """Delete the files of the job under the cursor after a confirmation."""
        one = self.desk.job
        if one is None:
            self.say("put the cursor on a job first (J)")
            return

        def forget() -> None:
            try:
                remove(one.job)
            except LininterpError as error:
                self.say(str(error))
            self.listen()

        self.confirm(f"take job {one.job.id} and its log off the list?", forget)

    # Names -----------------------------------------------------------------------------------------------------

    def _ask_for_names(self) -> None:
        wanted = [kind for kind in self.desk.wants() if kind not in self._asked]
        self._asked.update(wanted)
        for kind in wanted:
            self._list(kind)

    @work(group="names", exit_on_error=False)
    async def _list(self, kind: str) -> None:
        # Each process imports torch, which takes hundreds of megabytes.
        async with self._is_listing:
            with contextlib.suppress(OSError):
                self.desk.learn(kind, await listed(kind))
                self.draw()
