"""What running a network's steps tells about the values between them; it runs nothing itself."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from torch import Tensor


class Survey:
    """Notes of two runs of the same steps, on some examples and on fewer."""

    def __init__(self) -> None:
        self._held: dict[Hashable, list[Tensor]] = {}
        self._versions: dict[Hashable, list[int]] = {}
        self._sizes: list[dict[Hashable, Any]] = []
        self._num_rows: list[int] = []
        self._overwritten: dict[Hashable, int] = {}

    def begin(self, num_rows: int) -> None:
        """A run begins.

        Args:
            num_rows: Its examples.
        """
        self._num_rows.append(num_rows)
        self._sizes.append({})
        self._held.clear()
        self._versions.clear()

    def end(self) -> None:
        """There are no more runs; let go of their values."""
        self._held.clear()

    def note(self, place: int, values: Mapping[Any, Any]) -> None:
        """A step is done.

        Args:
            place: Its place; -1 before the first one.
            values: All that is alive.
        """
        for name, value in values.items():
            self._held.setdefault(name, list(_tensors(value)))
            self._sizes[-1].setdefault(name, _size(value))
        # A value that nobody uses any more may still be seen through another, and overwritten there.
        for name, tensors in self._held.items():
            now = [tensor._version for tensor in tensors]
            if self._versions.setdefault(name, now) != now:
                self._overwritten[name], self._versions[name] = place, now

    def is_overwritten(self, name: Hashable, place: int) -> bool:
        """Whether a step from a place on writes into a value, or into what shares its memory.

        Args:
            name: The value.
            place: The first step that counts.

        Returns:
            True where one was seen to.
        """
        return self._overwritten.get(name, -1) >= place

    def has_rows(self, name: Hashable) -> bool | None:
        """What examples are to a value.

        Args:
            name: The value.

        Returns:
            True where it has rows of examples, or counts them; False where it is the same whatever the examples;
            None where it is neither, or nobody knows.
        """
        if len(self._sizes) < 2:
            return None
        size, smaller = (sizes.get(name) for sizes in self._sizes)
        num_rows, num_fewer = self._num_rows
        if size is None or smaller is None:
            return None
        if size == smaller:
            return False
        if isinstance(size, tuple):
            grown = len(size) == len(smaller) > 0 and size[1:] == smaller[1:]
            return True if grown and size[0] * num_fewer == smaller[0] * num_rows else None
        return True if type(size) is int and size * num_fewer == smaller * num_rows else None


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _tensors(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)


def _size(value: Any) -> Any:
    return tuple(value.shape) if isinstance(value, Tensor) else value if type(value) in {int, float, bool} else None
