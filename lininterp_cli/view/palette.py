"""Which colour and which letter a series has: fixed by its place in the network, never by how it ranks."""

from string import ascii_letters

COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
"""Okabe and Ito's palette for every kind of colour vision, without its black (https://jfly.uni-koeln.de/color/)."""

HIGH = "#D55E00"
"""Vermillion: a high barrier, and what is missing. Never the only sign: `▲`, HIGHEST and `x` stand beside it."""

HIGHEST = {False: "◆", True: "*"}
"""Whether in ASCII, to the sign of the highest of several barriers; `▲` says that one reaches the threshold."""

LETTERS = "".join(letter for letter in ascii_letters if letter not in "xXoO")
"""Keys of the series; an x on the axis marks a missing value, so no series is called x."""


def color(index: int) -> str:
    """The colour of the block at a place in the network's order; colours repeat after seven, letters after 48."""
    return COLORS[index % len(COLORS)]


def place(letter: str | None) -> int:
    """Where a line stands in a legend: first the one without a letter, then those with letters of this table."""
    return -1 if letter is None else LETTERS.find(letter) % (len(LETTERS) + 1)


def letter(index: int) -> str:
    """The letter of the block at a place in the network's order."""
    return LETTERS[index % len(LETTERS)]
