"""What the Draw page shows of one input: everything that follows from it, as it is asked for."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pages.ui.cached import keep_by_model
from pages.ui.session import Session, known_of
from softmax_core import SoftmaxModel, prepare, unpack
from softmax_core.drawing import Prepared
from softmax_core.errors import InputError
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
from softmax_core.neighbours import Known, hamming, nearest

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
    def known(self) -> Known | None:
        """The training digits that the verdict compares with; None where none fit the model."""
        return known_of(self.state.model)

    @cached_property
    def near(self) -> tuple[Near, ...]:
        """The training digits that differ least; none where no digits fit the model."""
        if self.known is None:
            return ()
        rows, distances = nearest(self.known.codes, self.grid, NEAREST)
        grids, labels = unpack(self.known.codes[rows]), self.known.labels[rows]
        return tuple(
            Near(grid, self.state.model.classes[label], int(distance))
            for grid, label, distance in zip(grids, labels, distances, strict=True)
        )

    @property
    def rival(self) -> int:
        """The class that a person would think of next: that of the nearest digit of another class;
        where the model is in doubt, or no digits are at hand, the second best."""
        best, second = self.answer.order[:2]
        others = () if self.known is None else np.flatnonzero(self.known.labels != best)
        if self.answer.probabilities[second] >= DOUBTFUL or not len(others):
            return second
        differ = hamming(self.known.codes[others], self.grid)
        return int(self.known.labels[others[differ.argmin()]])

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
    """The evidence in the average training digit; where no digits fit, in a blank grid."""
    known = known_of(model)
    grids = np.zeros((1, 8, 8), bool) if known is None else unpack(known.codes)
    return average_evidence(model, grids)
