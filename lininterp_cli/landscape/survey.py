"""Properties of the values between a network's steps, observed while the steps run; nothing runs here."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from torch import Tensor


class Survey:
    """A record of two runs of the same steps, on some examples and on fewer."""

    def __init__(self) -> None:
        self._held: dict[Hashable, list[Tensor]] = {}
        self._versions: dict[Hashable, list[int]] = {}
        self._sizes: list[dict[Hashable, Any]] = []
        self._num_rows: list[int] = []
        self._overwritten: dict[Hashable, int] = {}

    def begin(self, num_rows: int) -> None:
        """Start the record of a run.

        Args:
            num_rows: The number of its examples.
        """
        self._num_rows.append(num_rows)
        self._sizes.append({})
        self._held.clear()
        self._versions.clear()

    def end(self) -> None:
        """End the record and release the values that it holds."""
        self._held.clear()

    def note(self, place: int, values: Mapping[Any, Any]) -> None:
        """Record the values after a step.

        Args:
            place: The step's index; -1 before the first one.
            values: All values that are alive.
        """
        for name, value in values.items():
            self._held.setdefault(name, list(_tensors(value)))
            self._sizes[-1].setdefault(name, _size(value))
        # A value that is not alive any more may share its memory with another, and be overwritten through that.
        for name, tensors in self._held.items():
            now = [tensor._version for tensor in tensors]
            if self._versions.setdefault(name, now) != now:
                self._overwritten[name], self._versions[name] = place, now

    def is_overwritten(self, name: Hashable, place: int) -> bool:
        """Whether some step writes in place into a value, or into a tensor that shares its memory.

        Args:
            name: The value.
            place: Index of the first step that counts.

        Returns:
            True where that was observed.
        """
        return self._overwritten.get(name, -1) >= place

    def has_rows(self, name: Hashable) -> bool | None:
        """Whether a value has one row for each example.

        Args:
            name: The value.

        Returns:
            True where its rows, or the number that it is, are proportional to the examples; False where its size, or
            the number, does not depend on them; None where neither holds or the value was not observed in both runs.
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
