"""The objective that training maximises, with its derivatives, for speed.

The same mathematics as in model.py, held to it by tests, in the form that the machine likes:
what does not depend on the weights is computed once, scores are (K, n) so that every operation
on them runs along memory, and samples pass in blocks, each with its own buffers, on all cores.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from softmax_core.errors import FileError, LabelError, WeightError
from softmax_core.features import BIAS, FeatureMap, Features
from softmax_core.inputs import (
    MOST_CLASSES,
    as_array,
    as_count,
    as_labels,
    as_names,
    as_number,
    count_classes,
    shortened,
)
from softmax_core.model import (
    Array,
    as_features,
    as_l2,
    as_weights_of,
    hessian,
    one_hot,
    penalty,
)
from softmax_core.threads import spread

SMALL = 10**6  # multiplications: up to so many, BLAS works on matrices as they are, on one core
FEW, MANY = 600, 1500  # samples: where less than a few are small enough, many at a time do better


class Block:
    """Φ (n, D) of consecutive samples, and buffers for what is computed of them."""

    def __init__(self, phi: Array, classes: int):
        self.phi = phi
        self.p = np.empty((classes, len(phi)), phi.dtype)
        self.total = np.empty(len(phi), phi.dtype)
        self.expected = np.empty((classes, phi.shape[1]), phi.dtype)

    def forward(self, weights: Array, shift: bool) -> float:
        """$P(y_k | x_n)$ into `p`, (K, n). Returns $Σ_n ln Σ_k exp a_k(x_n)$.

        With `shift`, no score is too large for exp: the largest of each sample is subtracted.
        """
        p, total, log_total = self.p, self.total, 0.0
        np.matmul(weights, self.phi.T, out=p)
        if shift:
            p.max(axis=0, out=total)
            np.subtract(p, total, out=p)
            log_total += float(total.sum())
        np.exp(p, out=p)
        p.sum(axis=0, out=total)
        np.divide(p, total, out=p)
        return log_total + float(np.log(total, out=total).sum())

    def backward(self) -> Array:
        """$Σ_n P(y_k | x_n) φ_i(x_n)$, (K, D), for the probabilities of the last `forward`."""
        return np.matmul(self.p, self.phi, out=self.expected)


def centred(weights: Array) -> tuple[Array, bool]:
    """Weights that give the same P(y_k | x), and whether one of their scores may be too large.

    What all classes have in common does not change P. Without it the scores of a sample sum to
    zero: the largest is at least 0, the sum of their exponentials at least 1. So scores are shifted
    only where one may be too large for exp; features are between 0 and 1.
    """
    weights = weights - weights.sum(axis=0) / len(weights)
    most = np.maximum(weights, 0).sum(axis=1).max()
    return weights, bool(most > np.log(np.finfo(weights.dtype).max / len(weights)))


class BaseObjective(ABC):
    """$F(W) = L(W) − (λ/2) Σ_k Σ_{i≥1} w_ki²$, wherever the samples are: what training sees.

    `map` is φ, `classes` K, `l2` λ, `dtype` the type of F, float32 or float64; L is multiplied by
    `scale`. What is asked of the samples is left to whoever holds them. An objective reuses its
    buffers: one thread at a time. Raises `ParameterError`; its methods raise `WeightError`.
    """

    def __init__(self, phi: FeatureMap, classes: int, dtype: DTypeLike, l2: float, scale: float):
        self.map, self.classes, self.dtype = phi, classes, np.dtype(dtype)
        self.l2 = as_l2(l2)
        self.scale = as_number(scale, "the scale of L", 0, 1e15)
        self._shrinkage = np.full(phi.dimension, self.l2, dtype)
        self._shrinkage[BIAS] = 0
        self._last: tuple[Array, float, Array] | None = None

    @abstractmethod
    def __len__(self) -> int:
        """N."""

    @abstractmethod
    def likelihood_and_gradient(self, weights: Array) -> tuple[float, Array]:
        """L(W) and a new array $∂L/∂W$, for weights that `as_weights` has made."""

    @abstractmethod
    def evaluate(self, weights: ArrayLike) -> tuple[float, float]:
        """L(W), and the share of samples whose most probable class is their label.

        Cheaper than a gradient: for held-out data.
        """

    @abstractmethod
    def hessian(self, weights: ArrayLike) -> Array:
        """$∂²F/∂W²$, (KD, KD), row k·D + i."""

    @abstractmethod
    def mean_curvature(self, weights: ArrayLike) -> Array:
        """$Σ_n c_n φ_n φ_nᵀ + λ$, $c_n = Σ_k p_nk (1 − p_nk) / (K − 1)$, (D, D): for all classes.

        On gradients, whose sum over the classes is zero, $−∂²F/∂W²$ is this for every class where
        all of them are equally probable, and near it elsewhere.
        """

    @property
    @abstractmethod
    def gram(self) -> Array:
        """$ΦᵀΦ$ (D, D). $½ΦᵀΦ + λ$ bounds the curvature of F in every class's weights."""

    @abstractmethod
    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator["BaseObjective"]:
        """Mini-batches of `size` samples in an order that `rng` makes; the last may be smaller.

        L of a batch is scaled by N/n, so that its expectation is L of all samples and a
        learning rate means the same for every batch size.
        """

    def zeros(self) -> Array:
        """W = 0, (K, D), where training starts: every class is equally probable."""
        return np.zeros((self.classes, self.map.dimension), self.dtype)

    def as_weights(self, weights: ArrayLike) -> Array:
        """A copy of weights (K, D) in the type of the features. Raises `WeightError`."""
        weights = as_weights_of(weights, self.map)
        if len(weights) != self.classes:
            raise WeightError(f"expected weights of {self.classes} classes, got {len(weights)}")
        return weights.astype(self.dtype)

    def value_and_gradient(self, weights: ArrayLike) -> tuple[float, Array]:
        """F(W) and $∂F/∂W$ (K, D).

        The gradient is a new array, and read-only. Asked again for the weights of the last
        call, the objective answers without computing.
        """
        weights = self.as_weights(weights)
        if self._last is None or not np.array_equal(weights, self._last[0]):
            likelihood, gradient = self.likelihood_and_gradient(weights)
            shrunk = weights * self._shrinkage
            gradient -= shrunk
            gradient.flags.writeable = False
            penalty = float(np.vdot(shrunk.astype(np.float64, copy=False), weights)) / 2
            self._last = weights, likelihood - penalty, gradient
        return self._last[1:]

    def value(self, weights: ArrayLike) -> float:
        """F(W)."""
        return self.value_and_gradient(weights)[0]

    def penalty(self, weights: ArrayLike) -> float:
        """$(λ/2) Σ_k Σ_{i≥1} w_ki²$."""
        return penalty(weights, self.l2)

    def log_likelihood(self, weights: ArrayLike) -> float:
        """L(W): F without the penalty."""
        return self.value(weights) + self.penalty(weights)

    def accuracy(self, weights: ArrayLike) -> float:
        """The share of samples whose most probable class is their label."""
        return self.evaluate(weights)[1]

    @cached_property
    def safe_rate(self) -> float:
        """$1 / (½‖ΦᵀΦ‖_2 + λ)$: gradient ascent with at most this rate never lowers F."""
        return float(1 / (np.linalg.norm(self.gram, 2) / 2 + self.l2))


