"""Training: a state, one epoch, and the loop, which sees an objective and never the data.

`step` is a function from state to state: nothing is half done when it fails, a state may be
kept, saved and resumed, and from the same state the same weights follow, bit by bit.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.arrays import Member
from softmax_core.errors import DivergenceError, FileError, InputError, ParameterError
from softmax_core.features import FEATURE_MAPS
from softmax_core.inputs import (
    LARGEST_L2,
    LARGEST_SEED,
    LARGEST_WEIGHT,
    LONGEST_TEXT,
    MOST_CLASSES,
    MOST_EPOCHS,
    as_count,
    as_json,
    as_number,
    as_own,
    as_reals,
    shortened,
)
from softmax_core.model import Array
from softmax_core.objective import BaseObjective
from softmax_core.optimizers import STEPS, Memory, Optimizer, optimizer

CONVERGED = "converged"
EPOCHS_REACHED = "epochs reached"
DIVERGED = "diverged"
STOPPED = "stopped"
ELSEWHERE = "elsewhere"

DIMENSIONS = sorted(phi.dimension for phi in FEATURE_MAPS.values())
MOST_SAMPLES = 100_000_000  # of a batch
STATE_MEMBERS = {
    "weights": Member("f", MOST_CLASSES * DIMENSIONS[-1]),
    "settings": Member("U", 1, LONGEST_TEXT),
    "memory_[a-z]{1,20}": Member("fi", STEPS * MOST_CLASSES * DIMENSIONS[-1], times=8),
}


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Everything that the next epoch depends on, beside the objective.

    `parameters` are the optimiser's, complete; `memory` is what it remembers; `batch_size` is
    None for full batches; the samples of an epoch are shuffled by `default_rng([seed, epoch])`.
    """

    weights: Array
    optimizer: str
    parameters: Mapping[str, float]
    memory: Memory
    epoch: int = 0
    seed: int = 0
    batch_size: int | None = None
    l2: float = 0.0

    def to_arrays(self) -> dict[str, NDArray]:
        """The state as named arrays, without pickled objects, e.g. for `np.savez`."""
        settings = {
            "optimizer": self.optimizer,
            "parameters": dict(self.parameters),
            "epoch": self.epoch,
            "seed": self.seed,
            "batch_size": self.batch_size,
            "l2": self.l2,
        }
        memory = {f"memory_{name}": array for name, array in self.memory.items()}
        return {"weights": self.weights, "settings": np.array(json.dumps(settings)), **memory}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> "TrainingState":
        """The inverse of `to_arrays`. Raises `FileError` for anything that it does not make."""
        if not {"weights", "settings"} <= set(arrays):
            raise FileError(
                "these arrays are not a training state: weights or settings are missing"
            )
        memory = {k.removeprefix("memory_"): arrays[k] for k in arrays if k.startswith("memory_")}
        settings = as_json(arrays["settings"], "the settings of a training state", FileError)
        if set(settings) != {"optimizer", "parameters", "epoch", "seed", "batch_size", "l2"}:
            raise FileError("these arrays are not a training state: it has other settings")
        try:
            return cls(weights=arrays["weights"], memory=memory, **settings)._checked()
        except InputError as error:
            raise FileError(f"these arrays are not a training state: {error}") from error

    def _checked(self) -> "TrainingState":
        """The state, if it is one that training makes. Raises `InputError`."""
        rule = optimizer(self.optimizer)
        weights = as_reals(self.weights, "weights (K, D)", FileError)
        fits = weights.ndim == 2 and 2 <= len(weights) <= MOST_CLASSES
        fits = fits and weights.shape[1] in DIMENSIONS
        if not fits or weights.dtype not in (np.float32, np.float64):
            raise FileError(f"no weights of classes and features are {shortened(weights)}")
        if not np.abs(weights).max() <= LARGEST_WEIGHT:
            raise FileError(f"weights are finite, and within ±{LARGEST_WEIGHT:g}")
        rule.check_memory(self.memory, len(weights), weights.shape[1])
        rule.check_parameters(self.parameters)
        as_count(self.epoch, "the epoch", 0, MOST_EPOCHS)
        as_count(self.seed, "the seed", 0, LARGEST_SEED)
        as_number(self.l2, "λ", 0, LARGEST_L2)
        if self.batch_size is not None:
            _check_batches(self.batch_size, rule, MOST_SAMPLES)
        return self


