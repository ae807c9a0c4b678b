"""What a model's weights are seen against: the ink of the digits that it learned from."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError, WeightError
from softmax_core.grids import as_grids
from softmax_core.inputs import (
    LARGEST_WEIGHT,
    MOST_CLASSES,
    as_count,
    as_entry,
    as_labels,
    as_number,
)
from softmax_core.model import SoftmaxModel


@dataclass(frozen=True, eq=False)
class Ink:
    """How many digits of each class have ink in each pixel: `counts` (K, 8, 8) of `totals` (K,)."""

    counts: NDArray[np.intp]
    totals: NDArray[np.intp]

    def share(self, k: int) -> NDArray[np.floating]:
        """The mean digit of class k, (8, 8). Raises `LabelError` for a class with no samples."""
        k = as_count(k, "the class", 0, len(self.totals) - 1, LabelError)
        if not self.totals[k]:
            raise LabelError(f"class {k} has no samples, so there is no mean digit of it")
        return self.counts[k] / self.totals[k]

    def percent(self, k: int) -> NDArray[np.intp]:
        """The mean digit of class k in whole percent, (8, 8)."""
        return np.rint(100 * self.share(k)).astype(np.intp)

    def never(self, k: int | None = None) -> NDArray[np.intp]:
        """The pixels, in reading order, that no digit lit: none of class k, or none at all."""
        if k is None:
            return np.flatnonzero(self.counts.sum(axis=0) == 0)
        counts = self.counts[as_count(k, "the class", 0, len(self.totals) - 1, LabelError)]
        return np.flatnonzero(counts == 0)


def ink(grids: ArrayLike, labels: NDArray[np.integer], classes: int) -> Ink:
    """The ink of grids (n, 8, 8) by class index, labels (n,). Raises `GridError`, `LabelError`."""
    pixels = as_grids(grids)
    classes = as_count(classes, "the number of classes", 1, MOST_CLASSES, LabelError)
    labels = as_labels(labels, classes=classes, samples=len(pixels))
    counts = np.array([pixels[labels == k].sum(axis=0) for k in range(classes)], dtype=np.intp)
    return Ink(counts, np.bincount(labels, minlength=classes))


def with_weight(model: SoftmaxModel, entry: tuple[int, int], value: float) -> SoftmaxModel:
    """The model with w_ki = `value`, `entry` = (k, i); all else as it is.

    Raises `WeightError` where there is no such weight, or for a value that is not finite.
    """
    place = as_entry(entry, model.weights.shape)
    weights = model.weights.copy()
    weights[place] = as_number(value, "a weight", -LARGEST_WEIGHT, LARGEST_WEIGHT, WeightError)
    return replace(model, weights=weights)
