"""A study's report as one page for a browser: no scripts, nothing fetched, light or dark as in the browser."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lininterp_cli.runs.files import replace
from lininterp_cli.study.report.figures import BLOCK_FIGURES, FIGURES
from lininterp_cli.study.report.findings import Association, Report
from lininterp_cli.study.report.words import NAMES, is_supported, p_words
from lininterp_cli.view import palette
from lininterp_cli.view.study.block_drawings import block_drawings
from lininterp_cli.view.study.cells import (
    begun,
    missing_words,
    places,
    progress_words,
    runs_words,
    spread_words,
    target_words,
)
from lininterp_cli.view.study.legs import leg_means, stations, title_of
from lininterp_cli.view.study.panels import panels
from lininterp_cli.view.study.plot import Mean, means
from lininterp_cli.view.study.published import HEADS, comparisons, is_more_than_accuracy
from lininterp_cli.view.study.svg import curves_svg, scatter_svg, text_of
from lininterp_cli.view.text import MISSING, number

CURVES_EACH = 8
"""Largest number of rows whose curves share a drawing."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --page: #fff; --faint: #d8d8d8; --warn: #a33; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --page: #16181b; --faint: #3a3d42; --warn: #f88; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 84rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .5rem; text-align: right; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } tr.part th { padding-top: 1rem; text-align: left; }
.warnings { color: var(--warn); } .small { font-size: .85rem; } b.key { display: inline-block; min-width: 1.2em; }
ul.legend { list-style: none; padding: 0; columns: 20rem; }
svg { width: 100%; max-width: 60rem; height: auto; } svg text { font: 13px system-ui, sans-serif; }
svg text:not(.letter) { fill: var(--ink); }
svg .letter { font-weight: bold; stroke: var(--page); stroke-width: 3px; paint-order: stroke; }
svg .thin { stroke-width: .6px; stroke-opacity: .6; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-size: .85rem; }
svg .frame { stroke: var(--ink); fill: none; } svg .grid { stroke: var(--faint); fill: none; }
"""

_ROWS = ("test_accuracy", "train_accuracy", "generalisation_gap", "distance", "relative_distance")


def write_page(report: Report, path: Path) -> None:
    """Write a report as a page, whole or not at all.

    Args:
        report: The report.
        path: The file.
    """
    content = page(report).encode("utf-8", "backslashreplace")
    replace(path, lambda temporary: temporary.write_bytes(content))


def page(report: Report) -> str:
    """A report as a page.

    Args:
        report: The report.

    Returns:
        Self-contained HTML.
    """
    name = text_of(report.name)
    parts = (_head, _answers, _rows, _curves, _legs, _block_curves, _blocks, _block_rows, _scatter, _ranks, _notes)
    body = "\n".join(line for part in parts for line in part(report))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(report: Report) -> Iterator[str]:
    yield f"<h1>{text_of(report.name)}</h1>"
    for title, words in (("", report.about), ("Source: ", report.source), ("Note: ", report.note)):
        if words:
            yield f"<p>{title}{text_of(words)}</p>"
    yield f"<p><strong>{text_of(progress_words(report))}</strong></p>"


def _answers(report: Report) -> Iterator[str]:
    for title, sentences, kind in (
        ("What the data say", report.sentences, "answers"),
        ("Beware", report.warnings, "warnings"),
    ):
        if sentences:
            yield f"<h2>{title}</h2>"
            yield _list(sentences, kind)


def _rows(report: Report) -> Iterator[str]:
    groups, place = begun(report), places(report)
    if groups:
        heads = ["", "runs", "test %", "published", "difference"]
        heads += ["train %", "gap %", "distance", "of initial norm", "missing"]
        table = [
            [
                *(_keyed(row.label, place), runs_words(row), spread_words(row, _ROWS[0]), *target_words(row)),
                *(spread_words(row, name) for name in _ROWS[1:]),
                missing_words(row),
            ]
            for row in groups
        ]
        yield "<h2>Runs</h2>"
        yield _table(heads, [("", table)])
    if is_more_than_accuracy(report):
        table = [[_keyed(row.label, place), *cells] for row, cells in comparisons(report)]
        yield "<h2>Published figures</h2>"
        yield _table(["", *HEADS], [("", table)])
    parts = []
    known = {name for row in report.rows for name, one in row.figures.items() if one.num}
    shapes = [name for name in FIGURES if name not in _ROWS and name in known]
    for panel in panels(report):
        entries = zip(panel.names, panel.places, panel.rows, strict=True)
        table = [
            [f"{palette.letter(at)} {name}", *(spread_words(row, figure) for figure in shapes)]
            for name, at, row in entries
        ]
        parts.append((panel.title, table))
    if parts:
        yield f"<h2>Shapes on {text_of(report.split)}</h2>"
        yield _table(["", *(NAMES[name] for name in shapes)], parts)


def _curves(report: Report) -> Iterator[str]:
    for panel in panels(report):
        heading = f"{panel.title}: mean loss on {report.split}, single curves and the band they span"
        for some in _parts(means(panel)):
            drawn = curves_svg(some, f"{panel.title}: loss on {report.split} along alpha")
            yield from _drawing(heading, drawn, some)


def _legs(report: Report) -> Iterator[str]:
    for some in _parts(leg_means(report)):
        title = title_of(report, some)
        yield from _drawing(title, curves_svg(some, title, x_ticks=stations(some)), some)


def _parts(every: Sequence[Mean]) -> Iterator[Sequence[Mean]]:
    """The means in parts, one for each drawing."""
    for first in range(0, len(every), CURVES_EACH):
        yield every[first : first + CURVES_EACH]


def _drawing(heading: str, drawn: str, shown: Sequence[Mean]) -> Iterator[str]:
    if drawn:
        yield f"<h2>{text_of(heading)}</h2>"
        yield drawn
        yield _legend([(one.place, _counted(one)) for one in shown])


def _block_curves(report: Report) -> Iterator[str]:
    for title, drawings, legend in block_drawings(report):
        yield f"<h2>{text_of(title)}</h2>"
        figures = [
            f"<figure><figcaption>{text_of(label)}</figcaption>\n{drawing}</figure>" for label, drawing in drawings
        ]
        yield '<div class="panels">\n' + "\n".join(figures) + "\n</div>"
        yield _legend(legend)


def _blocks(report: Report) -> Iterator[str]:
    if not report.sensitivities:
        return
    parts: dict[str, list[list[str]]] = {}
    for one in report.sensitivities:
        interval = MISSING if one.low is None else f"{number(one.low)}..{number(one.high)}"
        error = MISSING if one.error_rise is None else f"{100 * one.error_rise:+.1f}"
        cells = [one.block, str(one.rank), number(one.mean), interval, error, str(one.num_runs)]
        parts.setdefault(one.title, []).append(cells)
    yield "<h2>Blocks, the most sensitive first</h2>"
    heads = ["block", "rank", "mean", "95 % interval", "error (points)", "runs"]
    yield _table(heads, list(parts.items()))


def _block_rows(report: Report) -> Iterator[str]:
    parts: dict[str, list[list[str]]] = {}
    for row in report.blocks:
        cells = [row.block, str(row.num_runs), *(spread_words(row, name) for name in BLOCK_FIGURES)]
        parts.setdefault(f"{row.label}: {row.line}, by {row.by}" if row.line else row.label, []).append(cells)
    if parts:
        yield "<h2>Blocks: barriers of their curves (nats) and how far they moved</h2>"
        yield _table(["block", "runs", *(NAMES[name] for name in BLOCK_FIGURES)], list(parts.items()))


def _scatter(report: Report) -> Iterator[str]:
    shape, outcome = f"barrier_{report.barrier}", "test_accuracy"
    place = places(report)
    pairs = [(point.figures.get(shape), point.figures.get(outcome), point.label) for point in report.points]
    dots = [(x, y, place[label]) for x, y, label in pairs if x is not None and y is not None]
    drawn = scatter_svg(dots, f"{NAMES[outcome]} against {NAMES[shape]}", f"{NAMES[shape]}, nats", NAMES[outcome])
    if drawn:
        yield f"<h2>{NAMES[outcome].capitalize()} against {NAMES[shape]}</h2>"
        yield drawn
        labels = dict.fromkeys(label for x, y, label in pairs if x is not None and y is not None)
        yield _legend([(place[label], label) for label in labels])


def _ranks(report: Report) -> Iterator[str]:
    parts: dict[str, list[list[str]]] = {}
    for one in report.associations:
        if one.rho is not None:
            title = {"all": "all runs", "between": "between groups", "within": "within groups"}[one.scope]
            parts.setdefault(title, []).append(_rank_cells(one))
    if parts:
        yield "<h2>Rank correlations</h2>"
        heads = ["", "runs", "groups", "rho", "95 % interval", "tau", "95 % interval", "p", "p (Holm)", ""]
        yield _table(heads, list(parts.items()))


def _rank_cells(one: Association) -> list[str]:
    rho, tau = (
        MISSING if low is None or high is None else f"{low:z.2f}..{high:z.2f}"
        for low, high in ((one.rho_low, one.rho_high), (one.tau_low, one.tau_high))
    )
    pair = f"{NAMES[one.shape]}, {NAMES[one.outcome]}"
    return [
        *(pair, str(one.num_runs), str(one.num_groups)),
        *(f"{one.rho:z.2f}", rho, MISSING if one.tau is None else f"{one.tau:z.2f}", tau),
        *(p_words(one.p), p_words(one.p_holm), "*" if is_supported(one) else ""),
    ]


def _notes(report: Report) -> Iterator[str]:
    yield "<h2>How it was computed</h2>"
    yield _list([*report.methods, *(f"{NAMES[name]}: {words}" for name, words in FIGURES.items())], "small")


def _table(heads: Sequence[str], parts: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> str:
    rows = ["<tr>" + "".join(f"<th>{text_of(one)}</th>" for one in heads) + "</tr>"]
    for title, some in parts:
        if title:
            rows.append(f'<tr class="part"><th colspan="{len(heads)}">{text_of(title)}</th></tr>')
        rows += ["<tr>" + "".join(f"<td>{text_of(cell)}</td>" for cell in cells) + "</tr>" for cells in some]
    return '<div class="scroll"><table>\n' + "\n".join(rows) + "\n</table></div>"


def _list(sentences: Sequence[str], kind: str) -> str:
    return f'<ul class="{kind}">\n' + "\n".join(f"<li>{text_of(one)}</li>" for one in sentences) + "\n</ul>"


def _legend(entries: Sequence[tuple[int, str]]) -> str:
    items = [
        f'<li><b class="key" style="color: {palette.color(place)}">{palette.letter(place)}</b> {text_of(label)}</li>'
        for place, label in entries
    ]
    return '<ul class="legend">\n' + "\n".join(items) + "\n</ul>"


def _keyed(label: str, place: dict[str, int]) -> str:
    return f"{palette.letter(place[label])} {label}"


def _counted(one: Mean) -> str:
    return f"{one.label} ({one.num} curve{'s' * (one.num > 1)})"
