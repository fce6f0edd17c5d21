"""The outcomes of single examples at each point, stored on disk so that nothing is ever measured twice.

A file holds some points on some consecutive examples and is never changed.  A crash loses only the file that was not
yet complete; more alphas, more examples or other blocks add files.  Nothing here evaluates a network.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from lininterp_cli.config.identity import digest_of
from lininterp_cli.errors import StoreError
from lininterp_cli.runs.files import replace, write_json

SCHEMA = 1

Array = NDArray[Any]

Place = tuple[str, float]
"""The name of a path, such as `full` or `block:conv1`, and alpha."""


class Ledger:
    """The outcomes of one line: each example's loss, and whether it is classified correctly.

    Args:
        folder: The folder of one run's lines; None stores nothing on disk.
        identity: Everything that an example's outcome depends on besides the block that moves, alpha and the example.
    """

    def __init__(self, folder: Path | None, identity: Mapping[str, Any]) -> None:
        self._known: dict[tuple[str, Place], list[tuple[Array, Array]]] = {}
        self._num_known: dict[tuple[str, Place], int] = {}
        self.folder: Path | None = None
        """The folder of this line; None if nothing is stored on disk."""
        if folder is None:
            return
        self.folder = folder / digest_of(identity)[:12]
        if not (self.folder / "identity.json").is_file():
            write_json(self.folder / "identity.json", {"schema": SCHEMA, **identity})
        for path in sorted(self.folder.glob("outcomes-*.safetensors")):
            self._read(path)

    def num_known(self, split: str, place: Place) -> int:
        """How many examples of a split, from the first on, are measured at a point.

        Args:
            split: The split.
            place: The point.

        Returns:
            The number.
        """
        return self._num_known.get((split, place), 0)

    def add(self, split: str, first: int, places: Sequence[Place], losses: Array, correct: Array) -> None:
        """Store the outcomes of some consecutive examples.

        Args:
            split: The split.
            first: The index of the first example.
            places: P points.
            losses: (P, N) nats.
            correct: (P, N) bool.

        Raises:
            StoreError: If the folder of the run's curves was deleted.
        """
        if self.folder is not None:
            # The outcomes may be deleted at any time, but a run that is gone must not come back as an empty folder.
            if not self.folder.parents[1].is_dir():
                raise StoreError(f"{self.folder.parents[1]} was deleted meanwhile; nothing more is written")
            last = first + losses.shape[1]
            name = f"outcomes-{split}-{first:09d}-{last:09d}-{digest_of(places)[:8]}.safetensors"
            tensors = {"losses": np.ascontiguousarray(losses), "correct": np.packbits(correct, axis=1)}
            words = {"schema": str(SCHEMA), "split": split, "first": str(first), "places": json.dumps(places)}
            content = save(tensors, metadata=words)
            replace(self.folder / name, lambda temporary: temporary.write_bytes(content))
        self._take(split, first, places, losses, correct)

    def losses(self, split: str, name: str, alphas: Iterable[float], num_examples: int) -> Array:
        """Losses along one path.

        Args:
            split: The split.
            name: The name of the path.
            alphas: A positions.
            num_examples: The number N of examples, measured at each position.

        Returns:
            (N, A) float64, nats.
        """
        return self._columns(split, name, alphas, num_examples, 0).astype(np.float64)

    def correct(self, split: str, name: str, alphas: Iterable[float], num_examples: int) -> Array:
        """Which examples are classified correctly along one path.

        Args:
            split: The split.
            name: The name of the path.
            alphas: A positions.
            num_examples: The number N of examples, measured at each position.

        Returns:
            (N, A) bool.
        """
        return self._columns(split, name, alphas, num_examples, 1)

    def forget(self) -> None:
        """Delete all outcomes and estimated statistics of this line."""
        self._known, self._num_known = {}, {}
        if self.folder is not None:
            for path in self.folder.glob("*.safetensors"):
                path.unlink()

    def _columns(self, split: str, name: str, alphas: Iterable[float], num_examples: int, which: int) -> Array:
        columns = [
            np.concatenate([piece[which] for piece in self._known[split, (name, alpha)]])[:num_examples]
            for alpha in alphas
        ]
        return np.stack(columns, axis=1)

    def _take(self, split: str, first: int, places: Sequence[Place], losses: Array, correct: Array) -> None:
        for place, some_losses, some_correct in zip(places, losses, correct, strict=True):
            num = self.num_known(split, place)
            if first <= num < first + len(some_losses):
                new = slice(num - first, None)
                self._known.setdefault((split, place), []).append((some_losses[new], some_correct[new]))
                self._num_known[split, place] = first + len(some_losses)

    def _read(self, path: Path) -> None:
        try:
            with safe_open(path, framework="numpy") as file:
                words = file.metadata()
                if words["schema"] != str(SCHEMA):
                    raise ValueError("written by another version")
                losses, bits = file.get_tensor("losses"), file.get_tensor("correct")
            places = [(str(name), float(alpha)) for name, alpha in json.loads(words["places"])]
            correct = np.unpackbits(bits, axis=1, count=losses.shape[1]).astype(bool)
            self._take(words["split"], int(words["first"]), places, losses, correct)
        except (SafetensorError, KeyError, TypeError, ValueError, IndexError):
            path.unlink()  # a damaged file, or one of another schema; its outcomes are measured again
