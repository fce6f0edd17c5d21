"""Contrasts of mean losses, many at once: their standard errors, and how many exceed a threshold by chance.

A path of A positions has A (A + 1) / 2 rises, so they are never written out as vectors of A weights: everything is
computed from pairs of rows.  Intervals and looks are in `interval` and `looks`.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Field = NDArray[np.float32]

_LEAST_ERROR = 1e-12
"""A smaller standard error is rounding and is set to 0: the contrast is the same for all examples."""

_LARGEST_SINGLE = 1e30
"""Rises among larger means are counted in double precision: multiples of these overflow in single precision."""

_CLOSE = 1e-6
"""A squared distance of at most this share of the rows' summed squares is recomputed from the rows' difference."""

_BLOCK_BYTES = 2**25
"""Bytes that one step over many contrasts may take."""

_BLOCK_ROWS = 64
"""Rows counted at a time: few enough to be counted in a byte, and to fit into a cache."""


class Contrasts(Protocol):
    """Contrasts that can be compared with multiples of their standard errors."""

    def __len__(self) -> int:
        """The number of contrasts whose standard error is not 0."""

    def take(self, indices: NDArray[np.int64]) -> Array:
        """The unit vectors of some of these, (D, R)."""

    def num_beyond(self, fields: Field, value: float) -> NDArray[np.int64]:
        """The number of contrasts, summed over the looks, whose inner product with the draw's vector exceeds `value`.

        Args:
            fields: One vector for each draw and look, (D, L, R).
            value: The threshold.

        Returns:
            The number for each draw, (D,).
        """


class Listed:
    """Contrasts that are given as vectors.

    Args:
        vectors: The vectors, (C, R); their lengths are standard errors, inner products of unit vectors correlations.
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
        """The unit vectors of some contrasts, (D, R); see `Contrasts`."""
        return np.asarray(self._units[indices])

    def num_beyond(self, fields: Field, value: float) -> NDArray[np.int64]:
        """The number of contrasts beyond `value`, for each draw; see `Contrasts`."""
        units, rank = self._units.T.astype(np.float32), fields.shape[-1]
        num_blocks = max(1, fields.shape[0] * fields.shape[1] * len(self) * 4 // _BLOCK_BYTES)
        counts = [
            np.count_nonzero((block.reshape(-1, rank) @ units > value).reshape(len(block), -1), axis=1)
            for block in np.array_split(fields, min(num_blocks, len(fields)))
        ]
        return np.concatenate(counts)


class Rises:
    """All differences between a row and an earlier row, or itself.

    Args:
        root: Root R of the covariance R R^T of the rows' means, (A, R).
    """

    def __init__(self, root: Array) -> None:
        self._root = root
        self.errors: Array = np.tril(_distances(root))
        """At [j, k] the standard error of row j minus row k, (A, A); 0 unless k < j."""
        self._moving = np.flatnonzero(self.errors)

    def __len__(self) -> int:
        return len(self._moving)

    def take(self, indices: NDArray[np.int64]) -> Array:
        """The unit vectors of some contrasts, (D, R); see `Contrasts`."""
        after, before = np.divmod(self._moving[indices], len(self._root))
        return (self._root[after] - self._root[before]) / self.errors[after, before][:, None]

    def num_beyond(self, fields: Field, value: float) -> NDArray[np.int64]:
        """The number of contrasts beyond `value`, for each draw; see `Contrasts`."""
        num_draws, num_looks, rank = fields.shape
        dtype: type[np.floating[Any]] = np.float32 if np.abs(self._root).max() < _LARGEST_SINGLE else np.float64
        heights = self._root.astype(dtype) @ fields.reshape(-1, rank).T
        # A difference with a standard error of 0 exceeds no threshold.
        least = np.where(self.errors > 0, value * self.errors, np.inf).astype(dtype)
        counts = np.zeros(heights.shape[1], dtype=np.int64)
        for after in range(1, len(heights)):
            for first in range(0, after, _BLOCK_ROWS):
                before = slice(first, min(first + _BLOCK_ROWS, after))
                beyond = heights[after] - heights[before] > least[after, before, None]
                counts += beyond.view(np.uint8).sum(axis=0, dtype=np.uint8)
        return np.asarray(counts.reshape(num_draws, num_looks).sum(axis=1))


def largest_rises(values: Array) -> Array:
    """The largest absolute difference between the values of one example at two positions.

    Args:
        values: The values of each example at each position, (N, A).

    Returns:
        At [j, k] that of positions j and k, (A, A); 0 unless k < j.
    """
    num_positions = values.shape[1]
    largest = np.zeros((num_positions, num_positions))
    for block in np.array_split(values, values.nbytes // _BLOCK_BYTES + 1):
        for after in range(1, num_positions):
            differences = np.abs(block[:, after, None] - block[:, :after])
            np.maximum(largest[after, :after], differences.max(axis=0, initial=0.0), out=largest[after, :after])
    return largest


def _distances(rows: Array) -> Array:
    """Euclidean distances between rows, (A, A); those within rounding are set to 0."""
    squares = np.einsum("ar,ar->a", rows, rows)
    sums = squares[:, None] + squares
    distances = np.sqrt(np.maximum(sums - 2 * rows @ rows.T, 0.0))
    # For nearly equal rows the formula above loses precision to cancellation.
    close = np.argwhere(np.tril(distances**2 <= _CLOSE * sums, -1))
    for block in np.array_split(close, max(1, close.size * rows.shape[1] * 4 // _BLOCK_BYTES)):
        after, before = block.T
        distances[after, before] = np.linalg.norm(rows[after] - rows[before], axis=1)
    np.fill_diagonal(distances, 0.0)
    distances[distances < _LEAST_ERROR] = 0.0
    return np.asarray(distances)
