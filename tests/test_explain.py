"""Evidence adds up to the score, flips are what brute force finds, verdicts name the input."""

import numpy as np
import pytest

from softmax_core import grid_from_strokes, prepare
from softmax_core.datasets import DATASETS, load_dataset
from softmax_core.explain import (
    FEWEST_CELLS,
    FURTHEST,
    LEAST_MARGIN,
    MARGIN,
    MOST_CELLS,
    SMALLEST,
    Verdict,
    answer,
    evidence_of,
    extent_of,
    flips,
    scale_of,
)
from softmax_core.features import FEATURE_MAPS, feature_map
from softmax_core.grids import as_grids, pack
from softmax_core.model import SoftmaxModel, softmax
from softmax_core.neighbours import Known
from softmax_core.storage import load_model


def some_model(features="pairs", seed=0, size=1.0):
    phi = feature_map(features)
    weights = size * np.random.default_rng(seed).normal(size=(4, phi.dimension))
    return SoftmaxModel(("a", "b", "c", "d"), weights, phi, "pen")


def some_grid(seed=0, share=0.4):
    return np.random.default_rng(seed).random((8, 8)) < share


@pytest.mark.parametrize("features", FEATURE_MAPS)
def test_the_evidence_of_every_class_adds_up_to_its_score(features):
    model, grid = some_model(features), some_grid()
    for evidence, score in zip(evidence_of(model, grid), model.scores(grid)[0], strict=True):
        assert evidence.bias + evidence.image.sum() == pytest.approx(score, abs=1e-12)
        assert evidence.running.shape == (9,)
        assert evidence.running[0] == evidence.bias
        assert evidence.score == pytest.approx(score, abs=1e-12)


def test_pixels_without_ink_are_no_evidence_of_the_pixel_features():
    grid = some_grid()
    for evidence in evidence_of(some_model("pixels"), grid):
        assert not evidence.image[~grid].any()


def test_a_pair_gives_half_of_its_evidence_to_each_of_its_pixels():
    phi = feature_map("pairs")
    weights = np.zeros((2, phi.dimension))
    pair = next(65 + i for i, ends in enumerate(phi.links.tolist()) if ends == [[2, 3], [3, 4]])
    weights[1, pair] = 3.0
    grid = np.zeros((8, 8), bool)
    grid[2, 3] = grid[3, 4] = True
    image = evidence_of(SoftmaxModel(("a", "b"), weights, phi, "pen"), grid)[1].image
    expected = np.zeros((8, 8))
    expected[2, 3] = expected[3, 4] = 1.5
    np.testing.assert_array_equal(image, expected)


def test_the_contrast_is_the_difference_of_two_scores():
    model, grid = some_model(), some_grid()
    evidence, scores = evidence_of(model, grid), model.scores(grid)[0]
    assert (evidence[2] - evidence[0]).score == pytest.approx(scores[2] - scores[0], abs=1e-12)


def test_full_colour_is_the_strongest_cell_of_all_pictures():
    evidence = evidence_of(some_model(), some_grid())
    strongest = max(abs(cell) for each in evidence for cell in each.image.ravel().tolist())
    assert scale_of(*evidence) == strongest
    nothing = evidence[0] - evidence[0]
    assert scale_of(nothing) == 1


def test_the_answer_ranks_all_classes():
    model, grid = some_model(), some_grid()
    result = answer(model, grid)
    np.testing.assert_array_equal(result.scores, model.scores(grid)[0])
    np.testing.assert_allclose(result.probabilities, softmax(result.scores))
    ranked = result.probabilities[list(result.order)]
    assert (np.diff(ranked) <= 0).all()
    assert sorted(result.order) == [0, 1, 2, 3]
    assert (result.best, result.second) == result.order[:2]
    assert result.label == model.classes[model.predict(grid)[0]]


def test_flips_are_the_pixels_that_brute_force_finds():
    model, grid = some_model("pixels", size=0.3), some_grid(3)
    before = model.predict(grid)[0]
    expected = {}
    for row in range(8):
        for column in range(8):
            other = grid.copy()
            other[row, column] = not other[row, column]
            after = model.predict(other)[0]
            if after != before:
                expected[row, column] = (after, model.probabilities(other)[0, after])
    found = flips(model, grid)
    assert expected, "the example has pixels that matter"
    assert {(f.row, f.column): f.class_index for f in found} == {
        place: after for place, (after, _) in expected.items()
    }
    for f in found:
        assert f.probability == pytest.approx(expected[f.row, f.column][1], abs=1e-12)
    assert all(f.turns_on is not None for f in found)
    assert all(f.turns_on != grid[f.row, f.column] for f in found)
    assert [f.probability for f in found] == sorted((f.probability for f in found), reverse=True)


