"""Strokes in the canvas's format and as a short text: back as they were, or an error that says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.strokes import drawing_of, from_code, strokes_of, to_code
from softmax_core.errors import DrawingError

halves = st.integers(-1000, 2000).map(lambda n: n / 2)
points = st.tuples(halves, halves)
strokes = st.lists(st.lists(points, min_size=1, max_size=60).map(tuple), max_size=6).map(tuple)


@given(strokes)
def test_a_code_gives_back_the_strokes(drawing):
    assert from_code(to_code(drawing)) == drawing


@given(st.text(max_size=200) | st.text("AZaz09_-", max_size=200))
def test_any_other_text_is_a_drawing_or_a_named_error(text):
    try:
        drawing = from_code(text)
    except DrawingError:
        return
    assert from_code(to_code(drawing)) == drawing


def test_the_canvas_format_gives_back_the_strokes():
    drawing = (((100.0, 80.0), (160.5, 80.0), (190.0, 140.0)), ((3.0, 4.0),))
    assert strokes_of(drawing_of(drawing)) == drawing
    assert strokes_of({"objects": [{"type": "Rect"}, {"type": "Path", "path": []}]}) == ()


def test_a_digit_is_a_short_text():
    drawing = (tuple((100.0 + n, 80.0 + n % 7) for n in range(100)),)
    assert len(to_code(drawing)) < 300


@pytest.mark.parametrize("value", [10**400, 1e300, float("nan"), float("inf"), "1", None, [1], 2j])
def test_a_place_that_no_pen_has_is_named(value):
    with pytest.raises(DrawingError):
        strokes_of({"objects": [{"type": "Path", "path": [["M", value, 0], ["L", 0, 0]]}]})
