"""What threads tell the screens; a thread posts these and touches no widget."""

from textual.message import Message

from lininterp_cli.tui.model import Detail, Snapshot


class Found(Message):
    """A scan has found something."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class Read(Message):
    """A run has been read."""

    def __init__(self, detail: Detail) -> None:
        super().__init__()
        self.detail = detail
