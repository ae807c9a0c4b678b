"""A scanned digit's bitmap has exactly the counts it was made from; its line goes where ink is."""

import numpy as np

from softmax_core import load_dataset
from softmax_core.scans import bitmaps_of_counts, lines_of_counts

COUNTS = load_dataset("optdigits").test.counts[:60]


def test_bitmaps_have_the_counts_that_they_were_made_from():
    bitmaps = bitmaps_of_counts(COUNTS)
    for counts, bitmap in zip(COUNTS, bitmaps, strict=True):
        for row, column in np.ndindex(8, 8):
            cell = bitmap[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            assert cell.sum() == counts[row, column]


def test_outlines_are_smoother_than_any_choice_of_the_same_counts():
    bitmaps = bitmaps_of_counts(COUNTS).astype(int)
    rng = np.random.default_rng(0)
    order = rng.random((len(COUNTS), 8, 8, 16)).argsort(axis=-1)
    random = (order < COUNTS[..., None]).reshape(-1, 8, 8, 4, 4).swapaxes(2, 3)
    random = random.reshape(bitmaps.shape).astype(int)

    def edges(pictures):
        return sum(np.abs(np.diff(pictures, axis=axis)).sum() for axis in (1, 2))

    assert edges(bitmaps) < 0.6 * edges(random)


def test_the_line_is_of_the_shape_of_the_digit():
    counts = np.zeros((1, 8, 8), int)
    counts[0, :, 3:5] = 16  # a bar, 8 of 32 pixels wide
    (line,) = lines_of_counts(counts)
    width, height = np.ptp(line, axis=(0, 1))
    assert height > 0.7 * 80
    assert width < 0.1 * 80
