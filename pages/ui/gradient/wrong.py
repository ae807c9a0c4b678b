"""The bug, on purpose: programs whose gradient reads other features than their likelihood.

On paper the gradient is right, and every line below is the formula. What is wrong is which
picture a line reads. This is teaching code of the Gradient page. The core can't be misused in
this way: its likelihood and its gradient accept nothing but `Features` of one feature map.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core import softmax
from softmax_core.grids import shifted

INK = 4  # a pixel is on if its count of ink is at least so high
FULL = 16  # the highest count

Counts = NDArray[np.integer]  # (n, 8, 8)
Matrix = NDArray[np.floating]  # (n, 65), column 0 is 1
Reader = Callable[[Counts], NDArray]


def pixels(counts: Counts) -> NDArray:
    """The picture as inference reads it: on or off."""
    return counts >= INK


def shifted_pixels(counts: Counts) -> NDArray:
    """One column too far to the right."""
    return shifted(pixels(counts), 0, 1)


def raw_counts(counts: Counts) -> NDArray:
    """How much ink, not whether there is ink."""
    return counts


def transposed_pixels(counts: Counts) -> NDArray:
    """Rows and columns exchanged."""
    return pixels(counts).transpose(0, 2, 1)


@dataclass(frozen=True)
class Program:
    """Softmax regression in which each of the three functions reads what it likes."""

    title: str
    fault: str
    likelihood_reads: Reader
    gradient_reads: Reader
    inference_reads: Reader = pixels

    def on(self, counts: Counts, labels: NDArray) -> "Task":
        """The program at work on some digits."""
        reads = (self.likelihood_reads, self.gradient_reads, self.inference_reads)
        return Task(*(_matrix(read(counts)) for read in reads), labels)

    def scores(self, weights: ArrayLike, grids: NDArray[np.bool_]) -> NDArray:
        """The scores that the likelihood is made of, for grids (n, 8, 8): (n, K)."""
        return _matrix(self.likelihood_reads(FULL * grids)) @ np.transpose(weights)


@dataclass(frozen=True, eq=False)
class Task:
    """Likelihood, gradient and inference on the same digits, each with its own features."""

    likelihood_features: Matrix
    gradient_features: Matrix
    inference_features: Matrix
    labels: NDArray

    def probabilities(self, weights: NDArray) -> NDArray:
        return softmax(self.likelihood_features @ weights.T)

    def log_likelihood(self, weights: NDArray) -> float:
        s = self.probabilities(weights)
        with np.errstate(divide="ignore"):
            return float(np.log(s[np.arange(len(s)), self.labels]).sum())

    def gradient(self, weights: NDArray) -> NDArray:
        s = self.probabilities(weights)
        y = self.labels[:, None] == np.arange(s.shape[1])
        return (y - s).T @ self.gradient_features

    def accuracy(self, weights: NDArray) -> float:
        best = (self.inference_features @ weights.T).argmax(axis=1)
        return float(np.mean(best == self.labels))

    def ascend(self, steps: int) -> "Course":
        """V ← 0.9 V + η G;  W ← W + V, from W = 0, G being what the program takes for ∂L/∂W.

        η = 1 / (½ ‖ΦᵀΦ‖₂) of the features that G reads: a rate at which the right program
        would be safe with them.
        """
        curvature = self.gradient_features.T @ self.gradient_features
        rate = 2 / np.linalg.norm(curvature, 2)
        weights = np.zeros((int(self.labels.max()) + 1, len(curvature)))
        velocity = np.zeros_like(weights)
        values, shares = [], []
        for _ in range(steps + 1):
            reached = weights
            values.append(self.log_likelihood(reached))
            shares.append(self.accuracy(reached))
            velocity = 0.9 * velocity + rate * self.gradient(reached)
            weights = reached + velocity
        return Course(np.array(values), np.array(shares), reached)


@dataclass(frozen=True, eq=False)
class Course:
    """L(W) and accuracy after 0, 1, … steps, and the last weights."""

    log_likelihood: NDArray[np.floating]
    accuracy: NDArray[np.floating]
    weights: NDArray[np.floating]


RIGHT = Program("Right", "All three read the same pixels.", pixels, pixels)

PROGRAMS = {
    "shifted": Program(
        "Shifted grid",
        "The gradient reads the picture one column further to the right.",
        pixels,
        shifted_pixels,
    ),
    "counts": Program(
        "Counts instead of bits",
        "The gradient reads how much ink is in a cell (0 to 16), not whether there is any.",
        pixels,
        raw_counts,
    ),
    "transposed": Program(
        "Transposed picture",
        "The gradient reads rows as columns.",
        pixels,
        transposed_pixels,
    ),
    "consistent": Program(
        "Transposed twice",
        "Likelihood and gradient both read rows as columns; only inference does not.",
        transposed_pixels,
        transposed_pixels,
    ),
}


def _matrix(pictures: NDArray) -> Matrix:
    """φ_0 = 1, then the picture in reading order."""
    flat = np.asarray(pictures, dtype=float).reshape(len(pictures), -1)
    return np.column_stack([np.ones(len(flat)), flat])
