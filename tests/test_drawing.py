"""The stations of a drawing: by hand, by what must not matter, and on recorded handwriting."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_core import (
    PREPARATIONS,
    grid_from_image,
    grid_from_strokes,
    load_dataset,
    load_model,
    prepare,
)
from softmax_core.drawing import MOST_POINTS, lean_of, line_of_strokes, slant_of
from softmax_core.errors import DrawingError, ParameterError
from tests.drawings import picture, recorded

PEN = PREPARATIONS["pen"]


def bitmap_by_hand(framed, pen):
    """Every pixel's distance to every segment, from the definition."""
    centres = np.stack(np.meshgrid(np.arange(32) + 0.5, np.arange(32) + 0.5), axis=-1)
    near = np.zeros((32, 32), bool)
    for start, stop in itertools.pairwise(framed):
        along = stop - start
        share = np.clip((centres - start) @ along / max(along @ along, 1e-12), 0, 1)
        foot = start + share[..., None] * along
        near |= np.hypot(*np.moveaxis(centres - foot, -1, 0)) <= pen / 2
    return near


def test_a_stroke_that_fills_the_frame_is_drawn_by_its_distance():
    how = replace(PEN, deskew=False)
    room = np.array([1.75, 30.25])  # the frame less half a pen
    path = np.array([[0, 0], [3, 10], [10, 4], [7, 9]], float)
    framed = room[0] + (room[1] - room[0]) * path / 10
    drawn = prepare([path], how).bitmap
    exact = bitmap_by_hand(framed, how.pen)
    assert (drawn & ~exact).sum() == 0
    assert (exact & ~drawn).sum() <= 2  # the pen is put down every quarter of a pixel


