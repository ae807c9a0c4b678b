"""Strokes in the canvas's format and as a short text: back as they were, or an error that says."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.strokes import (
    CANVAS,
    MOST_STROKES,
    drawing_of,
    from_code,
    on_canvas,
    steps_of,
    strokes_of,
    to_code,
)
from softmax_core.errors import DrawingError

halves = st.integers(0, 2 * CANVAS).map(lambda n: n / 2)
points = st.tuples(halves, halves)
anywhere = st.integers(-1000, 2000).map(lambda n: n / 2)
far_strokes = st.lists(st.tuples(anywhere, anywhere), min_size=1, max_size=30).map(tuple)
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


def from_point_to_point(stroke, step=2.0):
    """Points along a stroke, and the length of each one's share."""
    for p, q in pairwise(np.asarray(stroke, float)):
        length = np.hypot(*(q - p))
        parts = max(1, int(length / step))
        yield from ((p + (q - p) * (n + 0.5) / parts, length / parts) for n in range(parts))


@given(far_strokes)
def test_what_is_on_the_canvas_is_kept_and_nothing_else(stroke):
    parts = on_canvas(stroke)
    points = np.array([point for part in parts for point in part]).reshape(-1, 2)
    assert ((points >= 0) & (points <= CANVAS)).all()
    inside = [p for p in stroke if all(0 <= value <= CANVAS for value in p)]
    kept = [p for part in parts for p in part]
    assert set(inside) <= set(kept)
    assert [p for p in kept if p in inside] == [p for p in kept if p in stroke]
    was = sum(share for p, share in from_point_to_point(stroke) if ((p >= 0) & (p <= CANVAS)).all())
    now = sum(share for part in parts for _, share in from_point_to_point(part))
    assert now == pytest.approx(was, abs=4 * len(stroke))
    assert sum(map(on_canvas, parts), ()) == parts


@given(strokes)
def test_a_stroke_on_the_canvas_stays_as_it_is(drawing):
    assert all(on_canvas(stroke) == (stroke,) for stroke in drawing)


@given(st.lists(far_strokes, max_size=5).map(tuple))
def test_canvas_and_code_cut_in_the_same_way(drawing):
    cut = sum(map(on_canvas, drawing), ())
    assert from_code(to_code(drawing)) == from_code(to_code(cut)) == cut


def test_a_stroke_that_leaves_the_canvas_and_comes_back():
    stroke = ((300.0, 100.0), (340.0, 120.0), (340.0, 200.0), (300.0, 180.0), (160.0, 160.0))
    parts = on_canvas(stroke)
    assert parts == (
        ((300.0, 100.0), (320.0, 110.0)),
        ((320.0, 190.0), (300.0, 180.0), (160.0, 160.0)),
    )
    steps = steps_of(drawing_of((((5.0, 5.0), (9.0, 9.0)), stroke, ((400.0, 1.0),))))
    assert [len(step) for step in steps] == [0, 1, 3, 3]
    assert on_canvas(((-10.0, 330.0), (330.0, -10.0))) == (((0.0, 320.0), (320.0, 0.0)),)
    assert on_canvas(((-10.0, 5.0), (5.0, -10.0))) == on_canvas(((400.0, 5.0),)) == ()


def test_a_stroke_that_leaves_too_often_is_named():
    stroke = tuple((160.0, 300.0 if n % 2 else 400.0) for n in range(2 * MOST_STROKES + 4))
    with pytest.raises(DrawingError, match="at most 100 strokes"):
        strokes_of(drawing_of((stroke,)))
