"""Contrasts of mean losses, many at once: what each is, how sure it is, and how many are far off by chance.

A path of A positions has A (A + 1) / 2 rises, so they are never written out as vectors of A weights: everything that
is asked of them follows from pairs of rows.  Nothing here knows of intervals or of looks at examples.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Field = NDArray[np.float32]

_LEAST_ERROR = 1e-12
"""A smaller standard error is rounding: the contrast is the same for all examples."""

_CLOSE = 1e-6
"""A variance of a difference is taken from the rows' difference where the sum of their variances is larger by this."""

_BLOCK_BYTES = 2**25
"""What one step over many contrasts may take."""

_BLOCK_ROWS = 64
"""Rows that are counted at a time: as many as a byte can count, and as fit into a cache."""


class Contrasts(Protocol):
    """Contrasts that are compared with their standard errors."""

    def __len__(self) -> int:
        """How many there are whose standard error is not 0."""

    def take(self, indices: NDArray[np.int64]) -> Array:
        """The unit vectors of some of them, (D, R)."""

    def num_beyond(self, fields: Field, value: float) -> NDArray[np.int64]:
        """How many, at all looks of a draw together, have an inner product above `value` with its vector.

        Args:
            fields: A vector for each draw and look, (D, L, R).
            value: The threshold.

        Returns:
            The number for each draw, (D,).
        """


class Listed:
    """Contrasts that are written out.

    Args:
        vectors: Their directions, (C, R); inner products of unit vectors are correlations, lengths standard errors.
    """

    def __init__(self, vectors: Array) -> None:
        self.errors: Array = np.linalg.norm(vectors, axis=1)
        """Standard errors, (C,)."""
        self.errors[self.errors < _LEAST_ERROR] = 0.0
        moving = self.errors > 0
        self._units = vectors[moving] / self.errors[moving, None]

    def __len__(self) -> int:
        return len(self._units)

    def take(self, indices: NDArray[np.int64]) -> Array:
        """The unit vectors of some of those that move, (D, R)."""
        return np.asarray(self._units[indices])

    def num_beyond(self, fields: Field, value: float) -> NDArray[np.int64]:
        """How many are beyond `value`, for each draw; see `Contrasts`."""
        units, rank = self._units.T.astype(np.float32), fields.shape[-1]
        num_blocks = max(1, fields.shape[0] * fields.shape[1] * len(self) * 4 // _BLOCK_BYTES)
        counts = [
            np.count_nonzero((block.reshape(-1, rank) @ units > value).reshape(len(block), -1), axis=1)
            for block in np.array_split(fields, min(num_blocks, len(fields)))
        ]
        return np.concatenate(counts)


class Rises:
    """All differences of a row and an earlier one, or itself.

    Args:
        root: Root R of the covariance R R^T of the rows' means, (A, R).
    """

    def __init__(self, root: Array) -> None:
        self._root = root
        self.errors: Array = np.tril(_distances(root))
        """Standard error of row j less row k at [j, k], (A, A); 0 where k is not earlier."""
        self._moving = np.flatnonzero(self.errors)

    def __len__(self) -> int:
        return len(self._moving)

    def take(self, indices: NDArray[np.int64]) -> Array:
        """The unit vectors of some of those that move, (D, R)."""
        after, before = np.divmod(self._moving[indices], len(self._root))
        return (self._root[after] - self._root[before]) / self.errors[after, before][:, None]

    def num_beyond(self, fields: Field, value: float) -> NDArray[np.int64]:
        """How many are beyond `value`, for each draw; see `Contrasts`."""
        num_draws, num_looks, rank = fields.shape
        heights = self._root.astype(np.float32) @ fields.reshape(-1, rank).T
        # A difference that does not move is beyond nothing.
        least = np.where(self.errors > 0, value * self.errors, np.inf).astype(np.float32)
        counts = np.zeros(heights.shape[1], dtype=np.int64)
        for after in range(1, len(heights)):
            for first in range(0, after, _BLOCK_ROWS):
                before = slice(first, min(first + _BLOCK_ROWS, after))
                beyond = heights[after] - heights[before] > least[after, before, None]
                counts += beyond.view(np.uint8).sum(axis=0, dtype=np.uint8)
        return np.asarray(counts.reshape(num_draws, num_looks).sum(axis=1))


def largest_rises(values: Array) -> Array:
    """The largest absolute difference that any example has between two positions.

    Args:
        values: Of each example at each position, (N, A).

    Returns:
        At [j, k] that of positions j and k, (A, A); 0 where k is not earlier.
    """
    num_positions = values.shape[1]
    largest = np.zeros((num_positions, num_positions))
    for block in np.array_split(values, values.nbytes // _BLOCK_BYTES + 1):
        for after in range(1, num_positions):
            differences = np.abs(block[:, after, None] - block[:, :after])
            np.maximum(largest[after, :after], differences.max(axis=0, initial=0.0), out=largest[after, :after])
    return largest


def _distances(rows: Array) -> Array:
    """Euclidean distances between rows, (A, A), of which those that are rounding are 0."""
    squares = np.einsum("ar,ar->a", rows, rows)
    sums = squares[:, None] + squares
    distances = np.sqrt(np.maximum(sums - 2 * rows @ rows.T, 0.0))
    # Where rows are nearly the same, their squares have lost what distinguishes them.
    close = np.argwhere(np.tril(distances**2 <= _CLOSE * sums, -1))
    for block in np.array_split(close, max(1, close.size * rows.shape[1] * 4 // _BLOCK_BYTES)):
        after, before = block.T
        distances[after, before] = np.linalg.norm(rows[after] - rows[before], axis=1)
    np.fill_diagonal(distances, 0.0)
    distances[distances < _LEAST_ERROR] = 0.0
    return np.asarray(distances)