def test_an_answer_that_no_pixel_changes_has_no_flips():
    phi = feature_map("pixels")
    weights = np.zeros((2, phi.dimension))
    weights[0, 0] = 100.0
    assert flips(SoftmaxModel(("a", "b"), weights, phi, "pen"), some_grid()) == ()


@pytest.mark.parametrize(
    ("grid", "extent", "verdict"),
    [
        (np.zeros((8, 8), bool), 1.0, Verdict.BLANK),
        (np.eye(8, dtype=bool) & (np.arange(8) < 4), 1.0, Verdict.FAINT),
        (some_grid(), 0.01, Verdict.FAINT),
        (np.ones((8, 8), bool), 1.0, Verdict.SCRIBBLE),
    ],
)
def test_input_that_is_no_digit_gets_a_verdict_and_no_class(grid, extent, verdict):
    result = answer(some_model(), grid, extent)
    assert result.verdict is verdict
    assert not result.has_class
    assert result.label == ""


def test_two_classes_that_compete_make_the_answer_ambiguous():
    phi = feature_map("pixels")
    weights = np.zeros((2, phi.dimension))
    even = SoftmaxModel(("a", "b"), weights, phi, "pen")
    assert answer(even, some_grid()).verdict is Verdict.AMBIGUOUS
    weights[1, 0] = 3.0
    sure = SoftmaxModel(("a", "b"), weights, phi, "pen")
    assert answer(sure, some_grid()).verdict is Verdict.CLEAR
    assert answer(sure, some_grid()).label == "b"


@pytest.mark.parametrize("name", DATASETS)
def test_no_shipped_digit_has_too_little_or_too_much_ink(name):
    cells = load_dataset(name).train.grids.sum(axis=(1, 2))
    assert cells.min() >= FEWEST_CELLS
    assert cells.max() <= MOST_CELLS


def test_the_extent_is_the_larger_side_of_the_bounding_box():
    assert extent_of([[(10, 10)]], 300) == 0
    assert extent_of([[(10, 20), (40, 20)], [(10, 80)]], 300) == pytest.approx(0.2)


def test_grids_are_checked_by_the_core():
    with pytest.raises(ValueError, match="8, 8"):
        answer(some_model(), as_grids(some_grid())[:, :7])


def test_classes_with_equal_scores_keep_their_order():
    phi = feature_map("pixels")
    names = tuple(f"class {k}" for k in range(50))
    equal = SoftmaxModel(names, np.zeros((50, phi.dimension)), phi, "pen")
    assert answer(equal, some_grid()).order == tuple(range(50))


@pytest.mark.parametrize(
    ("cells", "extent", "verdict"),
    [
        (FEWEST_CELLS, 1.0, Verdict.CLEAR),
        (FEWEST_CELLS - 1, 1.0, Verdict.FAINT),
        (MOST_CELLS, 1.0, Verdict.CLEAR),
        (MOST_CELLS + 1, 1.0, Verdict.SCRIBBLE),
        (20, SMALLEST, Verdict.CLEAR),
        (20, 0.99 * SMALLEST, Verdict.FAINT),
    ],
)
def test_the_limits_themselves_are_still_a_digit(cells, extent, verdict):
    phi = feature_map("pixels")
    weights = np.zeros((2, phi.dimension))
    weights[1, 0] = 3.0
    grid = (np.arange(64) < cells).reshape(8, 8)
    assert answer(SoftmaxModel(("a", "b"), weights, phi, "pen"), grid, extent).verdict is verdict


@pytest.mark.parametrize(
    ("margin", "verdict"),
    [(MARGIN - 0.01, Verdict.AMBIGUOUS), (MARGIN + 0.01, Verdict.CLEAR)],
)
def test_classes_compete_where_the_second_is_nearly_as_probable(margin, verdict):
    phi = feature_map("pixels")
    weights = np.zeros((2, phi.dimension))
    weights[1, 0] = np.log((1 + margin) / (1 - margin))
    assert answer(SoftmaxModel(("a", "b"), weights, phi, "pen"), some_grid()).verdict is verdict


def sure_model(known=None, classes=("a", "b")):
    """A model that is sure of its second class, whatever it sees."""
    phi = feature_map("pixels")
    weights = np.zeros((2, phi.dimension))
    weights[1, 0] = 10.0
    return SoftmaxModel(classes, weights, phi, "pen", known)


