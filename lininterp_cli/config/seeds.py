"""The seed of every random stream of a run, derived from the run's one seed without any state.

A stream is named by its purpose and its place in the run, so that a resumed run draws the same numbers as an
uninterrupted one, and so that a new stream never shifts an old one.
"""

import hashlib


def derive(seed: int, *names: str | int) -> int:
    """The seed of one named stream of a run.

    The first eight bytes of SHA-256 over the seed and the names, less the top bit so that it fits
    every generator.  Python's `hash()` would differ between processes.

    Args:
        seed: The run's seed.
        names: The purpose of the stream, then its place in the run: `derive(0, "shuffle", epoch)`.

    Returns:
        An integer in [0, 2**63).

    Example:
        >>> derive(0, "order", 3) == derive(0, "order", 3) != derive(0, "order", 4)
        True
        >>> derive(0, "weights")
        133441691874178746
    """
    text = "/".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
