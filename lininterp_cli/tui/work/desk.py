"""What the screen of things to do holds: a form, the command it means, and the jobs; plain data, no widget."""

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
    """A cursor that runs over what is done, its fields, the start and the jobs."""

    runs: Path
    """The folder of runs."""
    subject: Subject = field(default_factory=Subject)
    """What it is about."""
    kind: str = ""
    """What is done: a key of KINDS."""
    place: int = 0
    """Where the cursor is: what is done, then the fields, then the start, then the jobs."""
    heard: tuple[Heard, ...] = ()
    """The jobs, newest first."""
    known: dict[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    """What `lininterp list` said: kind of things to their names, with options."""
    form: Form = field(default_factory=lambda: Form("", ""))
    """The form as it is filled in."""
    is_touched: bool = False
    """Whether somebody has filled in something."""

    def __post_init__(self) -> None:
        self.choose(self.kind or self.subject.usual_kind)

    # What is done ----------------------------------------------------------------------------------------------

    def choose(self, kind: str) -> None:
        """Do something else; the form is filled in anew.

        Args:
            kind: A key of KINDS.
        """
        self.kind, self.is_touched = kind, False
        self.form = form(kind, self.subject, self._defaults)
        for kind_known in self.known:
            self._offer(kind_known)
        self._say_recipe()

    def learn(self, kind: str, names: Mapping[str, Mapping[str, Any]]) -> None:
        """Take note of what `lininterp list` says.

        Args:
            kind: What it lists.
            names: Name to options.
        """
        self.known[kind] = names
        if self.kind == "like" and not self.is_touched and self.place <= len(self.form.fields):
            self.choose("like")
            self.place = min(self.place, len(self.form.fields))
        self._offer(kind)
        self._say_recipe()

    def wants(self) -> list[str]:
        """What should be asked of `lininterp list`: for the field under the cursor, or to see what is a default."""
        if self.field is None:
            return []
        # A run's record holds every option; those at their defaults can be left out once they are known.
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
        """Say in empty fields what the recipe means by them, as far as that is known."""
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

    # Where the cursor is ---------------------------------------------------------------------------------------

    @property
    def start_place(self) -> int:
        """Where the start is."""
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
        """One line about what is under the cursor."""
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
        self.place = max(0, min(self.place + rows, self.start_place + len(self.heard)))

    def go_to_jobs(self) -> None:
        """Put the cursor on the newest job, or on the start where there is none."""
        self.place = min(self.start_place + 1, self.start_place + len(self.heard))

    def hear(self, heard: tuple[Heard, ...]) -> None:
        """List the jobs as they are now; the cursor stays on its job."""
        before, self.heard = self.job, heard
        if before is not None:
            ids = [one.job.id for one in heard]
            here = ids.index(before.job.id) if before.job.id in ids else self.place - self.start_place - 1
            self.place = self.start_place + min(here + 1, len(heard))

    # What is changed -------------------------------------------------------------------------------------------

    def turn(self, step: int) -> None:
        """Take the next choice of what is under the cursor, or the one before."""
        if self.place == 0:
            kinds = list(KINDS)
            self.choose(kinds[(kinds.index(self.kind) + step) % len(kinds)])
        elif self.field is not None and self.field.choices:
            self.write(self.field.turned(step))

    def write(self, value: str) -> None:
        """Fill in the field under the cursor."""
        if self.field is not None and self.field.value != value:
            self.field.value, self.is_touched = value, True
            self._say_recipe()
