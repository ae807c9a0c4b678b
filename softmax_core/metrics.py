"""How good predictions are: accuracy with its interval, confusion, calibration."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError, ParameterError
from softmax_core.inputs import MOST_CLASSES, as_count, as_labels, as_reals

Z95 = 1.959964  # the normal quantile of a 95 % interval


@dataclass(frozen=True)
class Accuracy:
    """The share `value` = `correct` / `total`, and its 95 % interval from `low` to `high`."""

    correct: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.correct / self.total


def accuracy(predicted: ArrayLike, labels: ArrayLike) -> Accuracy:
    """The share of predictions (N,) equal to the labels (N,), with Wilson's 95 % interval.

    $((c + z²/2) ± z √(c (N − c) / N + z²/4)) / (N + z²)$ for c of N, z = 1.96.
    Source: E. B. Wilson, J. Amer. Statist. Assoc. 22(158), 1927. Raises `LabelError`.
    """
    predicted, labels = as_labels(predicted), as_labels(labels)
    _same_length(predicted, labels)
    correct, total = int((predicted == labels).sum()), len(labels)
    centre = correct + Z95**2 / 2
    half = Z95 * np.sqrt(correct * (total - correct) / total + Z95**2 / 4)
    low, high = np.clip((centre + half * np.array([-1, 1])) / (total + Z95**2), 0, 1)
    return Accuracy(correct, total, float(low), float(high))


def confusion(predicted: ArrayLike, labels: ArrayLike, classes: int) -> NDArray[np.intp]:
    """(K, K): in row k, column l the number of samples of class k that were taken for l.

    Raises `LabelError` for labels outside 0..K−1.
    """
    classes = as_count(classes, "the number of classes", 1, MOST_CLASSES, LabelError)
    predicted, labels = as_labels(predicted, classes=classes), as_labels(labels, classes=classes)
    _same_length(predicted, labels)
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, -1)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Bin b holds the predictions of probability `edges[b]` to `edges[b + 1]`.

    `counts` says how many, `confidence` is their mean probability, `accuracy` the share that
    is right (both NaN in an empty bin), and `error` the expected calibration error
    $Σ_b counts_b / N · |accuracy_b − confidence_b|$.
    """

    edges: NDArray[np.floating]
    counts: NDArray[np.intp]
    confidence: NDArray[np.floating]
    accuracy: NDArray[np.floating]
    error: float


def calibration(probabilities: ArrayLike, labels: ArrayLike, bins: int = 10) -> Calibration:
    """Whether predictions made with probability p are right in a share p of the cases.

    `probabilities` (N, K), `labels` (N,); the bins are of equal width.
    Source: C. Guo et al., ICML 2017, arXiv:1706.04599. Raises `LabelError`, `ParameterError`.
    """
    bins = as_count(bins, "the number of bins", 1, 10_000)
    p = as_reals(probabilities, "probabilities (N, K)", ParameterError)
    within = p.ndim == 2 and p.size and 0 <= p.min() <= p.max() <= 1 + 1e-4
    if not within or not np.allclose(p.sum(axis=1), 1, atol=1e-4):
        raise ParameterError(f"probabilities (N, K) ≥ 0 with rows that sum to 1, got {p.shape}")
    labels = as_labels(labels, classes=p.shape[1])
    _same_length(p, labels)
    top = p.max(axis=1).astype(np.float64)
    right = p.argmax(axis=1) == labels
    place = np.minimum((top * bins).astype(np.intp), bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(place, top, bins) / counts
        share = np.bincount(place, right, bins) / counts
    error = float(np.nansum(counts * np.abs(share - confidence)) / len(labels))
    return Calibration(np.linspace(0, 1, bins + 1), counts, confidence, share, error)


def _same_length(given: NDArray, labels: NDArray) -> None:
    if len(given) != len(labels):
        raise LabelError(f"{len(labels)} labels do not fit {len(given)} predictions")
