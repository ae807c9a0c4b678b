"""Evaluation by a second route: loops over digits, and the files drawn anew."""

import numpy as np
import pytest

from softmax_core import SoftmaxModel, feature_map, load_dataset, load_model, pack
from softmax_core.errors import LabelError, ParameterError
from softmax_core.evaluation import (
    VARIANTS,
    by_distance,
    dataset_for,
    draw_variant,
    evaluate,
    flip_worth,
    flipped,
    load_variants,
    preparation_worth,
    shift_worth,
)
from softmax_core.storage import MODELS

TEST = load_dataset("pen").test


@pytest.mark.parametrize("name", MODELS)
def test_every_shipped_model_has_digits_to_be_judged_by(name):
    model = load_model(name)
    assert load_dataset(dataset_for(model)).preparation == model.preparation


def test_a_model_of_other_classes_has_none_and_the_message_says_so():
    phi = feature_map("pixels")
    model = SoftmaxModel(("a", "b"), np.zeros((2, phi.dimension)), phi, "pen")
    with pytest.raises(LabelError, match="classes a, b"):
        dataset_for(model)


def test_the_evaluation_agrees_with_a_loop():
    model = load_model("pixels")
    grids, labels = TEST.grids[:200], TEST.labels[:200]
    found = evaluate(model, grids, labels)
    p = np.concatenate([model.probabilities(grid) for grid in grids])
    assert found.predicted.tolist() == [int(row.argmax()) for row in p]
    np.testing.assert_allclose(found.confidence, [row.max() for row in p])
    assert found.accuracy.correct == found.confusion.trace()
    assert sum(found.by_class()[k].correct for k in found.by_class()) == found.accuracy.correct
    assert len(found.mistakes) == 200 - found.accuracy.correct
    assert (found.predicted[found.mistakes] != labels[found.mistakes]).all()
    assert (np.diff(found.confidence[found.mistakes]) <= 0).all()
    for label, predicted in np.ndindex(10, 10):
        rows = found.cell(label, predicted)
        assert len(rows) == found.confusion[label, predicted]
        assert (labels[rows] == label).all()
        assert (found.predicted[rows] == predicted).all()


@pytest.mark.parametrize("name", VARIANTS)
def test_the_shipped_variants_are_what_the_drawing_code_draws(name):
    rows = slice(None, None, 150)
    drawn = draw_variant(name, TEST.trajectories[rows])
    np.testing.assert_array_equal(pack(drawn), load_variants()[name][rows])


def test_the_first_variant_is_the_held_out_part_itself():
    assert (load_variants()["as-trained"] == TEST.codes).mean() > 0.99


def test_no_other_preparation_is_better_than_the_one_the_model_has_learned():
    worth = preparation_worth(load_model("pixels"), load_variants(), TEST.labels)
    own = worth.pop("as-trained").value
    # stems are for people's eyes: on these digits nearly as many are right without
    assert abs(worth.pop("stems").value - own) < 0.005
    assert max(other.value for other in worth.values()) < own
    assert worth["frame"].value < own - 0.3


def test_a_shift_of_no_cells_changes_nothing_and_further_shifts_cost_more():
    model, grids, labels = load_model("pixels"), TEST.grids, TEST.labels
    shifts = shift_worth(model, grids, labels)
    assert shifts[2, 2] == evaluate(model, grids, labels).accuracy.value
    moved = np.zeros_like(grids)
    moved[:, 2:, :-1] = grids[:, :-2, 1:]
    assert shifts[4, 1] == evaluate(model, moved, labels).accuracy.value
    near = by_distance(shifts)
    assert near[0] == shifts[2, 2]
    assert near[1] == pytest.approx((shifts[1:4, 1:4].sum() - shifts[2, 2]) / 8)
    assert near[0] > near[1] > near[2]


def test_flips_switch_exactly_so_many_pixels_the_same_ones_for_the_same_seed():
    grids = TEST.grids[:50]
    spoiled = flipped(grids, 5)
    assert ((spoiled ^ grids).sum(axis=(1, 2)) == 5).all()
    np.testing.assert_array_equal(spoiled, flipped(grids, 5))
    assert (spoiled != flipped(grids, 5, seed=1)).any()
    with pytest.raises(ParameterError, match="0 to 64"):
        flipped(grids, 65)


def test_flipped_pixels_cost_accuracy():
    model = load_model("pixels")
    none, some, many = flip_worth(model, TEST.grids, TEST.labels, (0, 4, 16))
    assert none == evaluate(model, TEST.grids, TEST.labels).accuracy
    assert none.value > some.value > many.value