@dataclass(frozen=True)
class Stop:
    """Why training ended: `reason` is one of five words, `advice` says what to do next."""

    reason: str
    advice: str


@dataclass(frozen=True, eq=False)
class EpochRecord:
    """What is known after an epoch. L is a sum in nats, without the penalty.

    `gradient_norm` is the largest |∂F/∂w_ki| / N. Held-out figures are None where there is no
    held-out data; `stop` is None while training goes on.
    """

    epoch: int
    log_likelihood: float
    accuracy: float
    gradient_norm: float
    weights: Array = field(repr=False)
    held_out_log_likelihood: float | None = None
    held_out_accuracy: float | None = None
    seconds: float = 0.0
    stop: Stop | None = None


class Measured(Protocol):
    """Of the figures of an epoch those by which training is judged."""

    @property
    def epoch(self) -> int: ...
    @property
    def log_likelihood(self) -> float: ...
    @property
    def gradient_norm(self) -> float: ...


@dataclass(frozen=True, eq=False)
class Solution:
    """What `maximize` found: F(W) is `value`; `reason` as in `Stop`."""

    weights: Array
    value: float
    converged: bool
    iterations: int
    reason: str


def start(
    objective: BaseObjective,
    optimizer_name: str = "lbfgs",
    *,
    parameters: Mapping[str, float] | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    weights: ArrayLike | None = None,
) -> TrainingState:
    """The state before the first epoch; weights are zero unless others are given.

    Raises `ParameterError` for an unknown optimiser, a parameter out of range, or mini-batches
    with a rule that needs all samples; `WeightError` for weights that do not fit.
    """
    rule = optimizer(optimizer_name)
    objective = _as_objective(objective)
    if batch_size is not None:
        batch_size = _check_batches(batch_size, rule, len(objective))
    if weights is None:
        weights = objective.zeros()
    weights = objective.as_weights(weights)
    return TrainingState(
        weights=weights,
        optimizer=rule.name,
        parameters=rule.complete(objective, parameters),
        memory=rule.init(objective, weights),
        seed=as_count(seed, "the seed", 0, LARGEST_SEED),
        batch_size=batch_size,
        l2=objective.l2,
    )


def step(state: TrainingState, objective: BaseObjective) -> TrainingState:
    """One epoch: one update with all samples, or one with each mini-batch of them.

    Raises `DivergenceError` where weights grow without limit, `ParameterError` for an
    objective with another λ.
    """
    state = as_own(state, TrainingState, "a TrainingState")
    objective = _as_objective(objective)
    if objective.l2 != state.l2:
        raise ParameterError(f"training began with λ = {state.l2:g}, got {objective.l2:g}")
    rule = optimizer(state.optimizer)
    weights, memory = state.weights, state.memory
    with np.errstate(all="ignore"):
        for batch in _batches(state, objective):
            weights, memory = rule.update(batch, weights, memory, state.parameters)
            if not np.abs(weights).max() <= LARGEST_WEIGHT:
                raise DivergenceError(
                    f"Weights have grown beyond {LARGEST_WEIGHT:g}. " + _advice(state, objective)
                )
    return replace(state, weights=weights, memory=memory, epoch=state.epoch + 1)


def record(
    state: TrainingState,
    objective: BaseObjective,
    held_out: BaseObjective | None = None,
    seconds: float = 0.0,
) -> EpochRecord:
    """The figures of a state. With full batches the next `step` computes nothing twice."""
    value, gradient = objective.value_and_gradient(state.weights)
    held_out_figures = (None, None) if held_out is None else held_out.evaluate(state.weights)
    return EpochRecord(
        epoch=state.epoch,
        log_likelihood=value + objective.penalty(state.weights),
        accuracy=objective.accuracy(state.weights),
        gradient_norm=float(np.abs(gradient).max()) / len(objective),
        weights=state.weights,
        held_out_log_likelihood=held_out_figures[0],
        held_out_accuracy=held_out_figures[1],
        seconds=seconds,
    )


