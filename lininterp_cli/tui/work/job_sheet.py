"""Base class of screens with jobs: it reads them in a thread, and asks before one is stopped."""

from textual import work
from textual.message import Message
from textual.worker import get_current_worker

from lininterp_cli.errors import LininterpError
from lininterp_cli.runs.jobs import stop
from lininterp_cli.tui.sheet import Sheet
from lininterp_cli.tui.work.desk_lines import job_title
from lininterp_cli.tui.work.hearing import Ear, Heard
from lininterp_cli.view.text import crop

TITLE_COLUMNS = 200
"""Maximum columns of a job's title in a question; three lines of a narrow screen."""


class JobSheet(Sheet):
    """A screen that shows jobs."""

    class Listened(Message):
        """The jobs were read."""

        def __init__(self, heard: tuple[Heard, ...]) -> None:
            super().__init__()
            self.heard = heard

    def __init__(self) -> None:
        super().__init__()
        self._ear: Ear | None = None

    def on_mount(self) -> None:
        """Draw, and read the jobs for the first time."""
        super().on_mount()
        self.listen()

    def found(self) -> None:
        """Read the jobs again after a scan of the folder."""
        self.listen()

    def listen(self) -> None:
        """Read the jobs in a thread, unless that is in progress."""
        if not any(worker.group == "listen" and worker.node is self and worker.is_running for worker in self.workers):
            self._listen_in_thread()

    @work(thread=True, group="listen")
    def _listen_in_thread(self) -> None:
        self._ear = self._ear or Ear(self.explorer.folder)
        heard = self._ear.listen()
        if not get_current_worker().is_cancelled:
            self.post_message(self.Listened(heard))

    def ask_to_stop(self, one: Heard | None) -> None:
        """Stop a job after a confirmation.

        Args:
            one: The job; None for work that is no job here, which shows a remark.
        """
        if one is None:
            self.say("this is no job that was started here; stop it where it was started")
            return
        if one.job.state != "running":
            self.say("this job is over")
            return

        def done() -> None:
            try:
                sent = stop(one.job)
            except LininterpError as error:
                self.say(str(error))
            else:
                self.say(f"{sent} sent; what it has done is kept, and resume or the same command goes on with it")
            self.listen()

        how = "it was asked before; stop it with SIGTERM" if one.job.is_stopping else "stop"
        title = crop(job_title(one, ascii=self.look.ascii), TITLE_COLUMNS, ascii=self.look.ascii)
        self.confirm(f"{how}: {title}?", done)