def test_what_is_far_from_all_that_a_model_learned_is_not_a_digit():
    grid = some_grid()
    cells = int(grid.sum())
    allowed = int(FURTHEST * cells)
    near = grid.copy()
    near.flat[:allowed] ^= True
    assert answer(sure_model(Known(pack(near), np.array([1]))), grid).has_class
    assert answer(sure_model(Known(pack(grid), np.array([1]))), grid).verdict is Verdict.CLEAR
    far = grid.copy()
    far.flat[: allowed + 1] ^= True
    result = answer(sure_model(Known(pack(far), np.array([1]))), grid)
    assert result.verdict is Verdict.NOT_A_DIGIT
    assert not result.has_class and result.label == ""


def test_what_is_near_to_another_class_alone_is_ambiguous_and_without_any_nothing_is_far():
    grid = some_grid()
    other = Known(pack(np.stack([grid, ~grid])), np.array([0, 1]))
    assert answer(sure_model(other), grid).verdict is Verdict.AMBIGUOUS
    both = Known(pack(np.stack([~grid, ~grid])), np.array([0, 1]))
    assert answer(sure_model(both), grid).verdict is Verdict.NOT_A_DIGIT
    assert answer(sure_model(Known(pack(~grid), np.array([0]))), grid).verdict is Verdict.CLEAR
    assert answer(sure_model(), grid).verdict is Verdict.CLEAR


def test_two_tall_pieces_beside_each_other_are_two_digits():
    two = np.zeros((8, 8), bool)
    two[:, 1] = two[:, 5:7] = True
    model = sure_model(classes=("0", "1"))
    assert answer(model, two).verdict is Verdict.TWO
    dotted = two.copy()
    dotted[3:, 1] = False  # a piece that is not tall is no digit
    assert answer(model, dotted).verdict is not Verdict.TWO
    joined = two.copy()
    joined[4, 1:6] = True
    assert answer(model, joined).verdict is not Verdict.TWO


def test_a_class_that_is_no_digit_may_be_of_two_parts():
    two = prepare([[(0, 0), (0, 100)], [(40, 0), (40, 100)]])
    known = Known(pack(two.grid), np.array([1]))
    for drawing in (two, two.grid):
        said = answer(sure_model(known, ("I", "II")), drawing)
        assert (said.verdict, said.label, said.is_of_digits) == (Verdict.CLEAR, "II", False)
        said = answer(sure_model(known, ("1", "2")), drawing)
        assert (said.verdict, said.label, said.is_of_digits) == (Verdict.TWO, "", True)


def test_digits_of_other_hands_are_seldom_called_none():
    model, test = load_model("pairs"), load_dataset("unipen").test
    rows = np.flatnonzero(test.sites == "A")
    said = [answer(model, grid) for grid in test.grids[rows]]
    assert np.mean([not a.has_class for a in said]) <= 0.02
    wrong = [a.best != k for a, k in zip(said, test.labels[rows], strict=True)]
    clear = [a.verdict is Verdict.CLEAR for a in said]
    assert np.mean(np.array(wrong) & clear) <= 0.02


@pytest.mark.parametrize("off", [0, 3, 6])
def test_the_further_from_what_was_learned_the_surer_a_model_has_to_be(off):
    grid = some_grid()
    near = grid.copy()
    near.flat[:off] ^= True
    least = LEAST_MARGIN[0] + LEAST_MARGIN[1] * off / grid.sum()
    phi = feature_map("pixels")
    for margin, verdict in ((least - 0.01, Verdict.AMBIGUOUS), (least + 0.01, Verdict.CLEAR)):
        weights = np.zeros((2, phi.dimension))
        weights[1, 0] = np.log((1 + margin) / (1 - margin))
        model = SoftmaxModel(("a", "b"), weights, phi, "pen", Known(pack(near), np.array([1])))
        assert answer(model, grid).verdict is verdict


@pytest.mark.parametrize("name", ["pairs", "shapes"])
def test_a_plain_7_of_two_straight_lines_is_a_7(name):
    for foot in (20, 30, 60):
        found = answer(load_model(name), grid_from_strokes([[(0, 0), (60, 0), (foot, 100)]]))
        assert found.label == "7"


def test_a_prepared_drawing_says_more_of_two_digits_than_its_grid():
    near = [[(0, 0), (0, 100)], [(15, 0), (15, 100)], [(40, 0), (20, 50), (45, 100)]]
    prepared = prepare([np.array(stroke) for stroke in near])
    model = sure_model(classes=("0", "1"))
    assert answer(model, prepared).verdict is Verdict.TWO
    alone = prepare([np.array(stroke) for stroke in near[2:]])
    for drawing in (alone, alone.grid):
        said = answer(model, drawing)
        assert said.verdict is not Verdict.TWO
        np.testing.assert_array_equal(said.scores, answer(model, alone.grid).scores)
