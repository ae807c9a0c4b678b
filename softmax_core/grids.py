"""The 8×8 binary grid, and its 64 bits as one integer or as 16 hex characters.

Row 0 is the top row and column 0 the left one. The bits of a code are in reading order, the
top left pixel first (the most significant bit), so that two hex characters are one row.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import GridError
from softmax_core.inputs import as_array, as_count, shortened

SIDE = 8
PIXELS = SIDE * SIDE

REAL = int | float | np.number | np.bool_

Grid = NDArray[np.bool_]  # (8, 8)
Grids = NDArray[np.bool_]  # (n, 8, 8)
Codes = NDArray[np.uint64]  # (n,)

_BIG_ENDIAN = np.dtype(">u8")


def as_grids(grids: ArrayLike) -> Grids:
    """One grid (8, 8) or many (n, 8, 8), of zeros and ones, as bool (n, 8, 8).

    Raises `GridError` for another shape or for values other than 0 and 1.
    """
    array = as_array(grids, "grids of shape (8, 8) or (n, 8, 8)", GridError)
    if array.shape[-2:] != (SIDE, SIDE) or array.ndim > 3:
        raise GridError(f"expected grids of shape (8, 8) or (n, 8, 8), got {array.shape}")
    if array.ndim == 2:
        array = array[None]
    if array.dtype == object and all(isinstance(v, REAL) and v in (0, 1) for v in array.flat):
        array = array.astype(bool)  # a table whose columns are of several types
    if array.dtype == bool:
        return array
    if array.dtype.kind not in "iuf" or not ((array == 0) | (array == 1)).all():
        raise GridError("a grid holds zeros and ones only (binary pixels)")
    return array.astype(bool)


def as_grid(grid: ArrayLike) -> Grid:
    """One grid, as bool (8, 8). Raises `GridError` for none, for many, and for what is no grid."""
    grids = as_grids(grid)
    if len(grids) != 1:
        raise GridError(f"expected one grid (8, 8), got {len(grids)} grids")
    return grids[0]


def pictures(values: ArrayLike) -> NDArray:
    """Values in reading order, 64 to a picture, as pictures (n, 8, 8)."""
    return np.asarray(values).reshape(-1, SIDE, SIDE)


def pack(grids: ArrayLike) -> Codes:
    """The 64 bits of each grid as one integer: (n, 8, 8) -> uint64 (n,)."""
    rows = np.packbits(as_grids(grids).reshape(-1, PIXELS), axis=1)
    return rows.view(_BIG_ENDIAN)[:, 0].astype(np.uint64)


def unpack(codes: ArrayLike) -> Grids:
    """The inverse of `pack`: unsigned 64-bit codes (n,) -> bool (n, 8, 8)."""
    array = as_array(codes, "a vector of unsigned 64-bit codes", GridError)
    if array.ndim != 1 or array.dtype.kind not in "iu" or array.min(initial=0) < 0:
        raise GridError(
            f"expected a vector of unsigned 64-bit codes, got {shortened(array)} of other values"
        )
    rows = np.ascontiguousarray(array.astype(_BIG_ENDIAN)).view(np.uint8)
    return pictures(np.unpackbits(rows).view(bool))


def to_hex(grid: ArrayLike) -> str:
    """One grid as 16 hex characters, two a row, the top row first. Raises `GridError`."""
    return f"{int(pack(as_grid(grid))[0]):016x}"


def from_hex(text: str) -> Grid:
    """The inverse of `to_hex`. Raises `GridError` for anything but 16 hex characters."""
    is_code = isinstance(text, str) and len(text) == 16
    if not is_code or not set(text.lower()) <= set("0123456789abcdef"):
        raise GridError(f"the code of a grid is 16 hex characters, got {shortened(text)}")
    return unpack(np.array([int(text, 16)], dtype=np.uint64))[0]


def shifted(grids: ArrayLike, rows: int, columns: int) -> Grids:
    """The grids moved down by `rows` and right by `columns`; what leaves the grid is lost."""
    source = as_grids(grids)
    rows, columns = (
        max(-SIDE, min(SIDE, as_count(n, "a shift", -(10**9), 10**9))) for n in (rows, columns)
    )
    target = np.zeros_like(source)
    target[:, max(rows, 0) : SIDE + min(rows, 0), max(columns, 0) : SIDE + min(columns, 0)] = (
        source[:, max(-rows, 0) : SIDE + min(-rows, 0), max(-columns, 0) : SIDE + min(-columns, 0)]
    )
    return target