def test_the_stations_follow_from_each_other():
    for strokes in recorded(20)[0]:
        bitmap, counts, grid, *_ = prepare(strokes)
        for row, column in np.ndindex(8, 8):
            cell = bitmap[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            assert counts[row, column] == cell.sum()
        np.testing.assert_array_equal(grid, counts >= PEN.threshold)


@pytest.mark.parametrize("scale", [0.01, 0.5, 2, 1000])
def test_size_and_place_do_not_matter(scale):
    for strokes in recorded(50)[0]:
        moved = [stroke * scale + (7 * scale, -3) for stroke in strokes]
        difference = grid_from_strokes(moved) ^ grid_from_strokes(strokes)
        assert difference.sum() <= 1  # one at most: rounding at the edge of a pixel


def test_a_slant_matters_little_and_without_deskewing_much():
    slant = np.array([[1, 0], [0.3, 1]])

    def cells_changed(how):
        pairs = [([stroke @ slant for stroke in s], s) for s in recorded(50)[0]]
        return np.mean(
            [(grid_from_strokes(a, how) ^ grid_from_strokes(b, how)).sum() for a, b in pairs]
        )

    for how in PREPARATIONS.values():
        assert cells_changed(how) < 2  # not 0: a slant lengthens segments, which weigh by length
        assert cells_changed(replace(how, deskew=False)) > 3 * cells_changed(how)


UPRIGHT = {
    "4, open": [[(0, 0), (0, 50), (70, 50)], [(60, 0), (60, 100)]],
    "4, closed": [[(60, 0), (0, 62), (80, 62)], [(60, 0), (60, 100)]],
    "4, open, a short stem": [[(16, 0), (0, 58), (56, 58)], [(40, 30), (40, 90)]],
    "4, open, a shorter one": [[(12, 0), (0, 50), (60, 50)], [(40, 25), (40, 85)]],
    "4, arm and stem apart": [[(25, 0), (0, 60), (70, 60)], [(60, 20), (60, 100)]],
    "4, one stroke": [[(80, 62), (0, 62), (60, 0), (60, 100)]],
    "L": [[(0, 0), (0, 100), (60, 100)]],
    "7": [[(0, 0), (60, 0), (60, 100)]],
    "F": [[(60, 0), (0, 0), (0, 100)], [(0, 50), (50, 50)]],
    "1": [[(0, 0), (0, 100)]],
    "1 with a flag": [[(-25, 25), (0, 0), (0, 100)]],
}


@pytest.mark.parametrize("name", UPRIGHT)
def test_what_stands_upright_stays_upright(name):
    line = line_of_strokes(UPRIGHT[name])
    assert abs(np.degrees(np.arctan(slant_of(line)))) < 1
    shear = np.array([[1, 0], [-0.2, 1]])  # leaning to the right
    leaning = line_of_strokes([np.array(stroke) @ shear for stroke in UPRIGHT[name]])
    assert abs(np.degrees(np.arctan(slant_of(leaning) + 0.2))) < 1


def test_a_coarse_tablet_does_not_hide_where_a_stem_goes():
    corners = [(n, 100 - 5 * n) for n in range(20)]  # 11° to the right
    stairs = [p for x, y in corners for p in ((x, y), (x, y - 5))]
    assert slant_of(line_of_strokes([stairs])) == pytest.approx(-0.2, abs=0.05)


def test_curves_lean_by_their_covariance():
    t = np.linspace(0, 2 * np.pi, 200)
    ellipse = np.stack([20 * np.cos(t), 50 * np.sin(t)], axis=1)
    line = line_of_strokes([ellipse @ np.array([[1, 0], [0.4, 1]])])
    assert slant_of(line) == pytest.approx(lean_of(line), abs=1e-9)
    assert lean_of(line) == pytest.approx(0.4, abs=0.05)


def test_a_drawing_that_is_very_flat_takes_no_more_memory_than_another():
    assert abs(slant_of(line_of_strokes([[(0, 0.03), (1e7, 0)]]))) <= 1.5


def test_what_has_no_height_does_not_lean():
    for strokes in ([], [[(1, 1)]], [[(0, 0), (9, 0)]]):
        assert slant_of(line_of_strokes(strokes)) == 0


def test_deskewing_leaves_no_covariance():
    path = np.array([[3.0, 0.0], [2.0, 4.0], [0.5, 10.0]])
    upright = prepare([path]).bitmap
    x = np.nonzero(upright)[1]
    assert np.ptp(x) <= 7  # a slanted line stands upright, as wide as the pen


def test_a_narrow_digit_is_not_blown_up_and_a_wide_one_is():
    one = prepare([[(0, 0), (0, 100)]]).grid
    assert set(np.nonzero(one)[1]) <= {3, 4}
    assert one.any(axis=1).all()
    box = prepare([[(0, 0), (50, 0), (50, 100), (0, 100), (0, 0)]]).grid
    assert box[:, 0].all()
    assert box[:, 7].all()


def test_without_stretch_the_aspect_stays():
    box = [[(0, 0), (50, 0), (50, 100), (0, 100), (0, 0)]]
    rows, columns = np.nonzero(prepare(box, replace(PEN, stretch=False)).bitmap)
    assert np.ptp(rows) == 31
    assert 15 <= np.ptp(columns) <= 18


def test_on_a_canvas_the_place_stays():
    how = replace(PEN, deskew=False, canvas=320.0)
    grid = prepare([[(20, 20), (60, 20)]], how).grid
    assert set(np.nonzero(grid)[0]) <= {0, 1}
    assert not grid[:, 3:].any()
    assert not prepare([[(900, 900), (1000, 900)]], how).grid.any()


def test_one_dot_is_a_dot_in_the_middle():
    bitmap = prepare([[(5, 5)]]).bitmap
    rows, columns = np.nonzero(bitmap)
    assert rows.mean() == columns.mean() == 15.5
    assert 5 <= bitmap.sum() <= 16


@pytest.mark.parametrize("strokes", [[], [[]], [np.empty((0, 2))], [[], []]])
def test_nothing_drawn_is_an_empty_grid(strokes):
    assert not grid_from_strokes(strokes).any()


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([[(0, 0), (np.nan, 1)]], "stroke 1 .* finite"),
        ([[(0, 0)], [(0, np.inf)]], "stroke 2 .* finite"),
        ([[(1e300, 0), (0, 1)]], "stroke 1 .* finite"),
        ([[(1, 2, 3)]], "stroke 1 .* points"),
        ([[1, 2]], "stroke 1 .* points"),
        ([["a", "b"]], "stroke 1 .* points"),
        ([[(1, 2), (3,)]], "stroke 1 .* points"),
        ([None], "stroke 1 .* points"),
        ([np.zeros((MOST_POINTS + 2, 2))], "at most 20,000 points"),
    ],
)
def test_what_is_not_a_drawing_is_refused_by_name(strokes, message):
    with pytest.raises(DrawingError, match=message):
        grid_from_strokes(strokes)


