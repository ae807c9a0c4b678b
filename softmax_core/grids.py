"""The 8×8 binary grid, and its 64 bits as one integer or as 16 hex characters.

Row 0 is the top row and column 0 the left one. The bits of a code are in reading order, the
top left pixel first (the most significant bit), so that two hex characters are one row.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import GridError

SIDE = 8
PIXELS = SIDE * SIDE

Grid = NDArray[np.bool_]  # (8, 8)
Grids = NDArray[np.bool_]  # (n, 8, 8)
Codes = NDArray[np.uint64]  # (n,)

_BIG_ENDIAN = np.dtype(">u8")


def as_grids(grids: ArrayLike) -> Grids:
    """One grid (8, 8) or many (n, 8, 8), of zeros and ones, as bool (n, 8, 8).

    Raises `GridError` for another shape or for values other than 0 and 1.
    """
    array = np.asarray(grids)
    if array.ndim == 2:
        array = array[None]
    if array.shape[1:] != (SIDE, SIDE):
        raise GridError(f"expected grids of shape (8, 8) or (n, 8, 8), got {np.shape(grids)}")
    if array.dtype == bool:
        return array
    if array.dtype.kind not in "iuf" or not np.isin(array, (0, 1)).all():
        raise GridError("a grid holds zeros and ones only (binary pixels)")
    return array.astype(bool)


def pictures(values: ArrayLike) -> NDArray:
    """Values in reading order, 64 to a picture, as pictures (n, 8, 8)."""
    return np.asarray(values).reshape(-1, SIDE, SIDE)


def pack(grids: ArrayLike) -> Codes:
    """The 64 bits of each grid as one integer: (n, 8, 8) -> uint64 (n,)."""
    rows = np.packbits(as_grids(grids).reshape(-1, PIXELS), axis=1)
    return rows.view(_BIG_ENDIAN)[:, 0].astype(np.uint64)


def unpack(codes: ArrayLike) -> Grids:
    """The inverse of `pack`: unsigned 64-bit codes (n,) -> bool (n, 8, 8)."""
    array = np.asarray(codes)
    if array.ndim != 1 or array.dtype.kind != "u":
        raise GridError(
            f"expected a vector of unsigned 64-bit codes, got {array.dtype} {array.shape}"
        )
    rows = np.ascontiguousarray(array.astype(_BIG_ENDIAN)).view(np.uint8)
    return pictures(np.unpackbits(rows).view(bool))


def to_hex(grid: ArrayLike) -> str:
    """One grid as 16 hex characters, two a row, the top row first."""
    return f"{int(pack(grid).item()):016x}"


def from_hex(text: str) -> Grid:
    """The inverse of `to_hex`. Raises `GridError` for anything but 16 hex characters."""
    if len(text) != 16 or not set(text.lower()) <= set("0123456789abcdef"):
        raise GridError(f"the code of a grid is 16 hex characters, got {text[:40]!r}")
    return unpack(np.array([int(text, 16)], dtype=np.uint64))[0]


def shifted(grids: ArrayLike, rows: int, columns: int) -> Grids:
    """The grids moved down by `rows` and right by `columns`; what leaves the grid is lost."""
    source = as_grids(grids)
    target = np.zeros_like(source)
    target[:, max(rows, 0) : SIDE + min(rows, 0), max(columns, 0) : SIDE + min(columns, 0)] = (
        source[:, max(-rows, 0) : SIDE + min(-rows, 0), max(-columns, 0) : SIDE + min(-columns, 0)]
    )
    return target
