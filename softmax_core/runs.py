"""A training run that can be gone through again: any epoch's figures and weights come back.

The figures of an epoch are five numbers and are kept for every epoch. A state is large: the
states of every `stride`-th epoch are kept, and the stride doubles whenever they outgrow their
budget. A state in between is trained again from the last one kept before it, which gives the
same bits, because `step` is a function of the state.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import DivergenceError, FileError, ParameterError
from softmax_core.objective import Objective
from softmax_core.optimizers import optimizer
from softmax_core.training import DIVERGED, Stop, TrainingState, step, verdict

BUDGET = 16_000_000  # bytes for the states that are kept


class Figures(NamedTuple):
    """What is known after an epoch, as in `EpochRecord`; NaN where it was not measured."""

    epoch: int
    log_likelihood: float
    accuracy: float
    gradient_norm: float
    held_out_log_likelihood: float = np.nan
    held_out_accuracy: float = np.nan


class Span(NamedTuple):
    """The epochs from `first` to `last`, both included, and what the steps to them took."""

    first: int
    last: int
    parameters: Mapping[str, float]


class Run:
    """Training, one epoch at a time, with its past.

    `state` is the newest state, `stop` says why the run can't go on (None while it can), and
    `epochs` is the epoch at which it shall end. L and the gradient norm are known in every epoch;
    accuracy and the held-out figures where `measure` is called, since they cost an epoch more.
    """

    def __init__(
        self,
        objective: Objective,
        state: TrainingState,
        *,
        held_out: Objective | None = None,
        epochs: int = 100,
        tolerance: float = 1e-9,
        budget: int = BUDGET,
    ):
        self.objective, self.held_out = objective, held_out
        self.epochs, self.tolerance, self.budget = epochs, tolerance, budget
        self.state = state
        self.stop: Stop | None = None
        self._diverged: Stop | None = None  # of a step that could not be made
        self._rows = np.empty((0, len(Figures._fields) - 1))
        self._length = 0
        self._first = state.epoch
        self._states: dict[int, TrainingState] = {}
        self._seen: TrainingState | None = None  # the last one that was trained again
        self._stride = 1
        self._parameters: dict[int, Mapping[str, float]] = {}
        self._take(state)

    @property
    def epoch(self) -> int:
        """The number of epochs so far."""
        return self.state.epoch

    @property
    def stride(self) -> int:
        """States are kept of every `stride`-th epoch."""
        return self._stride

    @property
    def kept(self) -> tuple[TrainingState, ...]:
        """The states that are there without training again, by epoch: the newest is the last."""
        states = {**self._states, self.epoch: self.state}
        return tuple(states[epoch] for epoch in sorted(states))

    @property
    def trained_with(self) -> tuple[Span, ...]:
        """The optimiser's parameters of every epoch since the first, by span; none before one."""
        firsts = sorted(self._parameters)
        lasts = [*(epoch - 1 for epoch in firsts[1:]), self.epoch]
        return tuple(
            Span(max(first, self._first + 1), last, self._parameters[first])
            for first, last in zip(firsts, lasts, strict=True)
            if last > self._first
        )

    def advance(self) -> None:
        """One epoch. Where weights cease to be finite, `stop` says so and nothing else changes."""
        try:
            state = step(self.state, self.objective)
        except DivergenceError as error:
            self.stop = self._diverged = Stop(DIVERGED, str(error))
            return
        self._take(state)

    def measure(self, epoch: int | None = None) -> Figures:
        """All figures of an epoch, by default the newest. Raises as `state_at` does."""
        state = self.state if epoch is None else self.state_at(epoch)
        row = self._rows[self._index(state.epoch)]
        if np.isnan(row[1]):
            row[1] = self.objective.accuracy(state.weights)
            if self.held_out is not None:
                row[3] = self.held_out.log_likelihood(state.weights)
                row[4] = self.held_out.accuracy(state.weights)
        return self.figures_at(state.epoch)

    def set(self, *, epochs: int, parameters: Mapping[str, float]) -> None:
        """What may change in the middle of a run, from the next epoch on.

        A step that failed may be tried again with other parameters. Raises `ParameterError` for
        parameters that the optimiser does not take.
        """
        complete = optimizer(self.state.optimizer).complete(self.objective, parameters)
        if complete != self.state.parameters:
            self.state = replace(self.state, parameters=complete)
            self._diverged = None
        self.epochs = epochs
        self.stop = self._verdict()

    def figures_at(self, epoch: int) -> Figures:
        """Raises `ParameterError` for an epoch that has not been."""
        return Figures(epoch, *self._rows[self._index(epoch)].tolist())

    def curve(self, name: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The epochs in which a figure was measured, and its values: no NaN, no infinity."""
        values = self._rows[: self._length, Figures._fields.index(name) - 1]
        (measured,) = np.nonzero(np.isfinite(values))
        return measured + self._first, values[measured]

    def state_at(self, epoch: int) -> TrainingState:
        """The state after an epoch, bit by bit. Raises `ParameterError` as `figures_at` does.

        Its parameters are those that led to it; what `set` changed holds for the newest alone.
        """
        if self._index(epoch) == self._length - 1:
            return self.state
        state = self._states[max(kept for kept in self._states if kept <= epoch)]
        if self._seen is not None and state.epoch < self._seen.epoch <= epoch:
            state = self._seen
        while state.epoch < epoch:
            parameters = self._parameters_of(state.epoch + 1)
            state = step(replace(state, parameters=parameters), self.objective)
        state = replace(state, parameters=self._parameters_of(epoch))
        if epoch not in self._states:
            self._seen = state
        return state

    def rewind(self, epoch: int) -> None:
        """Back to an epoch, as if the later ones had not been."""
        if epoch != self.epoch:
            self.state = self.state_at(epoch)
            self._seen = self._diverged = None
            self._length = self._index(epoch) + 1
            self._states = {e: state for e, state in self._states.items() if e <= epoch}
            self._parameters = {e: p for e, p in self._parameters.items() if e <= epoch}
            self.stop = self._verdict()

    def to_arrays(self, budget: int = 2_000_000) -> dict[str, NDArray]:
        """The run as named arrays, with as many states as fit the budget, and always the last.

        What comes back by `from_arrays` goes on bit by bit as this run would.
        """
        states, stride = self._states, self._stride
        while len(states) > 1 and sum(map(_size, states.values())) > budget:
            stride *= 2
            states = {e: s for e, s in states.items() if (e - self._first) % stride == 0}
        states = {**states, self.epoch: self.state}
        history = {
            "first": self._first,
            "epochs": self.epochs,
            "stride": stride,
            "tolerance": self.tolerance,
            "diverged": self._diverged is not None,
            "states": list(states),
            "parameters": [[e, dict(p)] for e, p in self._parameters.items()],
        }
        return {
            "history": np.array(json.dumps(history)),
            "figures": self._rows[: self._length].copy(),
            **{
                f"state_{epoch}_{name}": array
                for epoch, state in states.items()
                for name, array in state.to_arrays().items()
            },
        }

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, NDArray],
        objective: Objective,
        *,
        held_out: Objective | None = None,
    ) -> "Run":
        """The inverse of `to_arrays`, for the objective of the run that was saved.

        One epoch is tried, so that a run that comes back does go on. Raises `FileError`.
        """
        try:
            history = json.loads(str(arrays["history"]))
            states = {
                int(epoch): TrainingState.from_arrays(_part(arrays, f"state_{epoch}_"))
                for epoch in history["states"]
            }
            last, stop = states[max(states)], None
            try:
                step(last, objective)
            except DivergenceError as error:
                stop = Stop(DIVERGED, str(error))
            run = cls(
                objective,
                last,
                held_out=held_out,
                epochs=int(history["epochs"]),
                tolerance=float(history["tolerance"]),
            )
            run._diverged = stop if history["diverged"] else None
            figures = np.asarray(arrays["figures"], dtype=np.float64)
            run._first, run._stride = int(history["first"]), int(history["stride"])
            run._parameters = {int(epoch): p for epoch, p in history["parameters"]}
            run._rows, run._length = figures.copy(), len(figures)
            fits = (
                figures.shape == (last.epoch - run._first + 1, len(Figures._fields) - 1)
                and run._stride >= 1
                and min(states) == run._first == min(run._parameters)
            )
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise FileError("this file holds no training run that fits its data") from error
        if not fits:
            raise FileError("the figures and the states of this training run do not fit")
        run._states = states
        run.stop = run._verdict()
        return run

    def _take(self, state: TrainingState) -> None:
        if self._length == len(self._rows):
            more = np.full((max(64, self._length), self._rows.shape[1]), np.nan)
            self._rows = np.concatenate([self._rows, more])
        _, gradient = self.objective.value_and_gradient(state.weights)
        likelihood = self.objective.log_likelihood(state.weights)
        norm = np.abs(gradient).max() / len(self.objective)
        self._rows[self._length] = likelihood, np.nan, norm, np.nan, np.nan
        self._length += 1
        self.state = state
        if not self._parameters or self._parameters_of(state.epoch) != state.parameters:
            self._parameters[state.epoch] = state.parameters
        if (state.epoch - self._first) % self._stride == 0:
            self._states[state.epoch] = state
            while len(self._states) > max(2, self.budget // _size(state)):
                self._stride *= 2
                self._states = {
                    e: s for e, s in self._states.items() if (e - self._first) % self._stride == 0
                }
        self.stop = self._verdict()

    def _verdict(self) -> Stop | None:
        if self._diverged is not None:
            return self._diverged
        last = range(max(self._first + 1, self.epoch - 9), self.epoch + 1)
        recent = [self.figures_at(epoch) for epoch in (self._first, *last)]
        return verdict(
            recent, self.state, self.objective, epochs=self.epochs, tolerance=self.tolerance
        )

    def _index(self, epoch: int) -> int:
        if not self._first <= epoch < self._first + self._length:
            last = self._first + self._length - 1
            raise ParameterError(f"this run has the epochs {self._first} to {last}, got {epoch}")
        return epoch - self._first

    def _parameters_of(self, epoch: int) -> Mapping[str, float]:
        """The parameters with which the step to this epoch was made."""
        return self._parameters[max(e for e in self._parameters if e <= epoch)]


def thinned(values: ArrayLike, points: int) -> NDArray[np.intp]:
    """At most `points` indices of a curve, 8 or more; a short curve keeps every index.

    The first half of them is the beginning, where most happens. The rest of the curve is cut
    into pieces, of which the lowest and the highest value and the very last one are kept.
    """
    values = np.asarray(values)
    if len(values) <= points:
        return np.arange(len(values))
    whole, last = points // 2, len(values) - 1
    width = -(-(len(values) - whole) // (points // 4 - 1))
    pieces = np.pad(values[whole:], (0, (whole - len(values)) % width), mode="edge")
    pieces = pieces.reshape(-1, width)
    starts = whole + np.arange(len(pieces)) * width
    extremes = np.concatenate([starts + pieces.argmin(axis=1), starts + pieces.argmax(axis=1)])
    return np.unique([*range(whole), *np.minimum(extremes, last), last])


def _size(state: TrainingState) -> int:
    return state.weights.nbytes + sum(array.nbytes for array in state.memory.values())


def _part(arrays: Mapping[str, NDArray], prefix: str) -> dict[str, NDArray]:
    return {name[len(prefix) :]: arrays[name] for name in arrays if name.startswith(prefix)}
