"""Thinning and the links of the line, each against its definition written out pixel by pixel."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from softmax_core.thinning import (
    lengthened,
    line_of,
    links,
    pen_width,
    thinned,
    without_spurs,
)

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.booleans())


def drawn(*rows):
    return np.array([[mark == "#" for mark in row] for row in rows])


def inked(mask):
    """The pixels of a mask as (x, y)."""
    return {(x, y) for y, x in np.argwhere(mask).tolist()}


@given(MASKS)
def test_links_join_neighbours_once_and_cut_no_corner(line):
    pixels = inked(line)
    expected = [((x, y), (x, y)) for x, y in pixels]
    for (x, y), (u, v) in product(pixels, pixels):
        straight = abs(u - x) + abs(v - y) == 1
        diagonal = abs(u - x) == abs(v - y) == 1 and not {(x, v), (u, y)} & pixels
        if (x, y) < (u, v) and (straight or diagonal):
            expected.append(((x, y), (u, v)))
    found = [tuple(sorted(map(tuple, segment))) for segment in links(line).tolist()]
    assert sorted(found) == sorted(expected)


@given(MASKS)
def test_thinning_is_that_of_zhang_and_suen(ink):
    assert inked(thinned(ink)) == plainly_thinned(inked(ink))


def plainly_thinned(pixels):
    """The paper's two passes, in its own words: P2 is north, and so on clockwise."""
    while True:
        before = set(pixels)
        for first in (True, False):
            peeled = set()
            for x, y in pixels:
                ring = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)]
                p = [(x + dx, y + dy) in pixels for dx, dy in ring]
                p2, p4, p6, p8 = p[::2]
                arcs = sum(not a and b for a, b in zip(p, p[1:] + p[:1], strict=True))
                if first:
                    rim = not (p2 and p4 and p6) and not (p4 and p6 and p8)
                else:
                    rim = not (p2 and p4 and p8) and not (p2 and p6 and p8)
                if 2 <= sum(p) <= 6 and arcs == 1 and rim:
                    peeled.add((x, y))
            pixels = pixels - peeled
        if pixels == before:
            return pixels


def test_a_short_side_branch_goes_and_free_ends_stay():
    line = drawn(
        "..........",
        "....#.....",
        "....#.....",
        "##########",
        "..........",
    )
    bare = line.copy()
    bare[:3] = False
    np.testing.assert_array_equal(without_spurs(bare, 100), bare)
    np.testing.assert_array_equal(without_spurs(line, 0), line)
    assert inked(without_spurs(line, 2)) <= inked(line)
    assert not without_spurs(line, 2)[:3].any()
    assert without_spurs(line, 2)[3, [0, 9]].all()


@pytest.mark.parametrize("pen", [5, 8, 12])
def test_the_line_of_a_straight_stroke_is_as_long_as_the_stroke(pen):
    """From the middle of one round end to that of the other, a few pixels more or less."""
    length, lost = 60, []
    row, column = np.indices((100, 100))
    for angle in np.linspace(0, np.pi, 25):
        way = length * np.array([np.cos(angle), np.sin(angle)])
        points = np.stack([column, row], axis=-1) - (50 - way / 2)
        along = np.clip(points @ way / length**2, 0, 1)
        ink = np.hypot(*np.moveaxis(points - along[..., None] * way, -1, 0)) <= pen / 2
        lost.append(length - np.ptp((line_of(ink).reshape(-1, 2) - 50) @ way / length))
    assert abs(np.mean(lost)) <= 0.2 * pen
    assert np.max(np.abs(lost)) <= 0.6 * pen


def test_the_width_of_a_pen_is_measured():
    ink = np.zeros((60, 60), bool)
    for row in range(10, 50):
        ink[row, 10 + row // 2 : 16 + row // 2] = True
    assert 4 <= pen_width(ink) <= 7.5


def test_a_free_end_goes_on_as_it_came_and_a_ring_has_none():
    path = np.array([[(0, 0), (3, 0)], [(3, 0), (3, 4)]], float)
    longer = lengthened(path, 2, 3)
    np.testing.assert_allclose(longer[2:, 1], [(-2, 0), (3, 6)])
    ring = np.array([[(0, 0), (3, 0)], [(3, 0), (3, 4)], [(3, 4), (0, 0)]], float)
    assert len(lengthened(ring, 2, 3)) == 3
    dot = np.array([[(5, 5), (5, 5)]], float)
    assert len(lengthened(dot, 2, 3)) == 1


def test_nothing_has_no_line_and_a_dot_has_one():
    assert not len(line_of(np.zeros((5, 5), bool)))
    dot = np.zeros((6, 6), bool)
    dot[2:4, 2:4] = True
    assert len(line_of(dot))