class Objective(BaseObjective):
    """$F(W) = L(W) − (λ/2) Σ_k Σ_{i≥1} w_ki²$ on given samples, its gradient and Hessian.

    `features` and `labels` are the N samples; `classes` is K or the K names (by default as
    many as the labels name, none of which is missing), `l2` is λ. F has the type of the features:
    float32 or float64.

    Raises `FeatureError`, `LabelError`, `ParameterError`; its methods raise `WeightError`.
    """

    def __init__(
        self,
        features: Features,
        labels: ArrayLike,
        *,
        classes: int | Iterable[str] | None = None,
        l2: float = 0.0,
        scale: float = 1.0,
    ):
        self.features = as_features(features)
        if classes is None:
            classes = count_classes(as_labels(labels, samples=len(features)))
        elif isinstance(classes, Iterable) and getattr(classes, "shape", None) != ():
            classes = len(as_names(classes))
        else:
            classes = as_count(
                classes,
                "at least 2 classes are needed: their number",
                2,
                MOST_CLASSES,
                LabelError,
            )
        self.labels = as_labels(labels, classes=classes, samples=len(features))
        phi = features.values
        super().__init__(features.map, classes, phi.dtype, l2, scale)
        self._seen = one_hot(self.labels, self.classes, phi.dtype).T @ phi
        size = SMALL // self._seen.size
        size = size if size >= FEW else MANY
        self._blocks = [
            Block(phi[first : first + size], self.classes) for first in range(0, len(phi), size)
        ]

    def __len__(self) -> int:
        return len(self.features)

    def likelihood_and_gradient(self, weights: Array) -> tuple[float, Array]:
        """L(W) and $∂L/∂W$."""
        likelihood, expected = self._each(weights, Block.backward)
        gradient = self._seen - sum(expected)
        if self.scale != 1:
            gradient *= self.scale
        return likelihood, gradient

    def evaluate(self, weights: ArrayLike) -> tuple[float, float]:
        """L(W), and the share of samples whose most probable class is their label."""
        weights = self.as_weights(weights)
        likelihood, predicted = self._each(weights, lambda block: block.p.argmax(axis=0))
        correct = np.count_nonzero(np.concatenate(predicted) == self.labels)
        return likelihood, float(correct / len(self))

    def hessian(self, weights: ArrayLike) -> Array:
        """$∂²F/∂W²$, (KD, KD), row k·D + i."""
        result = self.scale * hessian(self.as_weights(weights), self.features)
        result[np.diag_indices_from(result)] -= np.tile(self._shrinkage, self.classes)
        return result

    def mean_curvature(self, weights: ArrayLike) -> Array:
        """$Σ_n c_n φ_n φ_nᵀ + λ$, (D, D): as in `BaseObjective`."""
        weights, result = self.as_weights(weights), np.diag(self._shrinkage)
        _, spreads = self._each(weights, lambda block: 1 - np.square(block.p).sum(axis=0))
        for block, c in zip(self._blocks, spreads, strict=True):
            c *= self.scale / (self.classes - 1)
            weighted = block.phi * np.sqrt(c)[:, None]
            result += weighted.T @ weighted
        return result

    @cached_property
    def gram(self) -> Array:
        """$ΦᵀΦ$ (D, D). $½ΦᵀΦ + λ$ bounds the curvature of F in every class's weights."""
        return self.scale * (self.features.values.T @ self.features.values)

    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator["Objective"]:
        """Mini-batches of all samples, in a random order."""
        return self.batches(size, rng.permutation(len(self)))

    def batches(self, size: int, order: NDArray[np.integer]) -> Iterator["Objective"]:
        """Mini-batches of `size` samples in the given order, each an estimate of this objective.

        L of a batch is scaled by N/n, so that its expectation is L of all samples and a
        learning rate means the same for every batch size.
        """
        size = as_count(size, "the size of a batch", 1, 10**9)
        rows = as_array(order, "the order of the samples", LabelError)
        fits = rows.ndim == 1 and len(rows) and rows.dtype.kind in "iu"
        if not fits or not 0 <= rows.min() <= rows.max() < len(self):
            raise LabelError(f"an order is indices of {len(self)} samples, got {shortened(rows)}")
        features, labels = self.features[rows], self.labels[rows]
        for start in range(0, len(labels), size):
            batch = slice(start, start + size)
            part = labels[batch]
            yield Objective(
                features[batch],
                part,
                classes=self.classes,
                l2=self.l2,
                scale=self.scale * len(labels) / len(part),
            )

    def _each(
        self, weights: Array, function: Callable[[Block], Array]
    ) -> tuple[float, tuple[Array, ...]]:
        """L(W), and what `function` makes of P(y_k | x_n), block by block.

        L(W) = Σ_n Σ_k y_nk a_k(x_n) − Σ_n ln Σ_k exp a_k(x_n); the first sum is ⟨W, Σ y φᵀ⟩.
        """
        weights, shift = centred(weights)

        def work(block: Block) -> tuple[float, Array]:
            return block.forward(weights, shift), function(block)

        log_totals, results = zip(*spread(work, self._blocks), strict=True)
        seen = np.vdot(weights.astype(np.float64), self._seen.astype(np.float64))
        return self.scale * (float(seen) - sum(log_totals)), results


class Absent(BaseObjective):
    """The objective of a run whose samples are elsewhere: it knows how many, and computes nothing.

    `about` is what else is known of them. Asked for what needs them, it raises `FileError`.
    """

    def __init__(
        self, samples: int, phi: FeatureMap, classes: int, l2: float, about: Mapping[str, Any]
    ):
        super().__init__(phi, classes, np.float64, l2, 1.0)
        self.samples, self.about = samples, about

    def __len__(self) -> int:
        return self.samples

    def _refuse(self, *given: Any, **named: Any) -> Any:
        raise FileError("the digits of this run are not here: nothing can be computed of them")

    likelihood_and_gradient = evaluate = hessian = mean_curvature = shuffled = _refuse
    gram = property(_refuse)
