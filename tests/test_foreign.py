"""Ink that is not the digit is left out; whatever could be a part of one is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from softmax_core import grid_from_image, grid_from_strokes, load_model, prepare
from softmax_core.foreign import belonging, hanging_together, without_lines
from tests.drawings import picture, recorded
from tests.frames import FRAMES, by_hand, framed
from tests.scenes import ink_of

PARTS = {
    "a plain 7 of two lines": [[(0, 0), (60, 0)], [(60, 0), (20, 100)]],
    "a 7 with a bar that touches nothing": [[(0, 0), (60, 0), (20, 100)], [(18, 55), (34, 55)]],
    "a 5 whose bar flies": [
        [(20, 0), (10, 45), (50, 60), (40, 95), (5, 90)],
        [(40, -20), (75, -25)],
    ],
    "a 4 of two strokes": [[(30, 0), (0, 60), (60, 60)], [(45, 30), (45, 100)]],
    "an 8 of two circles": [
        [(30 + 25 * np.cos(a), 25 + 25 * np.sin(a)) for a in np.linspace(0, 6.3, 30)],
        [(30 + 30 * np.cos(a), 88 + 30 * np.sin(a)) for a in np.linspace(0, 6.3, 30)],
    ],
    "a 1 with serif and base": [[(0, 20), (20, 0)], [(20, 0), (20, 100)], [(0, 104), (40, 104)]],
    "a 1 in dashes": [[(0, 20 * k), (0, 20 * k + 9)] for k in range(6)],
    "a 0 in dots": [[(40 * np.sin(a), 60 * np.cos(a))] for a in np.linspace(0, 6, 24)],
}


@pytest.mark.parametrize("strokes", PARTS.values(), ids=PARTS)
def test_what_may_be_a_part_of_a_digit_stays(strokes):
    assert not len(prepare(strokes).left_out)


@pytest.mark.parametrize("tap", [(300, 300), (-150, 20), (20, 260)])
@pytest.mark.parametrize("strokes", PARTS.values(), ids=PARTS)
def test_a_tap_far_away_changes_nothing(strokes, tap):
    prepared = prepare([*strokes, [tap]])
    np.testing.assert_array_equal(prepared.grid, grid_from_strokes(strokes))
    np.testing.assert_array_equal(prepared.left_out, [[tap, tap]])


def test_a_person_can_take_back_what_was_left_out():
    strokes, tap = PARTS["a plain 7 of two lines"], [(300.0, 300.0)]
    whole = prepare([*strokes, tap], everything=True)
    assert not len(whole.left_out)
    assert whole.grid[-1, -1]
    image = picture([np.array(s, float) for s in strokes], pen=8)
    image.paste(0, (300, 300, 306, 306))
    low, high = prepare(image).left_out[0]
    np.testing.assert_allclose([low, high], [(300, 300), (306, 306)], atol=2)
    assert grid_from_image(image).sum() > 15
    whole = prepare(image, everything=True)
    assert (whole.grid ^ grid_from_image(image)).sum() > 8
    assert not len(whole.left_out)


def test_taps_do_not_make_recorded_digits_unreadable():
    """One to three, anywhere on the canvas: as right as without them."""
    rng, model = np.random.default_rng(0), load_model("pairs")
    strokes, labels = recorded(100)
    for taps in (1, 3):
        grids = []
        for stroke in strokes:
            extra = [rng.uniform(-60, 160, (1, 2)) * (1, -1) for _ in range(taps)]
            grids.append(grid_from_strokes([*stroke, *extra]))
        assert (model.predict(grids) == labels).mean() >= 0.9


def test_a_thousand_taps_are_a_drawing():
    taps = list(np.random.default_rng(0).uniform(0, 320, (1000, 1, 2)))
    assert prepare(taps).grid.any()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=5),
        min_size=1,
        max_size=6,
    )
)
def test_something_always_stays_and_every_stroke_is_kept_or_named(strokes):
    prepared = prepare(strokes)
    assert prepared.bitmap.any()
    assert len(prepared.left_out) < len(strokes)


RULED = {
    "4, margin": ([[(30, 10), (30, 60), (80, 60)], [(75, 10), (75, 112)]], (-15, -10), (-15, 130)),
    "7, underlined": ([[(20, 10), (80, 10)], [(80, 10), (60, 110)]], (0, 130), (100, 130)),
    "7 of one stroke, underlined": ([[(20, 10), (80, 10), (40, 110)]], (0, 130), (100, 130)),
}


@pytest.mark.parametrize("name", RULED)
def test_a_line_beside_a_digit_takes_none_of_its_strokes_away(name):
    strokes, *line = RULED[name]
    ruled = prepare([*strokes, line])
    assert ruled.left_out.tolist() == [[list(point) for point in line]]
    np.testing.assert_array_equal(ruled.grid, prepare(strokes).grid)


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_drawn_about_a_digit_is_left_out_and_can_be_taken_back(kind):
    rng, model = np.random.default_rng(0), load_model("pairs")
    strokes, _ = recorded(40)
    alone, whole, exact = [], [], []
    for stroke in strokes:
        digit, frame = framed(stroke, kind, rng)
        prepared = prepare([*frame, *digit])
        boxes = [(path.min(axis=0), path.max(axis=0)) for path in frame]
        exact.append(np.array_equal(prepared.left_out, boxes))
        alone.append(grid_from_strokes(digit))
        whole.append(prepared.grid)
        assert not len(prepare([*frame, *digit], everything=True).left_out)
    assert np.mean(exact) >= 0.9
    assert (model.predict(whole) == model.predict(alone)).mean() >= 0.9


@pytest.mark.parametrize("kind", FRAMES)
def test_on_paper_as_on_the_canvas(kind):
    rng, model = np.random.default_rng(1), load_model("pairs")
    same = []
    for stroke in recorded(20)[0]:
        digit, frame = framed(stroke, kind, rng)
        points = np.concatenate([*frame, *digit])
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        margin = rng.uniform(0.1, 0.6) * extent.max()
        size = tuple((extent + 2 * margin).astype(int))
        ink = [
            ink_of(part, size, (*(ends[0] - low + margin), *(ends[1] - ends[0])), rng.uniform(2, 5))
            for part in (digit, frame)
            for ends in [(np.min(np.vstack(part), axis=0), np.max(np.vstack(part), axis=0))]
        ]
        alone, whole = (
            grid_from_image((250 - 200 * shown).astype(np.uint8))
            for shown in (ink[0], np.maximum(*ink))
        )
        same.append(model.predict([alone])[0] == model.predict([whole])[0])
    assert np.mean(same) >= 0.8


def ring(x, y, wide, high):
    return [(x + wide * np.sin(a), y + high * np.cos(a)) for a in np.linspace(0, 6.3, 40)]


def box(left, top, right, bottom):
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


STRAIGHT_STROKES = {
    "7": [[(0, 0), (60, 0)], [(60, 0), (60, 100)]],
    "7 with a bar": [[(0, 0), (60, 0)], [(60, 0), (50, 100)], [(20, 50), (75, 50)]],
    "4 that crosses": [[(20, 0), (0, 60), (65, 60)], [(45, 20), (45, 100)]],
    "4 of a hook and a stem": [[(0, 15), (0, 55), (45, 55)], [(60, 0), (60, 100)]],
    "4 of three lines": [[(0, 0), (0, 50)], [(0, 50), (60, 50)], [(50, 0), (50, 100)]],
    "1 with a base": [[(30, 0), (30, 100)], [(0, 103), (60, 103)]],
    "1 with a serif and a base": [[(5, 20), (30, 0), (30, 100)], [(0, 104), (60, 104)]],
    "1 with a dash beside": [[(0, 0), (0, 100)], [(20, 50), (40, 50)]],
    "5 with a bar": [[(10, 0), (8, 45), (50, 55), (45, 95), (0, 95)], [(10, 0), (60, 0)]],
    "5 whose bar flies": [[(10, 5), (8, 45), (50, 55), (45, 95), (0, 95)], [(20, -8), (80, -8)]],
    "5 of a corner and a bow": [[(60, 0), (5, 0), (5, 45)], [(5, 45), (50, 55), (45, 95), (0, 95)]],
    "2 with a base": [[(5, 20), (30, 0), (55, 20), (5, 95)], [(0, 98), (70, 98)]],
    "3 of lines": [[(0, 0), (50, 0), (50, 100), (0, 100)], [(10, 50), (50, 50)]],
    "0 as a rectangle": [box(0, 0, 60, 100)],
    "0 of two halves": [
        [(30, 0), (0, 0), (0, 100), (30, 100)],
        [(30, 0), (60, 0), (60, 100), (30, 100)],
    ],
    "8 of two rectangles": [box(5, 0, 55, 48), box(0, 50, 60, 100)],
    "8 of a rectangle and a line": [box(0, 0, 60, 100), [(0, 50), (60, 50)]],
    "0 with a slash": [ring(30, 50, 30, 50), [(50, 12), (10, 88)]],
    "0 with a short slash": [ring(30, 50, 30, 50), [(44, 22), (16, 78)]],
    "0 with a dot": [ring(30, 50, 30, 50), [(30, 50), (31, 50)]],
    "0 with a small stroke in it": [ring(30, 50, 30, 50), [(27, 45), (33, 55)]],
    "0 as a rectangle with a slash": [box(0, 0, 60, 100), [(58, 3), (2, 97)]],
    "0 as a rectangle with a dot": [box(0, 0, 60, 100), [(30, 48), (31, 52)]],
    "6 with a stroke in its loop": [
        [(45, 0), (5, 50), *ring(30, 72, 26, 28)],
        [(28, 70), (34, 75)],
    ],
    "9 with a stroke in its loop": [
        [*ring(28, 28, 26, 28), (54, 28), (54, 100)],
        [(25, 25), (32, 30)],
    ],
    "8 of two rings": [ring(30, 24, 22, 24), ring(30, 74, 26, 26)],
}


@pytest.mark.parametrize("strokes", STRAIGHT_STROKES.values(), ids=STRAIGHT_STROKES)
def test_no_stroke_of_a_digit_is_taken_for_a_frame(strokes):
    rng = np.random.default_rng(0)
    large = [bool(np.ptp(stroke, axis=0).max() > 30) for stroke in strokes]
    for _ in range(30):
        shape = np.diag(rng.uniform((0.8, 1), (1.2, 1))) @ [[1, 0], [rng.normal(0, 0.06), 1]]
        drawn = [by_hand(np.array(s) @ shape, rng, 0.6) for s in strokes]
        belongs = belonging(
            np.concatenate([np.stack([s[:-1], s[1:]], axis=1) for s in drawn]),
            np.repeat(np.arange(len(drawn)), [len(s) - 1 for s in drawn]),
        )
        assert belongs[large].all()


def test_no_ink_has_no_pieces():
    assert not len(belonging(np.empty((0, 2, 2)), np.empty(0, int)))
    assert not len(hanging_together(np.zeros((5, 7), bool))[0])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 20), st.floats(0, 1))
def test_pieces_of_a_mask_are_what_flooding_finds(seed, height, width, share):
    mask = np.random.default_rng(seed).random((height, width)) < share
    runs, piece = hanging_together(mask)
    label = np.full(mask.shape, -1)
    label[mask] = np.repeat(piece, np.ptp(runs[..., 0], axis=1).astype(int))
    for row, column in np.argwhere(mask):  # neighbours, corners included, are of one piece
        near = label[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        assert set(near[near >= 0]) == {label[row, column]}
    assert set(piece) == set(range(_flooded(mask)))


def _flooded(mask):
    left, count = {tuple(p) for p in np.argwhere(mask)}, 0
    while left:
        count, edge = count + 1, [left.pop()]
        while edge:
            r, c = edge.pop()
            near = {(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge.extend(near)
    return count


def seven_in(shape=(200, 200)):
    mask = np.zeros(shape, bool)
    mask[60:68, 60:130] = True
    for row in range(68, 150):
        mask[row, 122 - (row - 68) // 2 : 130 - (row - 68) // 2] = True
    return mask


def test_lines_of_a_table_go_and_ink_that_crosses_them_stays():
    seven = seven_in()
    lined = seven.copy()
    lined[20:23] = lined[140:143] = lined[:, 30:33] = lined[:, 170:173] = True
    cleared, boxes = without_lines(lined)
    assert len(boxes) == 4
    assert (cleared & ~seven).sum() <= 4 * 9 + 9  # four crossings of lines, and stubs: specks
    assert (seven & ~cleared).sum() <= 60


def test_a_line_that_is_all_there_is_stays():
    line = np.zeros((200, 200), bool)
    line[100:104] = True
    for mask in (line, line.T):
        np.testing.assert_array_equal(without_lines(mask)[0], mask)


def test_a_digit_that_fills_its_picture_keeps_its_bars():
    four = np.zeros((200, 150), bool)
    four[120:127] = True  # its bar, from rim to rim
    four[:, 100:107] = True  # its stem, from rim to rim
    for row in range(120):
        four[row, max(0, 100 - row) : 107 - row] = True
    np.testing.assert_array_equal(without_lines(four)[0], four)
    assert not len(without_lines(seven_in()[60:150, 60:130])[1])


STRAIGHT = {  # digits with straight strokes of more than half the height or width of the picture
    "4": [[(55, 10), (20, 70), (90, 70)], [(65, 50), (65, 125)]],
    "0": [[(30, 20), (30, 110), (90, 110), (90, 20), (32, 18)]],
    "7": [[(20, 20), (95, 20), (60, 120)]],
    "2": [[(30, 40), (60, 15), (85, 40), (20, 115), (95, 115)]],
}
LINES = {
    "no lines": [],
    "two of a table": [[(8, 0), (8, 140)], [(0, 132), (120, 132)]],
    "a frame": [[(8, 8), (112, 8), (112, 132), (8, 132), (8, 8)]],
    "the corner of a frame": [[(8, 132), (112, 132), (112, 8)]],
}


def inked(strokes, size=(140, 120), pen=4):
    image = Image.new("L", size[::-1])
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        draw.line(stroke, fill=255, width=pen, joint="curve")
    return np.asarray(image) > 0


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
@pytest.mark.parametrize("digit", STRAIGHT.values(), ids=STRAIGHT)
def test_of_a_digit_in_a_table_no_stroke_is_taken_for_a_line(digit, lines):
    digit = inked(digit)
    cleared, boxes = without_lines(digit | inked(lines, pen=3))
    assert bool(len(boxes)) == bool(lines)
    assert (digit & ~cleared).sum() <= 0.01 * digit.sum()
    assert (cleared & ~digit).sum() <= 40  # corners of the frame are left, as specks


def test_a_one_in_a_frame_is_no_line_of_it():
    one, frame = inked([[(60, 30), (60, 110)]]), inked(LINES["a frame"], pen=3)
    cleared, boxes = without_lines(one | frame)
    assert (cleared & one == one).all()
    assert (cleared & ~one).sum() <= 40
    assert len(boxes) == 4


def test_a_line_of_a_frame_on_which_a_digit_stands_goes():
    digit = inked([[(60, 30), (40, 80), (60, 100), (80, 80), (45, 75)]])
    line = inked([[(12, 101), (108, 101)]], pen=3)
    cleared, boxes = without_lines(digit | line)
    assert len(boxes) == 1
    assert not cleared[:, :30].any()
    assert cleared[:95].sum() == digit[:95].sum()


def test_many_specks_cost_little():
    """A picture of dust has thousands of pieces; time and memory stay those of a picture."""
    mask = np.zeros((960, 1280), bool)
    mask[::4, ::4] = True
    mask[400:404] = True
    assert without_lines(mask)[0].shape == mask.shape
