"""The objective that training maximises, with its derivatives, for speed.

The same mathematics as in model.py, held to it by tests, in the form that the machine likes:
what does not depend on the weights is computed once, scores are (K, N) so that every
operation on them runs along memory, and every array of that size is made once.
"""

from collections.abc import Iterator, Sized
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError, WeightError
from softmax_core.features import BIAS, Features
from softmax_core.model import Array, as_features, as_l2, as_labels, as_weights, hessian, one_hot


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
        self._p = np.empty((self.classes, len(phi)), phi.dtype)
        self._top, self._total = np.empty((2, len(phi)), phi.dtype)
        self._weights: Array | None = None
        self._gradient: Array | None = None

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
        return weights.astype(self._p.dtype)

    def value_and_gradient(self, weights: ArrayLike) -> tuple[float, Array]:
        """F(W) and ∂F/∂W (K, D).

        The gradient is a new array, and read-only. Asked again for the weights of the last
        call, the objective answers without computing.
        """
        value = self._forward(weights)
        if self._gradient is None:
            gradient = self._p @ self.features.values
            np.subtract(self._seen, gradient, out=gradient)
            if self.scale != 1:
                gradient *= self.scale
            gradient -= self._weights * self._shrinkage
            gradient.flags.writeable = False
            self._gradient = gradient
        return value, self._gradient

    def value(self, weights: ArrayLike) -> float:
        """F(W)."""
        return self._forward(weights)

    def log_likelihood(self, weights: ArrayLike) -> float:
        """L(W): F without the penalty."""
        return self._forward(weights) + self._penalty

    def accuracy(self, weights: ArrayLike) -> float:
        """The share of the samples whose most probable class is their label."""
        self._forward(weights)
        return float(np.mean(self._p.argmax(axis=0) == self.labels))

    def hessian(self, weights: ArrayLike) -> Array:
        """∂²F/∂W², (KD, KD), row k·D + i."""
        result = self.scale * hessian(weights, self.features)
        result[np.diag_indices_from(result)] -= np.tile(self._shrinkage, self.classes)
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

    def _forward(self, weights: ArrayLike) -> float:
        """Fill `_p` with P(y_k | x_n) at these weights, and give F."""
        weights = self.as_weights(weights)
        if self._weights is not None and np.array_equal(self._weights, weights):
            return self._value
        self._weights, self._gradient = weights, None
        p, top, total = self._p, self._top, self._total
        np.matmul(self._weights, self.features.values.T, out=p)
        np.max(p, axis=0, out=top)
        p -= top
        np.exp(p, out=p)
        np.sum(p, axis=0, out=total)
        p /= total
        log_total = top.sum(dtype=np.float64) + np.log(total, out=total).sum(dtype=np.float64)
        w = self._weights.astype(np.float64)
        self._penalty = float(np.sum(np.square(w) * self._shrinkage) / 2)
        seen = float(np.vdot(w, self._seen.astype(np.float64)))
        self._value = self.scale * (seen - float(log_total)) - self._penalty
        return self._value
