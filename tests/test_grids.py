"""The 64 bits of a grid: their order, both ways, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_core.errors import GridError
from softmax_core.grids import as_grids, from_hex, pack, shifted, to_hex, unpack


def one_pixel(row, column):
    grid = np.zeros((8, 8), bool)
    grid[row, column] = True
    return grid


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (0, 0, "8000000000000000"),
        (0, 7, "0100000000000000"),
        (1, 0, "0080000000000000"),
        (7, 7, "0000000000000001"),
    ],
)
def test_the_code_is_in_reading_order_two_characters_a_row(row, column, code):
    assert to_hex(one_pixel(row, column)) == code


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_pack_undoes_unpack(codes):
    codes = np.array(codes, np.uint64)
    grids = unpack(codes)
    assert grids.shape == (len(codes), 8, 8)
    assert grids.dtype == bool
    np.testing.assert_array_equal(pack(grids), codes)


@given(st.integers(0, 2**64 - 1))
def test_the_hex_code_is_the_integer(code):
    text = f"{code:016x}"
    assert to_hex(from_hex(text)) == text
    np.testing.assert_array_equal(from_hex(text.upper()), from_hex(text))
    assert int(pack(from_hex(text))[0]) == code


@pytest.mark.parametrize("text", ["", "0", "0" * 15, "0" * 17, "g" * 16, "0x" + "0" * 14, "١" * 16])
def test_another_text_is_not_a_code(text):
    with pytest.raises(GridError, match="16 hex characters"):
        from_hex(text)


def test_zeros_and_ones_of_any_type_are_a_grid():
    grid = np.eye(8)
    for dtype in (bool, np.uint8, int, float, np.float32):
        np.testing.assert_array_equal(as_grids(grid.astype(dtype)), np.eye(8, dtype=bool)[None])


@pytest.mark.parametrize(
    "grids",
    [
        np.zeros(64),
        np.zeros((8, 9)),
        np.zeros((2, 2, 8, 8)),
        np.full((8, 8), 2),
        np.eye(8) * 0.5,
        np.full((8, 8), np.nan),
        np.full((8, 8), "a"),
        [],
    ],
)
def test_anything_else_is_not(grids):
    with pytest.raises(GridError):
        as_grids(grids)


@pytest.mark.parametrize("codes", [np.array(3, np.uint64), np.array([1.5]), np.array([-1])])
def test_codes_are_a_vector_of_unsigned_integers(codes):
    with pytest.raises(GridError, match="unsigned"):
        unpack(codes)


@pytest.mark.parametrize("rows", [-2, 0, 1])
@pytest.mark.parametrize("columns", [-1, 0, 2])
def test_a_shift_moves_every_pixel_and_loses_those_that_leave(rows, columns):
    for row, column in ((0, 0), (3, 4), (7, 7)):
        moved = shifted(one_pixel(row, column), rows, columns)[0]
        target = row + rows, column + columns
        inside = all(0 <= place < 8 for place in target)
        expected = one_pixel(*target) if inside else np.zeros((8, 8), bool)
        np.testing.assert_array_equal(moved, expected)


def test_every_hex_character_counts_in_both_cases():
    text = "0123456789abcdef"
    assert to_hex(from_hex(text)) == to_hex(from_hex(text.upper())) == text
