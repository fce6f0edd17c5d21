"""A study's rows as a table for a paper; it needs the LaTeX package booktabs and no other."""

import re
from collections.abc import Callable, Sequence

from lininterp_cli.study.report.findings import Report, Row
from lininterp_cli.view.study.cells import begun, progress_words, runs_words, spread_words, target_words
from lininterp_cli.view.study.panels import group_panel, is_by_line, panels
from lininterp_cli.view.text import MISSING, printable

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    # In the encodings that TeX starts with, these three print as other signs.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # At the beginning of a row, TeX would read these two as arguments of the `\\` that ends the row before.
    "[": "{[}",
    "*": "{*}",
}


_POWER = re.compile(r"(\d(?:\.\d+)?)e([+-]\d+)")


def escaped(text: str) -> str:
    r"""Escape a text for LaTeX.

    Args:
        text: Any text; characters that cannot be printed are escaped.

    Returns:
        One line that LaTeX prints as the text; nothing in it acts as a command.

    Example:
        >>> print(escaped("weight_decay=5% {x}"))
        weight\_decay=5\% \{x\}
    """
    return "".join(_ESCAPES.get(character, character) for character in printable(text))


def latex(report: Report) -> str:
    """The rows of a report as a table: a row for each group, or for each line if the study compares lines.

    Args:
        report: The report.

    Returns:
        A `table` environment; accuracies are in percent, barriers in nats, after ± the standard deviation over seeds.
    """
    by_line = is_by_line(report)
    every = panels(report) if by_line else [group_panel(report, begun(report))]
    rows = [row for panel in every for row in panel.rows]
    # A single group is not repeated in each row.
    names = [
        f"{panel.title}: {name}" if by_line and len(every) > 1 else name for panel in every for name in panel.names
    ]
    columns = _columns(report, rows)
    heads = " & ".join(["", *(escaped(head) for head, _ in columns)])
    body = [
        " & ".join([escaped(name), *(_cell(cell(row)) for _, cell in columns)]) + r" \\"
        for name, row in zip(names, rows, strict=True)
    ]  # fmt: skip
    shapes = f"Shapes of the line {report.line}, {report.split} loss" if report.line else f"Split {report.split}"
    if by_line:
        shapes = f"Shapes on the {report.split} loss, line by line"
    caption = f"{escaped(report.name)}: {escaped(progress_words(report))}. {escaped(shapes)}."
    return "\n".join([
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        rf"\caption{{{caption}}}",
        rf"\begin{{tabular}}{{l{'r' * len(columns)}}}",
        r"\toprule",
        rf"{heads} \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
        "",
    ])


def _columns(report: Report, rows: Sequence[Row]) -> list[tuple[str, Callable[[Row], str]]]:
    def figure(name: str) -> Callable[[Row], str]:
        return lambda row: spread_words(row, name)

    columns: list[tuple[str, Callable[[Row], str]]] = [("runs", runs_words), ("test %", figure("test_accuracy"))]
    if any(row.target is not None for row in rows):
        columns += [
            ("published", lambda row: target_words(row)[0]),
            ("difference", lambda row: target_words(row)[1]),
        ]
    return [
        *columns,
        ("gap %", figure("generalisation_gap")),
        (f"barrier ({report.barrier})", figure(f"barrier_{report.barrier}")),
        ("monotone", figure("monotone")),
        ("plateau", figure("plateau")),
        ("cliff", figure("cliff")),
        ("distance", figure("distance")),
    ]


def _cell(words: str) -> str:
    if words in ("", MISSING):
        return "--"
    signed = _POWER.sub(lambda found: rf"{found[1]} \times 10^{{{int(found[2])}}}", words).replace("±", r" \pm ")
    # LaTeX prints a hyphen as a minus only in math mode.
    return f"${signed}$" if signed != words or words[0] in "+-" else words
