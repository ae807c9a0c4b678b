"""What a model's weights are seen against: the ink of the digits that it learned from."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import LabelError, WeightError
from softmax_core.grids import as_grids
from softmax_core.model import SoftmaxModel


@dataclass(frozen=True, eq=False)
class Ink:
    """How many digits of each class have ink in each pixel: `counts` (K, 8, 8) of `totals` (K,)."""

    counts: NDArray[np.intp]
    totals: NDArray[np.intp]

    def share(self, k: int) -> NDArray[np.floating]:
        """The mean digit of class k, (8, 8). Raises `LabelError` for a class with no samples."""
        if not self.totals[k]:
            raise LabelError(f"class {k} has no samples, so there is no mean digit of it")
        return self.counts[k] / self.totals[k]

    def percent(self, k: int) -> NDArray[np.intp]:
        """The mean digit of class k in whole percent, (8, 8)."""
        return np.rint(100 * self.share(k)).astype(np.intp)

    def never(self, k: int | None = None) -> NDArray[np.intp]:
        """The pixels, in reading order, that no digit lit: none of class k, or none at all."""
        counts = self.counts.sum(axis=0) if k is None else self.counts[k]
        return np.flatnonzero(counts == 0)


def ink(grids: ArrayLike, labels: NDArray[np.integer], classes: int) -> Ink:
    """The ink of grids (n, 8, 8) by class index, labels (n,)."""
    pixels, labels = as_grids(grids), np.asarray(labels)
    counts = np.array([pixels[labels == k].sum(axis=0) for k in range(classes)], dtype=np.intp)
    return Ink(counts, np.bincount(labels, minlength=classes))


def with_weight(model: SoftmaxModel, entry: tuple[int, int], value: float) -> SoftmaxModel:
    """The model with w_ki = `value`, `entry` = (k, i); all else as it is.

    Raises `WeightError` where there is no such weight, or for a value that is not finite.
    """
    k, i = entry
    classes, dimension = model.weights.shape
    if not (0 <= k < classes and 0 <= i < dimension):
        raise WeightError(
            f"there is no weight {entry}: classes are 0..{classes - 1}, features 0..{dimension - 1}"
        )
    weights = model.weights.copy()
    weights[k, i] = value
    return replace(model, weights=weights)
