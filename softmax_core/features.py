"""φ: from binary grids to feature vectors. The only way there, and the only knowledge of order.

Every feature is a product of two pixels, φ_i(x) = x_p x_q. With p = q that is the pixel
itself, since x² = x for x in {0, 1}; with q next to p it is 1 where both are on. φ_0 = 1 is
the bias. A feature map is therefore named by the offsets (rows, columns) from p to q.

`Features` can be made by a `FeatureMap` and by nothing else, and the model's mathematics
accepts nothing but `Features`: inference, likelihood and gradient can't read different ones.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from softmax_core.errors import FeatureError, ParameterError, WeightError
from softmax_core.grids import PIXELS, SIDE, Codes, as_grids
from softmax_core.inputs import as_choice, as_count, as_list, as_reals, shortened

BIAS = 0  # the slot of φ_0 = 1

_MAKER = object()


@dataclass(frozen=True)
class Features:
    """Feature vectors of N samples: `values` is (N, D), read-only, column 0 is the bias.

    In memory a feature's values lie side by side: so products with few classes are fastest.
    """

    values: NDArray[np.floating]
    map: "FeatureMap"
    maker: object = field(repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.maker is not _MAKER:
            raise FeatureError(
                "features are made by a feature map, e.g. feature_map('pixels')(grids); "
                "a bare matrix may not be the one that the model reads"
            )
        self.values.flags.writeable = False

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice | NDArray) -> "Features":
        """The features of some samples: a view for a slice, a copy for indices or a mask."""
        if isinstance(rows, slice):
            return Features(self.values[rows], self.map, _MAKER)
        try:
            rows = np.atleast_1d(np.arange(len(self))[rows])
        except (IndexError, ValueError, TypeError) as error:
            raise FeatureError(
                f"rows are a slice, indices or a mask of {len(self)} samples, got {shortened(rows)}"
            ) from error
        return Features(self.values.T.take(rows, axis=1).T, self.map, _MAKER)


@dataclass(frozen=True)
class FeatureMap:
    """φ of one kind: bias, then for each offset the products x_p x_q over all pixels p.

    Calling it with grids (n, 8, 8), or one (8, 8), gives `Features` with values (n, D). Raises
    `FeatureError` for what is no name, or no offset down or to the right.
    """

    name: str
    offsets: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise FeatureError(f"the name of a feature map is text, got {shortened(self.name)}")
        wanted = f"offsets are a list of pairs (rows, columns), ahead and within {SIDE} × {SIDE}"
        offsets = []
        for offset in as_list(self.offsets, wanted, PIXELS * 2 + 1, FeatureError):
            pair = as_list(offset, wanted, 3, FeatureError)
            if len(pair) != 2:
                raise FeatureError(f"{wanted}, got {len(pair)} numbers")
            down = as_count(pair[0], "the rows of an offset", 0, SIDE - 1, FeatureError)
            least = 0 if down == 0 else 1 - SIDE
            right = as_count(pair[1], "the columns of an offset", least, SIDE - 1, FeatureError)
            offsets.append((down, right))
        if not offsets or len(set(offsets)) < len(offsets):
            raise FeatureError(f"{wanted}, at least one, all different")
        object.__setattr__(self, "offsets", tuple(offsets))

    @cached_property
    def pixel_pairs(self) -> NDArray[np.intp]:
        """(D − 1, 2): the two pixels, in reading order, whose product feature i + 1 is."""
        pairs = [
            (SIDE * row + column, SIDE * (row + down) + column + right)
            for down, right in self.offsets
            for row in range(SIDE)
            for column in range(SIDE)
            if row + down < SIDE and 0 <= column + right < SIDE
        ]
        return np.array(pairs)

    @property
    def dimension(self) -> int:
        """D, the bias included."""
        return 1 + len(self.pixel_pairs)

    def title(self, i: int) -> str:
        """What feature i reads, in words: the bias, a pixel, or two neighbouring pixels.

        Rows and columns count from 1."""
        if as_count(i, "a feature", 0, self.dimension - 1) == BIAS:
            return "bias"
        pixels = (divmod(p, SIDE) for p in self.pixel_pairs[i - 1])
        places = [f"row {row + 1}, column {column + 1}" for row, column in pixels]
        return " with ".join(dict.fromkeys(places))

    def __call__(self, grids: ArrayLike, dtype: DTypeLike = np.float64) -> Features:
        """Raises `GridError` for anything but grids of zeros and ones.

        `dtype` is float64 or float32; `ParameterError` for others.
        """
        dtype = _float_type(dtype)
        pixels = np.ascontiguousarray(as_grids(grids).reshape(-1, PIXELS).T)
        first, second = self.pixel_pairs.T
        values = np.empty((self.dimension, pixels.shape[1]), dtype)
        values[BIAS] = 1
        np.logical_and(pixels[first], pixels[second], out=values[1:], casting="unsafe")
        return Features(values.T, self, _MAKER)

    @property
    def shifts(self) -> NDArray[np.uint64]:
        """(offsets,): how far the bit of pixel q stands behind that of pixel p."""
        return np.array([SIDE * down + right for down, right in self.offsets], np.uint64)

    @cached_property
    def slots(self) -> NDArray[np.intp]:
        """(D − 1,): where x_p x_q of feature i + 1 stands among the bits of all `products`."""
        first, second = self.pixel_pairs.T
        plane = (second - first == self.shifts.astype(np.intp)[:, None]).argmax(axis=0)
        return PIXELS * plane + first

    def products(self, codes: Codes) -> NDArray[np.uint64]:
        """(offsets, n): codes whose bit at pixel p is x_p x_q, and of no meaning without a q."""
        codes = np.asarray(codes, np.uint64)
        found = codes << self.shifts[:, None]
        found &= codes
        return found

    def score_tables(self, weights: ArrayLike) -> NDArray[np.floating]:
        """(8 · offsets, 256, K): what each value of each byte of `products` adds to the scores.

        The scores of a grid, without the bias, are the sum of the entries at its bytes.
        """
        weights = self._checked(weights)
        if weights.ndim != 2:
            raise WeightError(f"tables are of weights (K, D), got the shape {weights.shape}")
        placed = np.zeros((PIXELS * len(self.offsets), len(weights)), weights.dtype)
        placed[self.slots] = weights[:, 1:].T
        bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
        return bits.astype(weights.dtype) @ placed.reshape(-1, 8, len(weights))

    def weight_images(self, weights: ArrayLike) -> NDArray[np.floating]:
        """The pixels' share of weights (..., D) as pictures (..., 8, 8)."""
        weights = self._checked(weights)
        return weights[..., 1 : 1 + PIXELS].reshape(*weights.shape[:-1], SIDE, SIDE)

    def pair_weights(self, weights: ArrayLike) -> NDArray[np.floating]:
        """The share of the neighbour pairs, (..., D − 65); `links` says which pixels they join."""
        return self._checked(weights)[..., 1 + PIXELS :]

    @property
    def links(self) -> NDArray[np.intp]:
        """(D − 65, 2, 2): the (row, column) of both ends of each neighbour pair."""
        return np.stack(np.divmod(self.pixel_pairs[PIXELS:], SIDE), axis=-1)

    def _checked(self, weights: ArrayLike) -> NDArray[np.floating]:
        weights = as_reals(weights, "weights", WeightError)
        if weights.shape[-1:] != (self.dimension,):
            raise WeightError(
                f"weights of the {self.name!r} features end in {self.dimension} entries, "
                f"got the shape {weights.shape}"
            )
        return weights


def _float_type(dtype: DTypeLike) -> np.dtype:
    try:
        found = np.dtype(dtype)
    except (SyntaxError, TypeError, ValueError):
        found = np.dtype(object)
    if found not in (np.float64, np.float32):
        raise ParameterError(f"features are float64 or float32, got {shortened(dtype)}")
    return found


FEATURE_MAPS = {
    "pixels": FeatureMap("pixels", ((0, 0),)),
    "pairs": FeatureMap("pairs", ((0, 0), (0, 1), (1, 0), (1, 1), (1, -1))),
    "shapes": FeatureMap(
        "shapes",
        (
            *((0, 0), (0, 1), (1, 0), (1, 1), (1, -1)),
            *((0, 2), (2, 0), (1, 2), (2, 1), (1, -2), (2, -1), (2, 2), (2, -2)),
        ),
    ),
}


def feature_map(name: str) -> FeatureMap:
    """The feature map of that name: "pixels" (D = 65), "pairs" (D = 275), "shapes" (D = 611).

    Raises `ParameterError` for another name.
    """
    return as_choice(name, FEATURE_MAPS, "feature map")
