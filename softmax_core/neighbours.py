"""Digits that are known, to see how near a drawing comes to any of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import GridError, LabelError
from softmax_core.grids import Codes, as_grid, pack
from softmax_core.inputs import MOST_CLASSES, as_array, as_count, as_labels

MOST_KNOWN = 200_000  # digits


class Nearest(NamedTuple):
    """Rows of the codes that were searched, the nearest first, and how many pixels differ."""

    rows: NDArray[np.intp]  # (n,)
    distances: NDArray[np.intp]  # (n,), 0..64


def nearest(codes: ArrayLike, grid: ArrayLike, n: int = 5) -> Nearest:
    """The n codes nearest to one grid (8, 8) by Hamming distance, or all if there are fewer.

    Of equally near ones the first come first. Raises `GridError`, `ParameterError`.
    """
    n = as_count(n, "the number of neighbours", 1, MOST_KNOWN)
    array = _as_codes(codes)
    distances = hamming(array, grid).astype(np.intp)
    order = distances * len(array) + np.arange(len(array))
    if n < len(array):
        order = np.partition(order, n - 1)[:n]
    rows = np.sort(order) % max(len(array), 1)
    return Nearest(rows, distances[rows])


def hamming(codes: Codes, grid: ArrayLike) -> NDArray[np.uint8]:
    """In how many pixels each code (M,) differs from one grid (8, 8)."""
    return np.bitwise_count(codes ^ pack(as_grid(grid))[0])


@dataclass(frozen=True, eq=False)
class Known:
    """Digits to compare a drawing with: their codes (M,), and class indices (M,).

    Raises `GridError`, `LabelError`.
    """

    codes: Codes
    labels: NDArray[np.integer]

    def __post_init__(self) -> None:
        codes = _as_codes(self.codes)
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "labels", as_labels(self.labels, samples=len(codes)))

    def distances(self, grid: ArrayLike, label: int) -> tuple[int, int] | None:
        """The Hamming distances from a grid to the nearest digit of all, and of a class.

        None where that class has no digits. Raises `GridError`, `LabelError`.
        """
        label = as_count(label, "a class", 0, MOST_CLASSES - 1, LabelError)
        away, of_class = hamming(self.codes, grid), self.labels == label
        return (int(away.min()), int(away[of_class].min())) if of_class.any() else None


def _as_codes(codes: ArrayLike) -> Codes:
    array = as_array(codes, "a vector of uint64 codes", GridError)
    if array.ndim != 1 or array.dtype != np.uint64 or len(array) > MOST_KNOWN:
        raise GridError(
            f"expected a vector of at most {MOST_KNOWN:,} codes of uint64, "
            f"got {array.dtype.name} {array.shape}"
        )
    return array
