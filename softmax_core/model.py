"""Softmax regression: the model, its likelihood and every derivative, formula beside formula.

Symbols, shapes and names are those of the whole package: N samples, K classes, D features,
weights W (K, D) with the bias in column 0, features Φ (N, D), labels (N,) as class indices.
Every function takes its features as `Features`, which only a `FeatureMap` can make, so
inference, likelihood and gradient read the same ones. L is a sum over samples, in nats.

Source: C. M. Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from softmax_core.arrays import File, write_arrays
from softmax_core.drawing import PREPARATIONS
from softmax_core.errors import FeatureError, GridError, ParameterError, WeightError
from softmax_core.features import BIAS, FEATURE_MAPS, FeatureMap, Features
from softmax_core.grids import PIXELS, Codes
from softmax_core.inputs import (
    LARGEST_L2,
    LARGEST_WEIGHT,
    MOST_ENTRIES,
    as_array,
    as_choice,
    as_floats,
    as_labels,
    as_names,
    as_number,
    as_own,
    shortened,
)
from softmax_core.neighbours import Known
from softmax_core.threads import spread

Array = NDArray[np.floating]

BLOCK = 16384  # codes: the scores of a block stay in a core's cache


def scores(weights: ArrayLike, features: Features) -> Array:
    """$a_k(x_n) = Σ_i w_ki φ_i(x_n)$, (N, K): the one place that multiplies weights by features."""
    weights = as_weights(weights, features)
    return features.values @ weights.T


def softmax(scores: ArrayLike) -> Array:
    """$P(y_k | x) = exp a_k / Σ_k' exp a_k'$, along the last axis; finite for any finite scores.

    Raises `ParameterError` for scores that are not finite real numbers.
    """
    return _softmax(_as_scores(scores))


def _softmax(scores: Array) -> Array:
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def log_softmax(scores: ArrayLike) -> Array:
    """$ln P(y_k | x) = a_k − ln Σ_k' exp a_k'$, along the last axis. Raises as `softmax` does."""
    scores = _as_scores(scores)
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax_jacobian(scores: ArrayLike) -> Array:
    """$∂softmax_k/∂z_l = softmax_k (δ_kl − softmax_l)$: scores (..., K) -> (..., K, K)."""
    s = softmax(scores)
    _check_size(s.size * s.shape[-1], "the Jacobian")
    return s[..., :, None] * (np.eye(s.shape[-1], dtype=s.dtype) - s[..., None, :])


def log_likelihood(weights: ArrayLike, features: Features, labels: ArrayLike) -> float:
    """$L(W) = Σ_n Σ_k y_nk ln P(y_k | x_n)$, in nats."""
    log_p = log_softmax(scores(weights, features))
    labels = as_labels(labels, classes=log_p.shape[1], samples=len(features))
    return float(log_p[np.arange(len(labels)), labels].sum())


def gradient(weights: ArrayLike, features: Features, labels: ArrayLike) -> Array:
    """$∂L/∂w_ki = Σ_n (y_nk − P(y_k | x_n)) φ_i(x_n)$, (K, D): what was seen minus expected."""
    p = softmax(scores(weights, features))
    labels = as_labels(labels, classes=p.shape[1], samples=len(features))
    y = one_hot(labels, p.shape[1], p.dtype)
    return (y - p).T @ features.values


def hessian(weights: ArrayLike, features: Features) -> Array:
    """$∂²L/∂w_ki ∂w_lj = −Σ_n p_nk (δ_kl − p_nl) φ_i(x_n) φ_j(x_n)$, (KD, KD), row k·D + i.

    It does not depend on the labels, and it is negative semi-definite: L is concave.
    """
    p = _softmax(scores(weights, features))
    phi = features.values
    _check_size((p.shape[1] * phi.shape[1]) ** 2, "the Hessian")
    (samples, classes), dimension = p.shape, phi.shape[1]
    weighted = (p[:, :, None] * phi[:, None, :]).reshape(samples, -1)
    result = weighted.T @ weighted
    for k in range(classes):
        block = slice(k * dimension, (k + 1) * dimension)
        result[block, block] -= weighted[:, block].T @ phi
    return result


def penalty(weights: ArrayLike, l2: float) -> float:
    """$(λ/2) Σ_k Σ_{i≥1} w_ki²$: what training subtracts from L. The bias is not penalised."""
    weights = _finite(weights)
    if not weights.ndim or not weights.shape[-1]:
        raise WeightError(f"weights have the shape (K, D), got {weights.shape}")
    return float(as_l2(l2) / 2 * np.square(np.delete(weights, BIAS, axis=-1)).sum())


def evidence(weights: ArrayLike, features: Features) -> Array:
    """$w_ki φ_i(x_n)$, (N, K, D): the terms whose sum over i is the score."""
    weights = as_weights(weights, features)
    _check_size(weights.size * len(features), "the evidence")
    return weights * features.values[:, None, :]


def one_hot(labels: NDArray[np.integer], classes: int, dtype: DTypeLike = np.float64) -> Array:
    """$y_nk = 1$ if sample n has label k, else 0: (N,) -> (N, K)."""
    return (labels[:, None] == np.arange(classes)).astype(dtype)


@dataclass(frozen=True, eq=False)
class SoftmaxModel:
    """What is needed to classify a grid: classes, weights, features, and the preparation.

    `classes` are K different names, `weights` (K, D) belong to the feature map `features`, and
    `preparation` names how a drawing becomes a grid such as the model has learned from. `known`, if
    it is there, are digits to compare a drawing with: far from all of them, it is none.

    Raises `LabelError`, `WeightError`, `FeatureError`, `ParameterError`: whatever can be made can
    be saved and loaded.
    """

    classes: tuple[str, ...]
    weights: Array
    features: FeatureMap
    preparation: str
    known: Known | None = None

    def __post_init__(self) -> None:
        classes = as_names(self.classes)
        features = self.features
        if not isinstance(features, FeatureMap) or FEATURE_MAPS.get(features.name) != features:
            raise FeatureError(
                f"a model reads one of the feature maps {', '.join(FEATURE_MAPS)}, as "
                f"feature_map(name) gives it, got {shortened(features)}"
            )
        as_choice(self.preparation, PREPARATIONS, "preparation")
        weights = _finite(self.weights).copy()
        if weights.shape != (len(classes), features.dimension):
            raise WeightError(
                f"a model of {len(classes)} classes on the {features.name!r} features has "
                f"weights ({len(classes)}, {features.dimension}), got weights of shape "
                f"{weights.shape}"
            )
        if self.known is not None:
            known = as_own(self.known, Known, "digits to compare with as Known")
            as_labels(known.labels, classes=len(classes))
        weights.flags.writeable = False
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "weights", weights)

    def scores(self, grids: ArrayLike) -> Array:
        """$a_k(x_n)$ for grids (N, 8, 8) or one (8, 8): (N, K)."""
        return scores(self.weights, self.features(grids, self.weights.dtype))

    def probabilities(self, grids: ArrayLike) -> Array:
        """$P(y_k | x_n)$, (N, K)."""
        return _softmax(self.scores(grids))

    def predict(self, grids: ArrayLike) -> NDArray[np.intp]:
        """The index of the most probable class of each grid, (N,).

        Grids may be given as their 64-bit codes, uint64 (N,): the way for millions of them.
        """
        codes = as_array(grids, "grids (n, 8, 8), or their codes (n,)", GridError)
        if codes.dtype != np.uint64 or codes.ndim != 1:
            return self.scores(codes).argmax(axis=1)
        if len(codes) == PIXELS and codes.max() == 1:
            raise GridError(
                "64 values of 0 and 1 are no codes of grids but one flat grid: make it "
                "grid.reshape(8, 8)"
            )
        blocks = [codes[first : first + BLOCK] for first in range(0, len(codes), BLOCK)]
        found = spread(lambda block: self._scores_of_codes(block).argmax(axis=1), blocks)
        return np.concatenate(found) if found else np.empty(0, np.intp)

    def evidence(self, grid: ArrayLike) -> Array:
        """$w_ki φ_i$ of one grid (8, 8), (K, D); its sum over i is the score of class k."""
        features = self.features(grid, self.weights.dtype)
        if len(features) != 1:
            raise GridError(f"evidence is of one grid (8, 8), got {len(features)} grids")
        return evidence(self.weights, features)[0]

    def save(self, file: File) -> None:
        """Writes the model to a path or an open file, as `load_model` reads it."""
        arrays = {
            "classes": np.array(self.classes),
            "weights": self.weights,
            "features": np.array(self.features.name),
            "preparation": np.array(self.preparation),
        }
        if self.known is not None:
            labels = self.known.labels.astype(np.uint8)  # of at most 100 classes
            arrays |= {"known_codes": self.known.codes, "known_labels": labels}
        write_arrays(file, arrays)

    @cached_property
    def _tables(self) -> Array:
        return self.features.score_tables(self.weights)

    def _scores_of_codes(self, codes: Codes) -> Array:
        """The scores (N, K) by looking up every byte instead of multiplying every bit."""
        total = np.tile(self.weights[:, BIAS], (len(codes), 1))
        found = np.empty_like(total)
        products = self.features.products(codes).astype(">u8")
        octets = products.view(np.uint8).reshape(*products.shape, 8)
        octets = octets.transpose(0, 2, 1).reshape(-1, len(codes))
        for table, octet in zip(self._tables, octets, strict=True):
            total += np.take(table, octet, axis=0, out=found, mode="clip")
        return total


def as_features(features: Features) -> Features:
    """The features themselves. Raises `FeatureError` for anything else."""
    if not isinstance(features, Features):
        raise FeatureError(
            f"expected Features made by a feature map, got {type(features).__name__}: a bare "
            "matrix may not be what inference and gradient both read"
        )
    return features


def as_weights(weights: ArrayLike, features: Features) -> Array:
    """Weights (K, D) that fit the features, K ≥ 2, finite; float32 stays, others become float64.

    Raises `WeightError` for others, `FeatureError` where `features` are not `Features`.
    """
    return as_weights_of(weights, as_features(features).map)


def as_weights_of(weights: ArrayLike, phi: FeatureMap) -> Array:
    """The same for the features that a map makes."""
    weights = _finite(weights)
    if weights.ndim != 2 or weights.shape[1] != phi.dimension or len(weights) < 2:
        raise WeightError(
            f"weights for the {phi.name!r} features have the shape (K, {phi.dimension}) "
            f"with K ≥ 2, got {weights.shape}"
        )
    return weights


def as_l2(l2: float) -> float:
    """λ, finite and not negative. Raises `ParameterError` for others."""
    return as_number(l2, "λ", 0, LARGEST_L2)


def _finite(weights: ArrayLike) -> Array:
    array = as_floats(weights, "weights", WeightError)
    if not np.abs(array).max(initial=0) <= LARGEST_WEIGHT:
        raise WeightError(
            f"weights are finite, and within ±{LARGEST_WEIGHT:g}: got others among them"
        )
    return array


def _as_scores(scores: ArrayLike) -> Array:
    array = as_floats(scores, "scores", ParameterError)
    if not array.ndim or not array.shape[-1]:
        raise ParameterError(f"scores are of one class or more, got the shape {array.shape}")
    if not np.abs(array).max(initial=0) <= np.finfo(array.dtype).max / 2:
        raise ParameterError("scores are finite numbers, got NaN, infinity or more among them")
    return array


def _check_size(entries: int, what: str) -> None:
    if entries > MOST_ENTRIES:
        raise ParameterError(f"{what} has at most {MOST_ENTRIES:,} entries, not {entries:,}")
