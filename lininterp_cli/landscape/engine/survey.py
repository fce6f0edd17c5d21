"""Properties of the values between a network's steps, observed while the steps run; nothing runs here."""

import contextlib
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class Survey:
    """A record of two runs of the same steps, on some examples and on fewer."""

    def __init__(self) -> None:
        self._held: dict[Hashable, list[Tensor]] = {}
        self._names_at: dict[int, list[Hashable]] = {}
        self._writes = _Writes()
        self._sizes: list[dict[Hashable, Any]] = []
        self._num_rows: list[int] = []
        self._overwritten: dict[Hashable, int] = {}

    @contextlib.contextmanager
    def run(self, num_rows: int) -> Iterator[None]:
        """Record a run, which happens inside; all its values are held until it ends.

        Args:
            num_rows: The number of its examples.
        """
        self._num_rows.append(num_rows)
        self._sizes.append({})
        with self._writes:
            yield
        self._held.clear()
        self._names_at.clear()

    def note(self, place: int, values: Mapping[Any, Any]) -> None:
        """Record the values after a step.

        Args:
            place: The step's index; -1 before the first one.
            values: All values that are alive.
        """
        for name in values.keys() - self._held.keys():
            self._held[name], self._sizes[-1][name] = list(_tensors(values[name])), _size(values[name])
            for tensor in self._held[name]:
                self._names_at.setdefault(_address(tensor), []).append(name)
        # A value that is not alive any more may share its memory with another, and be overwritten through that.
        for address in self._writes.drain():
            for name in self._names_at.get(address, ()):
                self._overwritten[name] = max(place, self._overwritten.get(name, -1))

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


class _Writes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Collects the memory that operations write into; a tensor's version does not count writes through its `data`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._addresses: set[int] = set()

    def drain(self) -> set[int]:
        """The addresses of the memory that was written into since the last call."""
        addresses, self._addresses = self._addresses, set()
        return addresses

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = dict(zip((one.name for one in func._schema.arguments), args, strict=False)) | (kwargs or {})
        for one in func._schema.arguments:
            if one.alias_info is not None and one.alias_info.is_write:
                self._addresses.update(map(_address, _tensors(given.get(one.name))))
        return func(*args, **(kwargs or {}))


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


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