def verdict(
    records: Sequence[Measured],
    state: TrainingState,
    objective: BaseObjective,
    *,
    epochs: int | None = None,
    tolerance: float = 0.0,
) -> Stop | None:
    """Whether training that has left these records should end, and why.

    Converged: the gradient norm is at most `tolerance`. Diverged: the last 10 records are all
    worse than the first one and than equal probabilities for all classes.
    """
    last = records[-1]
    if last.gradient_norm <= tolerance:
        return Stop(CONVERGED, f"the gradient norm fell to {last.gradient_norm:.1e}")
    floor = min(records[0].log_likelihood, -len(objective) * np.log(objective.classes))
    if len(records) > 10 and all(r.log_likelihood < floor for r in records[-10:]):
        return Stop(DIVERGED, "L is worse than at the start. " + _advice(state, objective))
    if epochs is not None and last.epoch >= epochs:
        return Stop(EPOCHS_REACHED, f"{last.epoch} epochs were asked for; more may improve L")
    return None


def train(
    objective: BaseObjective,
    optimizer: str = "lbfgs",
    *,
    parameters: Mapping[str, float] | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int = 0,
    held_out: BaseObjective | None = None,
    tolerance: float = 0.0,
    weights: ArrayLike | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[EpochRecord]:
    """Train, and give a record of the start and of every epoch; the last one has a `stop`."""
    state = start(
        objective,
        optimizer,
        parameters=parameters,
        batch_size=batch_size,
        seed=seed,
        weights=weights,
    )
    epochs = as_count(epochs, "the number of epochs", 0, MOST_EPOCHS)
    tolerance = as_number(tolerance, "the tolerance", 0, 1e15)
    if held_out is not None:
        held_out = _as_objective(held_out)
    if not callable(should_stop):
        raise ParameterError(f"should_stop is a function, got {shortened(should_stop)}")
    began = time.perf_counter()
    records: list[EpochRecord] = []
    stop = None
    while stop is None:
        records.append(record(state, objective, held_out, time.perf_counter() - began))
        stop = verdict(records, state, objective, epochs=epochs, tolerance=tolerance)
        if stop is None and should_stop():
            stop = Stop(STOPPED, "training was stopped; it can go on from here")
        if stop is None:
            try:
                state = step(state, objective)
            except DivergenceError as error:
                stop = Stop(DIVERGED, str(error))
        yield replace(records[-1], stop=stop)


def maximize(
    objective: BaseObjective,
    *,
    optimizer: str = "lbfgs",
    parameters: Mapping[str, float] | None = None,
    tolerance: float = 1e-8,
    iterations: int = 10_000,
    weights: ArrayLike | None = None,
) -> Solution:
    """The weights at which F is greatest, to a gradient norm max |∂F/∂w_ki| / N ≤ tolerance."""
    state = start(objective, optimizer, parameters=parameters, weights=weights)
    tolerance = as_number(tolerance, "the tolerance", 0, 1e15)
    iterations = as_count(iterations, "the number of iterations", 0, MOST_EPOCHS)
    while True:
        value, gradient = objective.value_and_gradient(state.weights)
        converged = bool(np.abs(gradient).max() <= tolerance * len(objective))
        if converged or state.epoch >= iterations:
            reason = CONVERGED if converged else EPOCHS_REACHED
            return Solution(state.weights, value, converged, state.epoch, reason)
        try:
            state = step(state, objective)
        except DivergenceError:
            return Solution(state.weights, value, False, state.epoch, DIVERGED)


def _as_objective(objective: object) -> BaseObjective:
    if not isinstance(objective, BaseObjective):
        raise ParameterError(f"training is of an Objective, got {shortened(objective)}")
    return objective


def _check_batches(size: object, rule: Optimizer, samples: int) -> int:
    if not rule.minibatch:
        raise ParameterError(f"{rule.title} needs all samples at once: no mini-batches")
    return as_count(size, "the number of samples in a batch", 1, samples)


def _batches(state: TrainingState, objective: BaseObjective) -> Iterable[BaseObjective]:
    if state.batch_size is None:
        return (objective,)
    return objective.shuffled(state.batch_size, np.random.default_rng([state.seed, state.epoch]))


def _advice(state: TrainingState, objective: BaseObjective) -> str:
    rate = state.parameters.get("learning_rate")
    if rate is None:
        return "Start again from zero weights."
    default = optimizer(state.optimizer).complete(objective)["learning_rate"]
    better = default if default < rate else rate / 10
    return f"The learning rate {rate:g} is too high: try {better:.2g}."
