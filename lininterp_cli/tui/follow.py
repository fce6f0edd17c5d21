"""Reading a file of JSON lines while another process still writes it; whole lines only."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO


@dataclass(slots=True)
class Follower:
    """A growing file of JSON lines, read from where the last reading ended."""

    path: Path
    """The file; it may be missing."""
    _inode: int = -1
    _offset: int = 0
    _rest: bytes = b""
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def rows(self) -> list[dict[str, Any]]:
        """The objects of all complete lines so far; lines without a JSON object are skipped.

        A file that is shorter than before, or another file of the same name, is read again from its start.

        Returns:
            The objects in the file's order; none if there is no file.
        """
        try:
            with self.path.open("rb") as file:
                self._read(file)
        except OSError:
            self._restart(-1)
        return list(self._rows)

    def _read(self, file: BinaryIO) -> None:
        found = os.fstat(file.fileno())
        if found.st_ino != self._inode or found.st_size < self._offset:
            self._restart(found.st_ino)
        file.seek(self._offset)
        new = file.read()
        self._offset += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        for line in lines:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict):
                self._rows.append(row)

    def _restart(self, inode: int) -> None:
        self._inode, self._offset, self._rest = inode, 0, b""
        self._rows.clear()
