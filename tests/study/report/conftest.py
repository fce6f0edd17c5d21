"""A store whose runs and curves have known numbers, and the outcomes of a study over it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lininterp_cli.landscape.curves.curve import Curve, Series, Values
from lininterp_cli.landscape.curves.measures import BlockCriticality, Criticality, GaussLength, write_measure
from lininterp_cli.runs.record import Record
from lininterp_cli.runs.store import Store
from lininterp_cli.study.outcomes import Made, Outcome, outcome_path, write_outcome
from lininterp_cli.study.plan import Step, Study

ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)
FALL = (2.0, 1.5, 1.0, 0.5, 0.25)


def _values(losses, num_examples):
    return Values(
        num_examples=num_examples,
        loss=tuple(losses),
        loss_stderr=tuple(0.0 for _ in losses),
        accuracy=tuple(1 - loss / 4 for loss in losses),
    )


@dataclass
class Place:
    """A study and the store that it works in."""

    runs: Path
    study: Study
    made: dict[str, list[Made]] = field(default_factory=dict)

    def run(self, run_id, *, test=0.9, train=0.95, distance=3.0, status="finished"):
        final = {"test_accuracy": test, "train_accuracy": train, "test_loss": 0.1, "train_loss": 0.1}
        record = Record(
            id=run_id,
            config={},
            status=status,
            result={"final": final},
            distance_total=distance,
            initial_norm_total=12.0,
            num_classes=4,
        )
        run = Store(self.runs).run(record)
        run.record.write(run.record_path)
        return run

    def curve(self, run_id, name="full", losses=None, *, start=None, end=None, bn="running", alphas=ALPHAS,
              num_examples=100, **about):  # fmt: skip
        """`losses`: label to losses; `all` is the whole network."""
        series = tuple(
            Series(block=None if label == "all" else label, tensors=(label,), distance=1.0, alphas=alphas,
                   splits={"test": _values(values, num_examples)})
            for label, values in (losses or {"all": FALL}).items()
        )  # fmt: skip
        known = {"by": "block", "rest": "final", "dtype": "float32", "batch_size": 10} | about
        curve = Curve(
            name=name, run=run_id, start=start or {"run": run_id, "checkpoint": "initial"},
            end=end or {"run": run_id, "checkpoint": "final"}, bn=bn, series=series, **known,
        )  # fmt: skip
        curve.write(self.runs / run_id / "curves" / f"{name}.json")
        return name

    def gauss_length(self, run_id, name, mean, *, start=None):
        """What the line of a run was measured to be."""
        measure = GaussLength(
            name=name, run=run_id, start=start or {"run": run_id, "checkpoint": "initial"},
            end={"run": run_id, "checkpoint": "final"}, split="test", alphas=ALPHAS, mean=mean, stderr=0.1,
            num_examples=10, num_missing=0,
        )  # fmt: skip
        write_measure(self.runs / run_id / "measures" / f"{name}.json", measure)
        return name

    def criticality(self, run_id, name, mus, *, by="block"):
        """How critical its blocks are; None where no point of the grid was good enough."""
        blocks = {
            block: BlockCriticality(
                mu=mu, alpha=None if mu is None else 0.5, sigma=None if mu is None else 0.1,
                error=None if mu is None else 0.0, distance=1.0, num_parameters=10, is_at_edge=False,
            )
            for block, mu in mus.items()
        }  # fmt: skip
        measure = Criticality(
            name=name, run=run_id, start={"run": run_id, "checkpoint": "initial"},
            end={"run": run_id, "checkpoint": "final"}, by=by, blocks=blocks, epsilon=0.01, final_error=0.0,
            alphas=ALPHAS, num_draws=1, num_examples=10,
        )  # fmt: skip
        write_measure(self.runs / run_id / "measures" / f"{name}.json", measure)
        return name

    def done(self, index, *made, error=""):
        """Say that the cell at a place has come to this."""
        cell = self.study.cells()[index]
        outcome = Outcome(label=cell.label, host="here", seconds=1.0, made=made, error=error)
        write_outcome(outcome_path(self.runs, self.study, cell), outcome)

    def finish(self, index, losses=None, *, step="", **figures):
        """A finished run of a cell with one curve."""
        run_id = f"run-{index}"
        self.run(run_id, **figures)
        self.curve(run_id, losses=losses)
        self.done(index, Made(step=step, run=run_id, status="finished", curves=("full",)))
        return run_id


@pytest.fixture
def place(tmp_path):
    """Builds a study of weight decays and seeds, with nothing done."""

    def make(decays=(0.0, 0.5), seeds=3, **about):
        known = {
            "name": "decay",
            "base": {"data": {"name": "digits"}},
            "grid": {"optimizer.weight_decay": list(decays)},
            "seeds": tuple(range(seeds)),
            "steps": (Step(kind="interpolate", options={"by": "block"}),),
        }
        return Place(runs=tmp_path / "runs", study=Study(**(known | about)))

    return make
