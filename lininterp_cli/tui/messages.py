"""Messages from threads to the screens; a thread posts these and touches no widget."""

from textual.message import Message

from lininterp_cli.tui.model import Snapshot
from lininterp_cli.tui.reader import Detail


class Found(Message):
    """A scan has yielded a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class Read(Message):
    """Runs have been read."""

    def __init__(self, details: tuple[Detail, ...]) -> None:
        super().__init__()
        self.details = details
