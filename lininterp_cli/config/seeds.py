"""Every random stream of a run, derived from its one seed; it must not hold any state.

A stream is named by what it is for and where in the run it is used, so that a resumed run draws what an
undisturbed one would have drawn, and so that a new stream never shifts an old one.
"""

import hashlib


def derive(seed: int, *names: str | int) -> int:
    """The seed of one named stream of a run.

    The first eight bytes of SHA-256 over the seed and the names, less the top bit so that it fits
    every generator.  Python's `hash()` would differ between processes.

    Args:
        seed: The run's seed.
        names: What the stream is for, then where: `derive(0, "order", epoch)`.

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
