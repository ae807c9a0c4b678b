"""The ink of digits by class, and a model with one weight changed."""

import numpy as np
import pytest

from softmax_core import load_dataset, load_model
from softmax_core.errors import LabelError, WeightError
from softmax_core.inspection import ink, with_weight


def test_ink_is_counted_by_class_and_pixel():
    split = load_dataset("optdigits").train
    seen = ink(split.grids, split.labels, 10)
    np.testing.assert_allclose(seen.share(3), split.grids[split.labels == 3].mean(axis=0))
    assert seen.totals.sum() == len(split)
    assert seen.percent(3).max() <= 100


def test_pixels_that_no_digit_lit():
    grids = np.zeros((3, 8, 8), bool)
    grids[0, 0, 0] = grids[1, 7, 7] = True
    seen = ink(grids, np.array([0, 1, 1]), 2)
    assert set(range(64)) - set(seen.never().tolist()) == {0, 63}
    assert set(range(64)) - set(seen.never(0).tolist()) == {0}
    assert set(range(64)) - set(seen.never(1).tolist()) == {63}


def test_a_class_with_no_samples_has_no_mean_digit():
    seen = ink(np.ones((2, 8, 8)), np.array([0, 2]), 3)
    assert len(seen.never(1)) == 64
    with pytest.raises(LabelError, match="class 1 has no samples"):
        seen.share(1)


def test_one_weight_changes_and_nothing_else():
    model = load_model("pairs")
    changed = with_weight(model, (4, 100), 7.5)
    places = np.argwhere(changed.weights != model.weights)
    assert places.tolist() == [[4, 100]]
    assert changed.weights[4, 100] == 7.5
    assert changed.classes == model.classes


@pytest.mark.parametrize("entry", [(10, 0), (0, 65), (-1, 3)])
def test_a_weight_that_is_not_there_is_named(entry):
    with pytest.raises(WeightError, match="there is no weight"):
        with_weight(load_model("pixels"), entry, 1.0)


def test_a_weight_is_finite():
    with pytest.raises(WeightError, match="a weight is a number from"):
        with_weight(load_model("pixels"), (0, 0), np.inf)
