"""The screen that starts commands as lines of text; everything that comes from a file or a user is made printable."""

from rich.text import Text

from lininterp_cli.tui.work.commands import KINDS
from lininterp_cli.tui.work.desk import Desk
from lininterp_cli.tui.work.forms import command_line, folded_command
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.view import palette
from lininterp_cli.view.look import Look
from lininterp_cli.view.text import crop, duration, printable

JOB_GLYPHS = {
    "running": ("●", "*"),
    "done": ("✓", "+"),
    "failed": ("✗", "x"),
    "stopped": ("○", "o"),
    "lost": ("∅", "0"),
    "damaged": ("?", "?"),
}
"""State of a job to its sign, and the sign in ASCII."""

_NAME_COLUMNS = 16


def heading(desk: Desk, width: int, *, ascii: bool) -> Text:
    """The first line: the title of the form and the number of jobs."""
    running = sum(one.job.state == "running" for one in desk.heard)
    num_jobs = len(desk.heard)
    right = f"{running} running of {num_jobs} job{'s' * (num_jobs != 1)}" if num_jobs else "no jobs yet"
    title = crop(printable(desk.form.title, ascii=ascii), max(4, width - len(right) - 9), ascii=ascii)
    text = Text.assemble((" do", "bold"), f"  {title}")
    return text.append(" " * max(2, width - text.cell_len - len(right) - 1)).append(right)


def form_lines(desk: Desk, width: int, height: int, *, ascii: bool) -> list[Text]:
    """The fields, as many as there is room for, with the one under the cursor in sight."""
    rows = [_row("what", KINDS[desk.kind], False, desk.place == 0, True, width, ascii)]
    for index, field in enumerate(desk.form.fields):
        shown = field.value or field.default or "-"
        rows.append(
            _row(field.name, shown, not field.value, desk.place == index + 1, bool(field.choices), width, ascii)
        )
    rows.append(_start(desk, width, ascii=ascii))
    room = max(1, height)
    first = min(max(0, desk.place - room // 2), max(0, len(rows) - room))
    shown_rows = rows[first : first + room]
    for at, is_cut in ((0, first > 0), (len(shown_rows) - 1, first + room < len(rows))):
        if is_cut and width > 20 and shown_rows:
            # More of the form is above or below.
            sign = ("^" if ascii else "↑") if at == 0 else ("v" if ascii else "↓")
            shown_rows[at] = _with_sign(shown_rows[at], sign, width)
    return shown_rows


def help_line(desk: Desk, width: int, *, ascii: bool) -> Text:
    """One line about the row under the cursor."""
    return Text(crop(f"   {printable(desk.help, ascii=ascii)}", width, ascii=ascii, head=width), style="italic dim")


def command_lines(desk: Desk, width: int, height: int, *, ascii: bool) -> list[Text]:
    """The command of the form, as it can be pasted into a shell."""
    rows = folded_command(desk.words, max(20, width - 3))
    if len(rows) > height:
        rows = [*rows[: max(0, height - 1)], f"  ... {len(rows) - height + 1} more lines; y copies all of it"]
    lines = [Text(crop(f" {printable(row, ascii=ascii)}", width, ascii=ascii)) for row in rows]
    return [rule("the equal command (y copies)", width, ascii=ascii), *lines]


def job_lines(desk: Desk, now: float, width: int, height: int, *, look: Look) -> list[Text]:
    """The jobs, newest first, with the one under the cursor in sight."""
    title = rule("jobs: they go on without this program", width, ascii=look.ascii)
    here = desk.place - desk.start_place - 1
    room = max(1, height - 1)
    first = min(max(0, here - room // 2), max(0, len(desk.heard) - room))
    rows = [
        _job(one, now, first + index == here, width, look=look)
        for index, one in enumerate(desk.heard[first : first + room])
    ]
    return [title, *(rows or [Text("   none yet", style="dim")])]


def rule(words: str, width: int, *, ascii: bool) -> Text:
    """A line across the screen with a few words on it."""
    dash = "-" if ascii else "─"
    words = crop(words, max(1, width - 6), ascii=ascii, head=width)
    return Text(f" {dash} {words} {dash * max(0, width - len(words) - 5)}", style="dim")


def job_title(one: Heard, *, ascii: bool) -> str:
    """A job's command without `lininterp` and `--runs`, which all jobs have."""
    words = list(one.job.words)
    if "--runs" in words[:-1]:
        at = words.index("--runs")
        del words[at : at + 2]
    return printable(command_line(words).removeprefix("lininterp "), ascii=ascii) if words else printable(one.job.id)


def job_glyph(state: str, *, ascii: bool) -> str:
    """The sign of a job's state, one column wide."""
    return JOB_GLYPHS[state][ascii]


def _row(name: str, value: str, is_default: bool, is_here: bool, has_choices: bool, width: int, ascii: bool) -> Text:
    pointer = (">" if ascii else "▌") if is_here else " "
    room = max(1, width - _NAME_COLUMNS - 8)
    left, right = ("<", ">") if ascii else ("◂", "▸")
    shown = crop(printable(value, ascii=ascii), room, ascii=ascii)
    value_text = f"{left} {shown} {right}" if has_choices and is_here else f"  {shown}"
    label = crop(printable(name, ascii=ascii), _NAME_COLUMNS, ascii=ascii)
    text = Text(f"{pointer} {label:<{_NAME_COLUMNS}} ", style="bold" if is_here else "")
    return text.append(value_text, "dim" if is_default and not is_here else "")


def _start(desk: Desk, width: int, *, ascii: bool) -> Text:
    is_here, problem = desk.place == desk.start_place, desk.form.problem()
    pointer = (">" if ascii else "▌") if is_here else " "
    text = Text(f"{pointer} ").append("[ Start ]", "bold reverse" if is_here and not problem else "bold")
    if problem:
        text.append(f"  not yet: {crop(printable(problem, ascii=ascii), max(1, width - 22), ascii=ascii, head=width)}")
    return text


def _with_sign(row: Text, sign: str, width: int) -> Text:
    row = row.copy()
    row.truncate(width - 2)
    return row.append(" " * (width - 2 - row.cell_len)).append(sign, "dim")


def _job(one: Heard, now: float, is_here: bool, width: int, *, look: Look) -> Text:
    pointer = (">" if look.ascii else "▌") if is_here else " "
    job = one.job
    seconds = max(0.0, now - job.created)
    # Whole minutes, so that an idle screen is redrawn at most once a minute.
    age = "now" if seconds < 60 else duration(seconds)
    state: str = "stopping" if job.is_stopping and job.state == "running" else job.state
    state = f"failed {job.code}" if state == "failed" else state
    text = Text(pointer)
    bad = look.color and job.state in {"failed", "lost", "damaged"}
    text.append(f"{job_glyph(job.state, ascii=look.ascii)} {state:<10}", palette.HIGH if bad else "")
    text.append(f"{age:>4}  ")
    room = max(1, width - text.cell_len - 1)
    said = printable(one.line.strip(), ascii=look.ascii)
    title = crop(job_title(one, ascii=look.ascii), max(12, room // 2) if said else room, ascii=look.ascii)
    text.append(title)
    rest = width - text.cell_len - 3
    if said and rest > 6:
        text.append(f"  {crop(said, rest, ascii=look.ascii, head=rest)}", "dim")
    if is_here:
        text.stylize("bold")
    text.truncate(width)
    return text
