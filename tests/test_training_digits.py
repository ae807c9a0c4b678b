"""What is done to training digits: corners where they were, pens lifted, copies near the digit."""

import ast
import itertools
from pathlib import Path

import numpy as np
import pytest

from softmax_core import load_dataset
from softmax_core.datasets import Split
from softmax_core.training_digits import (
    LIFTS,
    LINES,
    Changes,
    changed,
    drawn,
    in_box,
    lifted,
    mended,
    shaken,
    warped,
)

ROOT = Path(__file__).parents[1]


def equally_spaced(corners, n=8):
    """n points equally far apart along a polygon, as the tablet's recordings were thinned."""
    corners = np.array(corners, float)
    lengths = np.append(0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
    at = np.linspace(0, lengths[-1], n)
    return np.stack([np.interp(at, lengths, axis) for axis in corners.T], axis=1)


def distance(path, point):
    """How near a path comes to a point."""
    dense = np.concatenate([np.linspace(a, b, 50) for a, b in itertools.pairwise(path)])
    return np.hypot(*(dense - point).T).min()


def test_a_corner_that_the_recording_cut_off_is_put_back():
    corner = np.array([60.0, 0.0])
    path = equally_spaced([(0, 0), corner, (60, 100)])
    assert distance(path, corner) > 7
    assert distance(mended(path), corner) < 2


def test_a_turn_back_is_put_back():
    tip = np.array([0.0, 100.0])
    path = equally_spaced([(0, 0), tip, (0, 45)])
    assert distance(path, tip) > 5
    assert distance(mended(path), tip) < 2


def test_a_mended_path_goes_through_the_recorded_points():
    for path in load_dataset("pen").train.trajectories[:200].astype(float):
        whole = mended(path)
        assert all(distance(whole, point) < 1e-9 for point in path)


def test_a_straight_path_stays_straight():
    path = np.stack([np.arange(8.0), 2 * np.arange(8.0)], axis=1)
    np.testing.assert_allclose(mended(path)[:, 1], 2 * mended(path)[:, 0], atol=1e-12)


def test_the_pen_is_lifted_between_the_strokes_of_a_four():
    first, second = [(10, 0), (0, 60), (70, 60)], [(50, 0), (50, 100)]
    joined = np.array(first + second, float)
    one, two = lifted(joined, 4)
    np.testing.assert_array_equal(one, first)
    np.testing.assert_array_equal(two, second)
    assert len(lifted(joined, 6)) == 1  # of other digits no stroke is known to follow


def test_a_pen_that_does_not_rise_is_not_lifted():
    assert len(lifted(np.array([(0, 0), (60, 0), (30, 100)], float), 7)) == 1
    assert len(lifted(np.array([(0, 100), (10, 0)], float), 4)) == 1


@pytest.mark.parametrize("label", LIFTS)
def test_most_strokes_are_taken_apart_where_the_label_says_so(label):
    train = load_dataset("pen").train
    paths = train.trajectories[train.labels == label][:100] * (1.0, -1.0)
    strokes = [lifted(mended(path), label) for path in paths]
    assert {len(each) for each in strokes} <= {1, 2}
    for path, each in zip(paths, strokes, strict=True):  # nothing is moved
        points = {tuple(p) for stroke in each for p in stroke}
        assert points <= {tuple(p) for p in mended(path)}


def test_the_rule_that_reads_labels_is_known_to_training_alone():
    """`lifted` is called in its own module, and that module by what makes the weights."""
    for path in [*ROOT.glob("softmax_core/**/*.py"), *ROOT.glob("pages/**/*.py")]:
        text = path.read_text()
        if path.stem not in ("training_digits", "train_models"):
            assert "training_digits" not in text, path
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / "softmax_core/training_digits.py").read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lifted"
    ]
    assert len(calls) == 1


def test_what_makes_the_weights_reads_training_parts_alone():
    tree = ast.parse((ROOT / "softmax_core/train_models.py").read_text())
    functions = {
        node.name: ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    }
    assert ".train" in functions["_draw"]
    assert [name for name, text in functions.items() if ".test" in text] == ["_accuracies"]


def test_copies_stay_near_their_digit_and_no_two_are_alike():
    rng = np.random.default_rng(0)
    strokes = in_box([np.array([(0, 0), (60, 0), (20, 100)], float)])
    how = Changes(copies=1, turn=0.06, shake=4, warp=5)
    copies = [changed(strokes, how, rng)[0] for _ in range(300)]
    off = np.array(copies) - strokes[0]
    assert 3 < off.std() < 12
    assert np.abs(off.mean(axis=0)).max() < 3
    assert len({copy.tobytes() for copy in copies}) == 300


def test_a_warp_moves_neighbours_together_and_by_the_size_that_is_asked_for():
    points = np.stack(np.meshgrid(np.arange(0, 100, 5.0), np.arange(0, 100, 5.0)), -1).reshape(
        -1, 2
    )
    moves = [warped([points], 5.0, np.random.default_rng(n))[0] - points for n in range(200)]
    assert np.std(moves) == pytest.approx(5, rel=0.15)
    pairs = [warped([points, points + 1], 5.0, np.random.default_rng(n)) for n in range(20)]
    assert np.abs([(b - a) - 1 for a, b in pairs]).max() < 2


def test_a_dot_is_not_shaken():
    dot = np.array([[3.0, 4.0]])
    np.testing.assert_array_equal(shaken(dot, 4.0, np.random.default_rng(0)), dot)


@pytest.mark.parametrize("source", LINES)
def test_a_digit_comes_before_its_copies_which_depend_on_nothing_but_its_number(source):
    train = load_dataset(source).train
    few = train[np.arange(len(train)) < 12]
    how = Changes(copies=2, warp=4.0)
    codes, labels = drawn(source, few, how)
    np.testing.assert_array_equal(labels, np.repeat(few.labels, 3))
    if source != "pen":  # whose paths are mended
        np.testing.assert_array_equal(codes[::3], few.codes)
    again, _ = drawn(source, train[np.arange(len(train)) < 5], how)
    np.testing.assert_array_equal(again, codes[:15])
    assert isinstance(few, Split)
    assert 1 < np.bitwise_count(codes[::3] ^ codes[1::3]).mean() < 20
