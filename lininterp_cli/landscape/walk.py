"""Measuring a line: decides which points are measured on which examples until the curve is as precise as asked.

The examples of a split are taken in its one seeded order, chunk by chunk, so that those measured at any moment are a
simple random sample.  All outcomes are read from the ledger; one that is there is never measured again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import torch

from lininterp_cli.landscape.crew import Crew, Points
from lininterp_cli.landscape.curves.barrier import BARRIERS, Interval
from lininterp_cli.landscape.curves.curve import Metric, Series, Values
from lininterp_cli.landscape.curves.placement import next_alphas
from lininterp_cli.landscape.intervals.interval import intervals
from lininterp_cli.landscape.intervals.looks import looks
from lininterp_cli.landscape.ledger import Ledger
from lininterp_cli.landscape.question import Question
from lininterp_cli.models.blocks import Group
from lininterp_cli.training.batches import cut
from lininterp_cli.training.evaluation import Metrics, metrics_of

NUM_PILOT = 256
"""Examples whose losses adaptive placement uses: the first ones, which are measured anyway."""


class Walk:
    """Measures the paths of one line as a question asks.

    Args:
        crew: The devices that measure the line.
        ledger: The ledger that they write outcomes to.
        question: The settings of the curve.
        definition: The definition of the barrier that is to be precise.
        keys: The name under which the ledger holds each path.
        sizes: How many examples of each split to use at most.
        batch_size: Examples in one chunk.
    """

    def __init__(
        self,
        crew: Crew,
        ledger: Ledger,
        question: Question,
        definition: str,
        keys: Sequence[str],
        sizes: Mapping[str, int],
        batch_size: int,
    ) -> None:
        self._crew, self._ledger, self._question, self._definition = crew, ledger, question, definition
        self._keys, self._sizes, self._batch_size = keys, sizes, batch_size
        given = question.alphas if question.num_placed is None else ()
        self._alphas: Points = dict.fromkeys(range(len(keys)), given)
        self._num_done = {split: [0] * len(keys) for split in sizes}
        precise = question.precision is not None
        self._stops = {split: looks(size) if precise else (size,) for split, size in sizes.items()}

    @property
    def has_begun(self) -> bool:
        """Whether every path has measurements on some split."""
        return any(all(numbers) for numbers in self._num_done.values())

    def run(self) -> Iterator[None]:
        """Measure until the question is answered.

        Yields:
            Nothing, after every chunk and every round of placement; all outcomes up to there are in the ledger.
        """
        if self._question.num_placed is not None:
            yield from self._place(next(iter(self._sizes)), self._question.num_placed)
        for split, stops in self._stops.items():
            asked = list(self._alphas)
            for begin, end in zip((0, *stops), stops, strict=False):
                for num in self._measure(split, begin, end, {index: self._alphas[index] for index in asked}):
                    grown = [index for index in asked if num > self._num_done[split][index]]
                    for index in grown:
                        self._num_done[split][index] = num
                    if grown:
                        yield
                # A path that is precise enough is dropped, so that a noisy one does not keep the others measuring.
                asked = [index for index in asked if not self._is_answered(split, index)]
                if not asked:
                    break

    def series(self, moving: Sequence[tuple[str | None, Group, float]], sizes: Mapping[str, int]) -> tuple[Series, ...]:
        """The measurements so far.

        Args:
            moving: The block, the group and the distance between its ends, for each path.
            sizes: How many examples each whole split holds.

        Returns:
            One series for each path, with the splits on which every path has measurements.
        """
        done = [split for split, numbers in self._num_done.items() if all(numbers)]
        everything = tuple(BARRIERS)

        def found(index: int, metric: Metric) -> dict[str, dict[str, Interval]]:
            known = {split: self._intervals(index, split, everything, metric) for split in done}
            return {split: named for split, named in known.items() if named}

        return tuple(
            Series(
                block=block,
                tensors=group.entries,
                distance=moved,
                alphas=self._alphas[index],
                splits={split: self._values(index, split, sizes[split]) for split in done},
                intervals=found(index, "loss"),
                accuracy_intervals=found(index, "accuracy"),
            )
            for index, (block, group, moved) in enumerate(moving)
        )

    def _place(self, split: str, max_points: int) -> Iterator[None]:
        """Place each path's positions adaptively, by its mean losses on the first examples."""
        num = min(NUM_PILOT, self._sizes[split])
        waiting = list(self._alphas)
        while True:
            wanted = {index: self._wanted(index, split, num, max_points) for index in waiting}
            new = {index: alphas for index, alphas in wanted.items() if alphas}
            if not new:
                return
            for _ in self._measure(split, 0, num, new):
                pass  # a new position counts only after the round
            for index, alphas in new.items():
                self._alphas[index] = tuple(sorted({*self._alphas[index], *alphas}))
                self._num_done[split][index] = num
            waiting = list(new)
            yield

    def _wanted(self, index: int, split: str, num: int, max_points: int) -> tuple[float, ...]:
        """The positions to measure next on a path, by its mean losses on the first examples."""
        alphas = self._alphas[index]
        losses = self._losses(index, split, num).mean(axis=0).tolist() if alphas else []
        return next_alphas(alphas, losses, self._question.tolerance, max_points)

    def _measure(self, split: str, begin: int, end: int, points: Points) -> Iterator[int]:
        """Measure points on the examples from `begin` to `end`; yield the number of examples done after each chunk."""
        if self._question.own_batch_size is not None:
            # Batches that normalise themselves affect values, so they are cut the same way for every range.
            chunks = [
                rows for rows in cut(self._sizes[split], self._batch_size) if begin < rows.stop and rows.start < end
            ]
        else:
            begin = max(begin, self._num_known(split, points))
            parts = cut(end - begin, self._batch_size) if begin < end else []
            chunks = [slice(begin + rows.start, begin + rows.stop) for rows in parts]
        for job in self._crew.measure([self._crew.lacks(split, rows, points) for rows in chunks]):
            yield min(job.rows.stop, end)
        if not chunks:
            yield end

    def _num_known(self, split: str, points: Points) -> int:
        """How many examples are measured at every one of some points."""
        places = [(self._keys[index], alpha) for index, alphas in points.items() for alpha in alphas]
        return min((self._ledger.num_known(split, place) for place in places), default=0)

    def _is_answered(self, split: str, index: int) -> bool:
        """Whether a path's barrier is as precise as asked, or will never be defined."""
        question = self._question
        if question.precision is None:
            return False
        known = self._intervals(index, split, (self._definition,), question.metric).get(self._definition)
        if known is None:
            # A loss that the barrier needs is not finite, and a mean that was not finite once stays so.
            return self._num_done[split][index] > 1
        return known.half_width <= question.precision

    def _intervals(self, index: int, split: str, definitions: Collection[str], metric: Metric) -> dict[str, Interval]:
        num = self._num_done[split][index]
        # A preview between two planned looks, or a stop there, counts as one more look.
        planned = tuple(sorted({*self._stops[split], num}))
        if metric == "loss":
            return intervals(self._alphas[index], self._losses(index, split, num), planned, definitions=definitions)
        errors = ~self._ledger.correct(split, self._keys[index], self._alphas[index], num)
        return intervals(self._alphas[index], errors.astype(np.float64), planned, definitions=definitions, binary=True)

    def _losses(self, index: int, split: str, num: int) -> np.ndarray:
        return self._ledger.losses(split, self._keys[index], self._alphas[index], num)

    def _values(self, index: int, split: str, split_size: int) -> Values:
        num = self._num_done[split][index]
        losses = torch.from_numpy(self._losses(index, split, num))
        correct = torch.from_numpy(self._ledger.correct(split, self._keys[index], self._alphas[index], num))
        # The same sums as for a run's own metrics, so that both agree exactly.
        metrics: list[Metrics] = [
            metrics_of(one, right) for one, right in zip(losses.unbind(1), correct.unbind(1), strict=True)
        ]
        return Values(
            split_size=split_size,
            num_examples=num,
            loss=tuple(one.loss for one in metrics),
            loss_stderr=tuple(one.loss_stderr for one in metrics),
            accuracy=tuple(one.accuracy for one in metrics),
        )
