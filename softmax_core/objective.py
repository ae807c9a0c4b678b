"""The objective that training maximises, with its derivatives, for speed.

The same mathematics as in model.py, held to it by tests, in the form that the machine likes:
what does not depend on the weights is computed once, scores are (K, n) so that every operation
on them runs along memory, and samples pass in blocks through buffers that are made once.
"""

from collections.abc import Iterator, Sized
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError, WeightError
from softmax_core.features import BIAS, Features
from softmax_core.model import (
    Array,
    as_features,
    as_l2,
    as_labels,
    as_weights,
    hessian,
    one_hot,
    penalty,
)

BLOCK = 1500  # samples: a block of Φ, read by two products, stays in a core's cache


class Objective:
    """F(W) = L(W) − (λ/2) Σ_k Σ_{i≥1} w_ki² on given samples, its gradient and Hessian.

    `features` and `labels` are the N samples; `classes` is K or the K names (by default as
    many as the labels name), `l2` is λ. F has the type of the features: float32 or float64.
    An objective reuses its buffers: one thread at a time.

    Raises `FeatureError`, `LabelError`, `ParameterError`; its methods raise `WeightError`.
    """

    def __init__(
        self,
        features: Features,
        labels: ArrayLike,
        *,
        classes: int | Sized | None = None,
        l2: float = 0.0,
        scale: float = 1.0,
    ):
        if classes is None:
            classes = int(np.max(labels, initial=0)) + 1
        self.classes = len(classes) if isinstance(classes, Sized) else int(classes)
        if self.classes < 2:
            raise LabelError(f"at least 2 classes are needed, got {self.classes}")
        self.features = as_features(features)
        self.labels = as_labels(labels, features, self.classes)
        self.l2 = as_l2(l2)
        self.scale = scale
        phi = features.values
        self._seen = one_hot(self.labels, self.classes, phi.dtype).T @ phi
        self._shrinkage = np.full(phi.shape[1], self.l2, phi.dtype)
        self._shrinkage[BIAS] = 0
        self._blocks = [phi[first : first + BLOCK] for first in range(0, len(phi), BLOCK)]
        size = len(self._blocks[0])
        self._scores = np.empty(self.classes * size, phi.dtype)
        self._top, self._total = np.empty((2, size), phi.dtype)
        self._product = np.empty_like(self._seen)
        self._last: tuple[Array, float, Array] | None = None

    def __len__(self) -> int:
        return len(self.features)

    def zeros(self) -> Array:
        """W = 0, (K, D), where training starts: every class is equally probable."""
        return np.zeros((self.classes, self.features.map.dimension), self.features.values.dtype)

    def as_weights(self, weights: ArrayLike) -> Array:
        """A copy of weights (K, D) in the type of the features. Raises `WeightError`."""
        weights = as_weights(weights, self.features)
        if len(weights) != self.classes:
            raise WeightError(f"expected weights of {self.classes} classes, got {len(weights)}")
        return weights.astype(self._seen.dtype)

    def value_and_gradient(self, weights: ArrayLike) -> tuple[float, Array]:
        """F(W) and ∂F/∂W (K, D).

        The gradient is a new array, and read-only. Asked again for the weights of the last
        call, the objective answers without computing.
        """
        weights = self.as_weights(weights)
        if self._last is None or not np.array_equal(weights, self._last[0]):
            gradient, normaliser = self._seen.copy(), 0.0
            for phi, p, log_total in self._probabilities(weights):
                gradient -= np.matmul(p, phi, out=self._product)
                normaliser += log_total
            if self.scale != 1:
                gradient *= self.scale
            gradient -= np.multiply(weights, self._shrinkage, out=self._product)
            gradient.flags.writeable = False
            value = self._likelihood(weights, normaliser) - self.penalty(weights)
            self._last = weights, value, gradient
        return self._last[1:]

    def value(self, weights: ArrayLike) -> float:
        """F(W)."""
        return self.value_and_gradient(weights)[0]

    def penalty(self, weights: ArrayLike) -> float:
        """(λ/2) Σ_k Σ_{i≥1} w_ki²."""
        return penalty(weights, self.l2)

    def log_likelihood(self, weights: ArrayLike) -> float:
        """L(W): F without the penalty."""
        return self.value(weights) + self.penalty(weights)

    def evaluate(self, weights: ArrayLike) -> tuple[float, float]:
        """L(W), and the share of samples whose most probable class is their label.

        Cheaper than a gradient: for held-out data.
        """
        weights = self.as_weights(weights)
        predicted, normaliser = [], 0.0
        for _, p, log_total in self._probabilities(weights):
            predicted.append(p.argmax(axis=0))
            normaliser += log_total
        correct = np.count_nonzero(np.concatenate(predicted) == self.labels)
        return self._likelihood(weights, normaliser), float(correct / len(self))

    def accuracy(self, weights: ArrayLike) -> float:
        """The share of samples whose most probable class is their label."""
        return self.evaluate(weights)[1]

    def hessian(self, weights: ArrayLike) -> Array:
        """∂²F/∂W², (KD, KD), row k·D + i."""
        result = self.scale * hessian(weights, self.features)
        result[np.diag_indices_from(result)] -= np.tile(self._shrinkage, self.classes)
        return result

    def mean_curvature(self, weights: ArrayLike) -> Array:
        """Σ_n c_n φ_n φ_nᵀ + λ, c_n = Σ_k p_nk (1 − p_nk) / (K − 1), (D, D): one for all classes.

        On gradients, whose sum over the classes is zero, −∂²F/∂W² is this for every class where
        all of them are equally probable, and near it elsewhere.
        """
        result = np.diag(self._shrinkage)
        for phi, p, _ in self._probabilities(self.as_weights(weights)):
            c = self.scale / (self.classes - 1) * (1 - np.square(p).sum(axis=0))
            weighted = phi * np.sqrt(c, dtype=phi.dtype)[:, None]
            result += weighted.T @ weighted
        return result

    @cached_property
    def gram(self) -> Array:
        """ΦᵀΦ (D, D). ½ΦᵀΦ + λ bounds the curvature of F in every class's weights."""
        return self.scale * (self.features.values.T @ self.features.values)

    @cached_property
    def safe_rate(self) -> float:
        """1 / (½‖ΦᵀΦ‖₂ + λ): gradient ascent with at most this rate never lowers F."""
        return float(1 / (np.linalg.norm(self.gram, 2) / 2 + self.l2))

    def batches(self, size: int, order: NDArray[np.integer]) -> Iterator["Objective"]:
        """Mini-batches of `size` samples in the given order, each an estimate of this objective.

        L of a batch is scaled by N/n, so that its expectation is L of all samples and a
        learning rate means the same for every batch size.
        """
        features, labels = self.features[order], self.labels[order]
        for start in range(0, len(labels), size):
            rows = slice(start, start + size)
            part = labels[rows]
            yield Objective(
                features[rows],
                part,
                classes=self.classes,
                l2=self.l2,
                scale=self.scale * len(labels) / len(part),
            )

    def _probabilities(self, weights: Array) -> Iterator[tuple[Array, Array, float]]:
        """Block by block: Φ (n, D), P(y_k | x_n) (K, n), and Σ_n ln Σ_k exp a_k(x_n).

        The next block overwrites P.
        """
        for phi in self._blocks:
            n = len(phi)
            p = self._scores[: self.classes * n].reshape(self.classes, n)
            top, total = self._top[:n], self._total[:n]
            np.matmul(weights, phi.T, out=p)
            np.max(p, axis=0, out=top)
            np.subtract(p, top, out=p)
            np.exp(p, out=p)
            np.sum(p, axis=0, out=total)
            np.divide(p, total, out=p)
            np.log(total, out=total)
            yield phi, p, float(top.sum()) + float(total.sum())

    def _likelihood(self, weights: Array, normaliser: float) -> float:
        """L(W) = Σ_n Σ_k y_nk a_k(x_n) − Σ_n ln Σ_k exp a_k(x_n); the first sum is ⟨W, Σ y φᵀ⟩."""
        seen = np.vdot(weights.astype(np.float64), self._seen.astype(np.float64))
        return self.scale * (float(seen) - normaliser)
