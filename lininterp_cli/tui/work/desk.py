"""State of the screen that starts commands: a form, its command, and the jobs; plain data, no widget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lininterp_cli.tui.work.catalogue import SECTIONS
from lininterp_cli.tui.work.commands import KINDS, RECIPE, Subject, form
from lininterp_cli.tui.work.forms import Field, Form
from lininterp_cli.tui.work.hearing import Heard
from lininterp_cli.tui.work.settings import Defaults, recipe_values


@dataclass(slots=True)
class Desk:
    """A form and the jobs, with a cursor over the kind of the form, its fields, the start and the jobs."""

    runs: Path
    """The folder of runs."""
    subject: Subject = field(default_factory=Subject)
    """The run that the form is about."""
    kind: str = ""
    """The kind of the form: a key of KINDS; empty for the subject's usual one."""
    place: int = 0
    """Row of the cursor: 0 is the kind of the form, then come the fields, the start, and the jobs."""
    heard: tuple[Heard, ...] = ()
    """The jobs, newest first."""
    known: dict[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    """Output of `lininterp list`: its argument to names with their options."""
    form: Form = field(default_factory=lambda: Form("", ""))
    """The form as it is filled in."""
    started: str = ""
    """Id of a job that the cursor goes to as soon as it is listed; empty once it is, or the user moves the cursor."""
    _forms: dict[str, Form] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.choose(self.kind or self.subject.usual_kind)

    # The form --------------------------------------------------------------------------------------------------

    def choose(self, kind: str) -> None:
        """Choose a form, as it was left; the first time it is filled in.

        Args:
            kind: A key of KINDS.
        """
        self.kind = kind
        if kind not in self._forms:
            self._forms[kind] = form(kind, self.subject, self._defaults)
        self.form = self._forms[kind]
        for kind_known in self.known:
            self._offer(kind_known)
        self._say_recipe()

    def learn(self, kind: str, names: Mapping[str, Mapping[str, Any]]) -> None:
        """Take output of `lininterp list`.

        Args:
            kind: Its argument, such as `models`.
            names: Name to options.
        """
        self.known[kind] = names
        if "like" not in self._touched and (self.kind != "like" or self.place <= len(self.form.fields)):
            before = self.field
            self._forms.pop("like", None)
            self.choose(self.kind)
            fields = [one.name for one in self.form.fields]
            here = fields.index(before.name) + 1 if before is not None and before.name in fields else self.place
            self.place = min(here, len(fields)) if self.kind == "like" else self.place
        self._offer(kind)
        self._say_recipe()

    def wants(self) -> list[str]:
        """Arguments for `lininterp list` to run: for the choices of the field under the cursor, and for defaults."""
        if self.field is None:
            return []
        # A run's record holds every option; those at their defaults can be left out once the defaults are known.
        kinds = {"like": list(SECTIONS)[:4], "train": ["opts", "data"]}.get(self.kind, [])
        return [kind for kind in dict.fromkeys([*kinds, self.field.listed]) if kind and kind not in self.known]

    @property
    def words(self) -> list[str]:
        """The command line after `lininterp`."""
        return self.form.words(self.runs)

    @property
    def _defaults(self) -> Defaults:
        return {(SECTIONS[key], name): options for key, parts in self.known.items() for name, options in parts.items()}

    def _say_recipe(self) -> None:
        """Show in empty fields the values of the recipe, as far as they are known."""
        fields = self.form.fields
        recipe = next((one.value for one in fields if one.name == "preset"), None)
        if recipe is None:
            return
        named = {one.key.removesuffix(".name"): one.value for one in fields if one.key.endswith(".name") and one.value}
        values = recipe_values(recipe, named, self._defaults)
        for one in fields:
            if one.key:
                one.default = f"{values[one.key]} (recipe)" if one.key in values else RECIPE

    def _offer(self, kind: str) -> None:
        for one in self.form.fields:
            if one.listed == kind:
                one.choices = tuple(sorted({*one.choices, *self.known[kind]}))

    # The cursor ------------------------------------------------------------------------------------------------

    @property
    def start_place(self) -> int:
        """Row of the start."""
        return len(self.form.fields) + 1

    @property
    def field(self) -> Field | None:
        """The field under the cursor."""
        return self.form.fields[self.place - 1] if 0 < self.place < self.start_place else None

    @property
    def job(self) -> Heard | None:
        """The job under the cursor."""
        index = self.place - self.start_place - 1
        return self.heard[index] if 0 <= index < len(self.heard) else None

    @property
    def help(self) -> str:
        """One line about the row under the cursor."""
        if self.place == 0:
            return "what to do; space for the next, Enter for a list"
        if self.field is not None:
            more = f"  ({self.field.flag})" if self.field.flag else ""
            return self.field.help + more
        if self.job is not None:
            return "Enter its log  s stop it  x take it off the list"
        return self.form.problem() or "Enter (or S anywhere) starts it as a job that outlives this program"

    def move(self, rows: int) -> None:
        """Move the cursor; it stops at both ends."""
        self.place, self.started = max(0, min(self.place + rows, self.start_place + len(self.heard))), ""

    def go_to_jobs(self) -> None:
        """Put the cursor on the newest job, or on the start if there is none."""
        self.place, self.started = min(self.start_place + 1, self.start_place + len(self.heard)), ""

    def hear(self, heard: tuple[Heard, ...]) -> None:
        """Set the list of jobs; the cursor stays on its job, or goes to the one that was started."""
        before, self.heard = self.job, heard
        ids = [one.job.id for one in heard]
        wanted = self.started or (before.job.id if before is not None else "")
        if wanted in ids:
            self.place, self.started = self.start_place + ids.index(wanted) + 1, ""
        elif before is not None:
            self.place = min(self.place, self.start_place + len(heard))

    # Changes ---------------------------------------------------------------------------------------------------

    def turn(self, step: int) -> str:
        """Take the next or the previous choice of the row under the cursor; returns a remark if it has none."""
        if self.place == 0:
            kinds = list(KINDS)
            self.choose(kinds[(kinds.index(self.kind) + step) % len(kinds)])
        elif self.field is not None and self.field.choices:
            self.write(self.field.turned(step))
        else:
            return "nothing to choose from here; Enter goes on"
        return ""

    def write(self, value: str) -> None:
        """Fill in the field under the cursor."""
        if self.field is not None and self.field.value != value:
            self.touch()
            self.field.value = value
            self._say_recipe()

    def touch(self) -> None:
        """Keep the fields that the form has, as one of them is being filled in."""
        self._touched.add(self.kind)
