"""From the counts of a scanned digit back to its centre line, so that it goes the way of a drawing.

counts (8, 8) → bitmap (32, 32) that has them → one pixel wide → smoothed → segments
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from softmax_core.grids import SIDE
from softmax_core.thinning import links, smoothed, thinned

BLOCK = 4  # a count of ink is of BLOCK × BLOCK pixels
THINNED_AT = 80
ROUNDS = 10  # of blurring and cutting; after these hardly a pixel changes any more


def lines_of_counts(counts: ArrayLike) -> Iterator[NDArray[np.float64]]:
    """The centre line of each digit with these counts of ink (n, 8, 8), as segments (s, 2, 2)."""
    for bitmap in bitmaps_of_counts(counts):
        yield smoothed(links(thinned(_enlarged(bitmap))))


def _enlarged(bitmap: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ink's bounding box, its longer side THINNED_AT pixels."""
    ink = Image.fromarray(bitmap.astype(np.uint8) * 255)
    ink = ink.crop(ink.getbbox())
    scale = THINNED_AT / max(ink.size)
    width, height = (max(1, round(side * scale)) for side in ink.size)
    return np.asarray(ink.resize((width, height), Image.Resampling.BILINEAR)) >= 128


def bitmaps_of_counts(counts: ArrayLike) -> NDArray[np.bool_]:
    """Bitmaps (n, 32, 32) with smooth outlines that have exactly these counts (n, 8, 8).

    The counts are taken for a blurred picture. In each block as many of the darkest pixels stay
    as its count says; blurred again, the picture says which they are next time.
    """
    counts = np.asarray(counts)
    picture = np.kron(counts / BLOCK**2, np.ones((1, BLOCK, BLOCK))).astype(np.float64)
    for _ in range(ROUNDS):
        blocks = _blurred(picture).reshape(-1, SIDE, BLOCK, SIDE, BLOCK).swapaxes(2, 3)
        darkest_first = (-blocks.reshape(*counts.shape, -1)).argsort(axis=-1, kind="stable")
        ink = darkest_first.argsort(axis=-1) < counts[..., None]
        picture = ink.reshape(blocks.shape).swapaxes(2, 3).reshape(picture.shape).astype(float)
    return picture.astype(bool)


def _blurred(pictures: NDArray[np.float64], times: int = 4) -> NDArray[np.float64]:
    """Each pixel the mean of its neighbourhood, weighted 1 2 1 both ways, so many times."""
    for _ in range(times):
        p = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
        rows = (p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]) / 4
        pictures = (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 4
    return pictures
