"""The derivation of $∂L/∂w_ki$ in numbers: one sample through every step, and the sum over samples.

$$
∂/∂w_ki ln P(y | x) = Σ_l (y_l / P_l) ∂P_l/∂w_ki                 the chain rule on ln
                    = Σ_l (y_l / P_l) P_l (δ_lk − P_k) φ_i       softmax of a = W φ
                    = Σ_l y_l (δ_lk − P_k) φ_i                   the P cancel
                    = (y_k − P_k) φ_i                            the y add up to 1
$$

with $P = softmax(a)$, $a_l = Σ_i w_li φ_i$. Here the steps are taken one by one; `model.gradient`
is where they lead, and tests hold the two together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError, ParameterError, WeightError
from softmax_core.features import Features
from softmax_core.gradient_check import Value
from softmax_core.inputs import (
    LARGEST_WEIGHT,
    as_count,
    as_entry,
    as_floats,
    as_labels,
    as_number,
    shortened,
)
from softmax_core.model import (
    Array,
    as_features,
    log_softmax,
    one_hot,
    scores,
    softmax,
    softmax_jacobian,
)
from softmax_core.objective import Objective
from softmax_core.optimizers import ascend


@dataclass(frozen=True, eq=False)
class Derivation:
    """Every intermediate result for one sample, in the order in which they are derived."""

    label: int
    features: Array  # φ (D,)
    scores: Array  # a (K,)
    probabilities: Array  # P (K,)
    seen: Array  # y (K,): 1 for the label, 0 elsewhere
    log_likelihood: float  # Σ_l y_l ln P_l
    factors: Array  # y_l / P_l (K,), infinite where P of the label has no number left
    jacobian: Array  # ∂P_l/∂a_k (K, K), row l, column k
    terms: Array  # y_l (δ_lk − P_k) (K, K), row l, column k: a factor times a row of the Jacobian
    residual: Array  # Σ_l of the terms: y_k − P_k (K,)
    gradient: Array  # (y_k − P_k) φ_i (K, D)

    @property
    def seen_terms(self) -> Array:
        """$y_l δ_lk$ (K, K): the first half of the terms; summed over l they are y_k."""
        return np.diag(self.seen)

    @property
    def expected_terms(self) -> Array:
        """$y_l P_k$ (K, K): the second half; summed over l they are P_k Σ_l y_l = P_k."""
        return np.outer(self.seen, self.probabilities)


def derive(weights: ArrayLike, features: Features, label: int) -> Derivation:
    """The derivation for one sample. Raises `WeightError`, `LabelError`, `FeatureError`."""
    if len(as_features(features)) != 1:
        raise LabelError(f"the derivation is of one sample, got {len(features)}")
    a = scores(weights, features)[0]
    classes = len(a)
    label = as_count(label, "the label", 0, classes - 1, LabelError)
    y = one_hot(np.array([label]), classes, a.dtype)[0]
    p = softmax(a)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.where(y == 0, 0, y / p)
    terms = y[:, None] * (np.eye(classes) - p)
    residual = terms.sum(axis=0)
    phi = features.values[0]
    return Derivation(
        label=label,
        features=phi,
        scores=a,
        probabilities=p,
        seen=y,
        log_likelihood=float(log_softmax(a)[label]),
        factors=factors,
        jacobian=softmax_jacobian(a),
        terms=terms,
        residual=residual,
        gradient=np.outer(residual, phi),
    )


@dataclass(frozen=True, eq=False)
class Contributions:
    """$∂L/∂w_ki$ as a sum: `terms` are $(y_nk − P(y_k | x_n)) φ_i(x_n)$, (N,)."""

    terms: Array

    @property
    def value(self) -> float:
        """$∂L/∂w_ki$."""
        return float(self.terms.sum())

    @property
    def pull_up(self) -> float:
        """The sum of the positive terms: digits of class i that are not sure enough."""
        return float(self.terms[self.terms > 0].sum())

    @property
    def pull_down(self) -> float:
        """The sum of the negative terms: digits of other classes that look like class i."""
        return float(self.terms[self.terms < 0].sum())

    @property
    def contributing(self) -> int:
        """The number of samples with φ_i ≠ 0: the others add nothing."""
        return int(np.count_nonzero(self.terms))

    def largest(self, count: int) -> NDArray[np.intp]:
        """The samples with the largest positive terms, the largest first; `count` at most."""
        return self._first(-self.terms, count)

    def smallest(self, count: int) -> NDArray[np.intp]:
        """The samples with the largest negative terms, the largest first; `count` at most."""
        return self._first(self.terms, count)

    def _first(self, keys: Array, count: int) -> NDArray[np.intp]:
        order = np.argsort(keys, kind="stable")[:count]
        return order[keys[order] < 0]


def contributions(
    weights: ArrayLike, features: Features, labels: ArrayLike, entry: tuple[int, int]
) -> Contributions:
    """What each sample adds to ∂L/∂w_ki, `entry` = (k, i): class and feature."""
    p = softmax(scores(weights, features))
    k, i = as_entry(entry, (p.shape[1], features.map.dimension))
    y = as_labels(labels, classes=p.shape[1], samples=len(features)) == k
    return Contributions((y - p[:, k]) * features.values[:, i])


@dataclass(frozen=True, eq=False)
class DifferenceErrors:
    """|finite difference − derivative| for each step h, (S,): one-sided and central."""

    steps: Array
    central_values: Array
    forward: Array
    central: Array

    @property
    def best(self) -> int:
        """Which step makes the smallest central error: where truncation meets rounding."""
        return int(self.central.argmin())


def difference_errors(
    value: Value,
    derivative: float,
    weights: ArrayLike,
    entry: tuple[int, int],
    steps: ArrayLike | None = None,
) -> DifferenceErrors:
    """How far finite differences of F = `value` are from ∂F/∂w_ki, for steps h.

    Forward (F(w + h) − F(w)) / h has a truncation error of order h, central
    (F(w + h) − F(w − h)) / 2h of order h²; rounding adds about ε |F| / h to both, ε = 2.2e-16.
    By default h = 10⁻¹², 10⁻¹¹, …, 10.
    """
    weights = as_floats(weights, "weights", WeightError).astype(np.float64)
    if weights.ndim != 2:
        raise WeightError(f"weights have the shape (K, D), got {weights.shape}")
    steps = np.logspace(-12, 1, 14) if steps is None else _as_steps(steps)
    unit = np.zeros_like(weights)
    unit[as_entry(entry, weights.shape)] = 1
    here = value(weights)
    ahead = np.array([value(weights + h * unit) for h in steps])
    behind = np.array([value(weights - h * unit) for h in steps])
    central = (ahead - behind) / (2 * steps)
    forward = (ahead - here) / steps
    return DifferenceErrors(
        steps, central, np.abs(forward - derivative), np.abs(central - derivative)
    )


def _as_steps(steps: ArrayLike) -> Array:
    given = as_floats(steps, "steps h > 0", ParameterError).astype(np.float64)
    if given.ndim != 1 or not 1 <= len(given) <= 1000 or not (given > 0).all():
        raise ParameterError(f"steps h are 1 to 1000 numbers > 0, got {shortened(given)}")
    return given


@dataclass(frozen=True, eq=False)
class StepTaken:
    """$W ← W + η ∇L$: what moved. `promised` is $η ‖∇L‖²$, the change of L for a very small η."""

    rate: float
    before: Array
    after: Array
    promised: float
    log_likelihoods: tuple[float, float]
    accuracies: tuple[float, float]

    @property
    def change(self) -> Array:
        """$η ∇L$ (K, D)."""
        return self.after - self.before

    @property
    def gained(self) -> float:
        """L after the step minus L before it: negative where η is too large."""
        return self.log_likelihoods[1] - self.log_likelihoods[0]


def take_step(objective: Objective, weights: ArrayLike, rate: float) -> StepTaken:
    """One step of gradient ascent from W, with the learning rate η = `rate`."""
    rate = as_number(rate, "the learning rate η", -LARGEST_WEIGHT, LARGEST_WEIGHT)
    before = objective.as_weights(weights)
    _, slope = objective.value_and_gradient(before)
    after, _ = ascend(objective, before, {}, {"learning_rate": rate})
    return StepTaken(
        rate,
        before,
        after,
        promised=float(rate * np.vdot(slope, slope)),
        log_likelihoods=(objective.log_likelihood(before), objective.log_likelihood(after)),
        accuracies=(objective.accuracy(before), objective.accuracy(after)),
    )
