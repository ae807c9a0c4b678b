"""What the Draw page shows of one input: everything that follows from it, as it is asked for."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pages.ui.cached import digits, keep_by_model
from pages.ui.session import Session
from softmax_core import Dataset, SoftmaxModel, pack, prepare, unpack
from softmax_core.drawing import Prepared
from softmax_core.errors import InputError
from softmax_core.evaluation import dataset_for
from softmax_core.explain import (
    Answer,
    Evidence,
    Flip,
    Verdict,
    average_evidence,
    evidence_of,
    flips,
)
from softmax_core.grids import Grid

NEAREST = 5
DOUBTFUL = 0.05  # P of the second best class from which on it is the rival


@dataclass(frozen=True, eq=False)
class Near:
    """A training digit: its grid, its class, and in how many pixels it differs."""

    grid: Grid
    label: str
    distance: int


@dataclass
class Reading:
    """`refused` says why there is no answer at all."""

    state: Session
    refused: str = ""

    @cached_property
    def prepared(self) -> Prepared:
        try:
            return self.state.prepared()
        except InputError as error:
            self.refused = str(error)
            return prepare([], self.state.model.preparation)

    @cached_property
    def grid(self) -> Grid:
        return self.prepared.grid if self.state.edited is None else self.state.edited

    @cached_property
    def answer(self) -> Answer:
        found = self.state.answer_of(self.state.model, self.prepared)
        return replace(found, verdict=Verdict.BLANK) if self.refused else found

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Single pixels that change the answer; none where there is none to be changed."""
        return flips(self.state.model, self.grid) if self.answer.has_class else ()

    @cached_property
    def _differences(self) -> tuple[Dataset, NDArray] | None:
        """The data that fit the model, and in how many pixels each training digit differs."""
        try:
            data = digits(dataset_for(self.state.model))
        except InputError:
            return None
        return data, np.bitwise_count(data.train.codes ^ pack(self.grid)[0])

    @cached_property
    def near(self) -> tuple[Near, ...]:
        """The training digits that differ least; none where no data set fits the model."""
        if self._differences is None:
            return ()
        data, differ = self._differences
        rows = np.argpartition(differ, NEAREST)[:NEAREST]
        rows = rows[np.argsort(differ[rows], kind="stable")]
        grids, labels = unpack(data.train.codes[rows]), data.train.labels[rows]
        return tuple(
            Near(grid, data.classes[label], int(differ[row]))
            for grid, label, row in zip(grids, labels, rows, strict=True)
        )

    @property
    def rival(self) -> int:
        """The class that a person would think of next: that of the nearest digit of another class;
        where the model is in doubt, or no digits are at hand, the second best."""
        best, second = self.answer.order[:2]
        if self.answer.probabilities[second] >= DOUBTFUL or self._differences is None:
            return second
        data, differ = self._differences
        others = np.flatnonzero(data.train.labels != best)
        return int(data.train.labels[others[differ[others].argmin()]])

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """For each class, as a change from the average digit; where there is none, from a blank
        grid."""
        there = average(self.state.model)
        return tuple(
            one.since(other)
            for one, other in zip(evidence_of(self.state.model, self.grid), there, strict=True)
        )


@keep_by_model
def average(model: SoftmaxModel) -> tuple[Evidence, ...]:
    """The evidence in the average training digit; where no data set fits, in a blank grid."""
    try:
        data = digits(dataset_for(model)).train
    except InputError:
        return evidence_of(model, np.zeros((8, 8), bool))
    return average_evidence(model, unpack(data.codes))