def test_a_thousand_strokes_are_drawn():
    rng = np.random.default_rng(0)
    grid = grid_from_strokes([rng.uniform(0, 320, (10, 2)) for _ in range(1000)])
    assert grid.all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), max_size=8), max_size=4
    )
)
def test_any_finite_drawing_has_a_grid_and_ink_leaves_some(strokes):
    prepared = prepare(strokes)
    assert prepared.bitmap.any() == any(strokes)
    assert prepared.grid.shape == (8, 8)


def test_another_preparation_is_refused_with_the_names_there_are():
    with pytest.raises(ParameterError, match="there are pen"):
        prepare([], "crop")


@pytest.mark.parametrize("dark", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("pen", [8, 16, 30])
def test_a_picture_of_strokes_agrees_with_the_strokes(pen, dark):
    model = load_model("pairs")
    strokes, _ = recorded(100)
    grids = [grid_from_strokes(s, model.preparation) for s in strokes]
    pictures = [grid_from_image(picture(s, pen=pen, dark=dark), model.preparation) for s in strokes]
    agreement = (model.predict(grids) == model.predict(pictures)).mean()
    assert agreement >= 0.93


def test_the_shipped_models_are_right_on_recorded_handwriting():
    """Held-out writers, through the whole way from the pen's path to a class."""
    strokes, labels = recorded(300)
    for name, least in (("pixels", 0.90), ("pairs", 0.93), ("classic", 0.70)):
        model = load_model(name)
        grids = [grid_from_strokes(s, model.preparation) for s in strokes]
        assert (model.predict(grids) == labels).mean() >= least


def test_the_same_digits_of_other_writers_are_in_no_training_set():
    pen = load_dataset("pen")
    assert (len(pen.train), len(pen.test)) == (7494, 3498)


def beside(gap, lower=0.0):
    """A 3 and a 1."""
    three = np.array([(5, 15), (25, 0), (50, 20), (30, 45), (55, 70), (25, 100), (0, 85)], float)
    return [three, np.array([(55 + gap, lower), (55 + gap, 95 + lower)], float)]


@pytest.mark.parametrize("gap", [5, 20, 60])
@pytest.mark.parametrize("scale", [0.01, 1, 300])
def test_two_digits_beside_each_other_are_seen(gap, scale):
    assert prepare([stroke * scale for stroke in beside(gap)]).two
    three = beside(gap)[0]  # in a picture a straight 1 may as well be the line of a frame
    assert prepare(picture([three, three + np.array([60 + gap, 3])], pen=4)).two


def test_what_is_one_digit_is_not_two():
    four = [np.array([(40, 0), (0, 60), (70, 60)]), np.array([(60, 0), (60, 100)])]
    for gap in (2, 5, 9):  # an open one whose bar does not reach the stem
        hook = np.array([(15, 0), (0, 62), (70, 62)]), np.array([(70 + gap, 10), (70 + gap, 100)])
        assert not prepare(hook).two
    small = [*beside(20)[:1], np.array([(80, 80), (80, 100)])]  # the second is not tall
    over = [np.array([(0, 0), (60, 0)]), np.array([(0, 50), (60, 50)])]
    for strokes in (four, small, over, beside(20)[1:], [], [[(3, 3)]]):
        assert not prepare(strokes).two


def test_two_of_many_dots_costs_as_much_as_its_dots():
    dots = list(np.random.default_rng(0).uniform((0, 0), (1e6, 1), (5000, 1, 2)))
    assert prepare(dots, everything=True).bitmap.any()
