"""A training run that can be gone through again: any epoch's figures and weights come back.

The figures of an epoch are five numbers and are kept for every epoch. A state is large: the
states of every `stride`-th epoch are kept, and the stride doubles whenever they outgrow their
budget. A state in between is trained again from the last one kept before it, which gives the
same bits, because `step` is a function of the state; where that would take longer than anyone
waits, the epoch is refused, so that no file can ask for it either.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.arrays import Member
from softmax_core.errors import DivergenceError, FileError, InputError, ParameterError, StoppedError
from softmax_core.inputs import (
    LONGEST_TEXT,
    MOST_EPOCHS,
    as_count,
    as_json,
    as_number,
    as_reals,
    shortened,
)
from softmax_core.objective import Absent, BaseObjective
from softmax_core.optimizers import optimizer
from softmax_core.training import (
    DIVERGED,
    ELSEWHERE,
    STATE_MEMBERS,
    Stop,
    TrainingState,
    step,
    verdict,
)

BUDGET = 16_000_000  # bytes for the states that are kept
MOST_WORK = 4 * 10**10  # multiplications to come to an epoch between them: some seconds
MOST_STATES = 400  # in a file


class Figures(NamedTuple):
    """What is known after an epoch, as in `EpochRecord`; NaN where it was not measured."""

    epoch: int
    log_likelihood: float
    accuracy: float
    gradient_norm: float
    held_out_log_likelihood: float = np.nan
    held_out_accuracy: float = np.nan


RUN_MEMBERS = {
    "history": Member("U", 1, LONGEST_TEXT),
    "figures": Member("f", MOST_EPOCHS * (len(Figures._fields) - 1)),
    **{
        rf"state_\d{{1,7}}_{name}": member._replace(times=MOST_STATES * member.times)
        for name, member in STATE_MEMBERS.items()
    },
}


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

    Of an `Absent` objective a run is what its file says: it can be looked at, and not go on.
    """

    def __init__(
        self,
        objective: BaseObjective,
        state: TrainingState,
        *,
        held_out: BaseObjective | None = None,
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
    def here(self) -> bool:
        """Whether the samples are here, so that the run can go on."""
        return not isinstance(self.objective, Absent)

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

    def measure(
        self,
        epoch: int | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        *,
        training: bool = True,
    ) -> Figures:
        """All figures of an epoch, by default the newest. Raises as `state_at` does.

        Without `training` the accuracy on the training samples is left out: they may be many.
        """
        state = self.state if epoch is None else self.state_at(epoch, should_stop)
        row = self._rows[self._index(state.epoch)]
        if self.here and training and np.isnan(row[1]):
            row[1] = self.objective.accuracy(state.weights)
        if self.here and self.held_out is not None and np.isnan(row[3]):
            row[3], row[4] = self.held_out.evaluate(state.weights)
        return self.figures_at(state.epoch)

    def set(self, *, epochs: int, parameters: Mapping[str, float]) -> None:
        """What may change in the middle of a run, from the next epoch on.

        A step that failed may be tried again with other parameters. Raises `ParameterError` for
        parameters that the optimiser does not take.
        """
        epochs = as_count(epochs, "the last epoch", 1, MOST_EPOCHS)
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

    def state_at(
        self, epoch: int, should_stop: Callable[[], bool] = lambda: False
    ) -> TrainingState:
        """The state after an epoch, bit by bit.

        Its parameters are those that led to it; what `set` changed holds for the newest alone.
        Raises `ParameterError` as `figures_at` does, and for an epoch too far from the states
        that are kept; `StoppedError` where `should_stop` says so between two epochs.
        """
        if self._index(epoch) == self._length - 1:
            return self.state
        state = self._states[max(kept for kept in self._states if kept <= epoch)]
        if not self.here and state.epoch != epoch:
            raise ParameterError(
                f"epoch {epoch} is not kept, and its digits are not here to train it again: the "
                f"last one before it is epoch {state.epoch}"
            )
        if self._seen is not None and state.epoch < self._seen.epoch <= epoch:
            state = self._seen
        work = (epoch - state.epoch) * self._work()
        if work > MOST_WORK and epoch > state.epoch + 1:
            after = min((e for e in (*self._states, self.epoch) if e > epoch), default=self.epoch)
            raise ParameterError(
                f"epoch {epoch} takes too long to be trained again: look at one soon after epoch "
                f"{state.epoch}, or at epoch {after}"
            )
        while state.epoch < epoch:
            if should_stop():
                self._seen = replace(state, parameters=self._parameters_of(state.epoch))
                raise StoppedError(f"looking back stopped at epoch {state.epoch} of {epoch}")
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
        while len(states) > 1 and (
            len(states) >= MOST_STATES or sum(map(_size, states.values())) > budget
        ):
            stride *= 2
            states = {e: s for e, s in states.items() if (e - self._first) % stride == 0}
        states = {**states, self.epoch: self.state}
        history = {
            "first": self._first,
            "epochs": self.epochs,
            "stride": stride,
            "tolerance": self.tolerance,
            "diverged": self._diverged is not None,
            "states": sorted(states),
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
        objective: BaseObjective,
        *,
        held_out: BaseObjective | None = None,
    ) -> "Run":
        """The inverse of `to_arrays`, for the objective of the run that was saved.

        Everything is held to what the file itself contains and to the objective: epochs to rows
        of figures, states to the rule that made them, the figures of the last one to its weights.
        Raises `FileError`.
        """
        try:
            history = as_json(arrays["history"], "the history of a run", FileError)
            figures = as_reals(arrays["figures"], "figures", FileError).astype(np.float64)
            states = {
                as_count(epoch, "an epoch", 0, MOST_EPOCHS): TrainingState.from_arrays(
                    _part(arrays, f"state_{epoch}_")
                )
                for epoch in _listed(history["states"], MOST_STATES)
            }
            parameters = {
                as_count(epoch, "an epoch", 0, MOST_EPOCHS): values
                for epoch, values in _listed(history["parameters"], MOST_EPOCHS)
            }
            last = states[max(states)]
            run = cls(
                objective,
                replace(last, weights=objective.as_weights(last.weights)),
                held_out=held_out,
                epochs=as_count(history["epochs"], "the last epoch", 1, MOST_EPOCHS),
                tolerance=as_number(history["tolerance"], "the tolerance", 0, 1e15),
            )
            run._restore(
                first=as_count(history["first"], "the first epoch", 0, last.epoch),
                stride=as_count(history["stride"], "the stride", 1, 2 * MOST_EPOCHS),
                figures=figures,
                states=states,
                parameters=parameters,
            )
            if history["diverged"] is True and run.here:
                run._try()
        except (KeyError, TypeError, ValueError) as error:
            reason = error if isinstance(error, InputError) else "something is missing"
            raise FileError(
                f"this file holds no training run that fits its data: {reason}"
            ) from error
        run.stop = run._verdict()
        return run

    def _restore(
        self,
        first: int,
        stride: int,
        figures: NDArray[np.float64],
        states: dict[int, TrainingState],
        parameters: dict[int, Mapping[str, float]],
    ) -> None:
        """Takes up the past of a run at its newest state. Raises `FileError` where it can't be."""
        last, known = self.state, self._rows[0]
        fits = (
            figures.shape == (last.epoch - first + 1, len(Figures._fields) - 1)
            and _are_figures(figures)
            and (
                not self.here
                or np.allclose(figures[-1, [0, 2]], known[[0, 2]], rtol=1e-6, atol=1e-9)
            )
        )
        if not fits:
            raise FileError("the figures of this training run do not fit its states")
        if sum(map(_size, states.values())) > BUDGET:
            raise FileError(f"the states of a run take at most {BUDGET / 1e6:.0f} MB")
        rule = optimizer(last.optimizer)
        for epoch, state in states.items():
            alike = (state.optimizer, state.seed, state.batch_size, state.l2) == (
                last.optimizer,
                last.seed,
                last.batch_size,
                self.objective.l2,
            )
            if not alike or state.epoch != epoch or state.weights.shape != last.weights.shape:
                raise FileError("the states of this training run are not of one run")
        if not min(states) == first == min(parameters, default=-1) or max(parameters) > last.epoch:
            raise FileError("this training run does not begin at its first epoch")
        for values in parameters.values():
            rule.check_parameters(values)
        if last.batch_size is not None and last.batch_size > len(self.objective):
            raise FileError(f"a batch has at most {len(self.objective)} samples")
        self._first, self._stride, self._states = first, stride, states
        self._rows, self._length = figures.copy(), len(figures)
        self._parameters = dict(sorted(parameters.items()))

    def _try(self) -> None:
        """Whether the next step fails, as it did before."""
        try:
            step(self.state, self.objective)
        except DivergenceError as error:
            self._diverged = Stop(DIVERGED, str(error))

    def _work(self) -> int:
        """Multiplications of an epoch, about."""
        samples, size = len(self.objective), self.state.batch_size
        updates = 1 if size is None else -(-samples // size)
        rule = optimizer(self.state.optimizer)
        classes, dimension = self.state.weights.shape
        return rule.multiplications(samples, classes, dimension, updates)

    def _take(self, state: TrainingState) -> None:
        if self._length == len(self._rows):
            more = np.full((max(64, self._length), self._rows.shape[1]), np.nan)
            self._rows = np.concatenate([self._rows, more])
        likelihood = norm = np.nan
        if self.here:
            _, gradient = self.objective.value_and_gradient(state.weights)
            likelihood = self.objective.log_likelihood(state.weights)
            norm = float(np.abs(gradient).max()) / len(self.objective)
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
        if not self.here:
            return Stop(ELSEWHERE, "its digits are not here, so that it can't go on")
        if self._diverged is not None:
            return self._diverged
        last = range(max(self._first + 1, self.epoch - 9), self.epoch + 1)
        recent = [self.figures_at(epoch) for epoch in (self._first, *last)]
        return verdict(
            recent, self.state, self.objective, epochs=self.epochs, tolerance=self.tolerance
        )

    def _index(self, epoch: int) -> int:
        if isinstance(epoch, bool) or not isinstance(epoch, int | np.integer):
            raise ParameterError(f"an epoch is an integer, got {shortened(epoch)}")
        if not self._first <= epoch < self._first + self._length:
            last = self._first + self._length - 1
            raise ParameterError(
                f"this run has the epochs {self._first} to {last}, got {shortened(epoch)}"
            )
        return int(epoch) - self._first

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


def _listed(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise FileError(f"a run lists 1 to {most:,} states and changes, got {shortened(value)}")
    return value


def _are_figures(rows: NDArray[np.float64]) -> bool:
    """Whether rows may be figures: L ≤ 0, accuracies 0..1, norms ≥ 0; unmeasured ones are NaN."""
    likelihood, accuracy, norm, held_out, held_out_accuracy = rows.T
    with np.errstate(invalid="ignore"):
        return bool(
            (np.abs(rows[:, [0, 2]]) <= 1e300).all()
            and (likelihood <= 1e-6).all()
            and (norm >= 0).all()
            and all(
                ((a >= 0) & (a <= 1) | np.isnan(a)).all() for a in (accuracy, held_out_accuracy)
            )
            and ((np.abs(held_out) <= 1e300) & (held_out <= 1e-6) | np.isnan(held_out)).all()
        )
