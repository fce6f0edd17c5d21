"""The colour and the letter of a series: fixed by its place in the network, never by its rank."""

from string import ascii_letters

COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
"""Okabe and Ito's palette for every kind of colour vision, without its black (https://jfly.uni-koeln.de/color/)."""

HIGH = "#D55E00"
"""Vermillion, for high barriers and missing values; never the only sign: `▲`, HIGHEST or `x` is beside it."""

HIGHEST = {False: "◆", True: "*"}
"""The sign of the highest of several barriers, by whether it is ASCII; `▲` marks any that reach the threshold."""

LETTERS = "".join(letter for letter in ascii_letters if letter not in "xXoO")
"""Letters of the series; without x, which marks a missing value on the axis, and o, which is a dot in ASCII."""


def color(index: int) -> str:
    """The colour of the block at a place in the network's order; colours repeat after seven, letters after 48."""
    return COLORS[index % len(COLORS)]


def place(letter: str | None) -> int:
    """Sort key of a line in a legend: first the one without a letter, then those with letters in this order."""
    return -1 if letter is None else LETTERS.find(letter) % (len(LETTERS) + 1)


def letter(index: int) -> str:
    """The letter of the block at a place in the network's order."""
    return LETTERS[index % len(LETTERS)]
