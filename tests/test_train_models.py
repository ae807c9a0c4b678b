"""The shipped weights are what the command makes of the shipped digits."""

import numpy as np
import pytest

from softmax_core import load_dataset, load_model
from softmax_core.train_models import RECIPES, cut_counts, jittered_trajectories, train_model


@pytest.mark.parametrize("name", ["classic", pytest.param("pixels", marks=pytest.mark.slow)])
def test_training_again_finds_the_shipped_weights(name):
    again, shipped = train_model(name), load_model(name)
    assert again.classes == shipped.classes
    assert again.features == shipped.features
    assert again.preparation == shipped.preparation
    np.testing.assert_allclose(again.weights, shipped.weights, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "least"), [("pixels", 0.92), ("pairs", 0.955), ("classic", 0.91)])
def test_the_shipped_models_are_right_on_writers_that_they_have_not_seen(name, least):
    test = load_dataset(RECIPES[name].dataset).test
    assert (load_model(name).predict(test.grids) == test.labels).mean() >= least


def test_the_digits_themselves_come_first_among_their_copies():
    pen, optdigits = load_dataset("pen").train, load_dataset("optdigits").train
    grids, labels = cut_counts(optdigits)
    assert len(grids) == len(labels) == 5 * len(optdigits)
    assert (grids[: len(optdigits)] >= grids[-len(optdigits) :]).all()  # fewer cells, thinner pen
    few = type(pen)(pen.codes[:50], pen.labels[:50], pen.trajectories[:50])
    grids, labels = jittered_trajectories(few)
    np.testing.assert_array_equal(grids[:50], few.grids)
    np.testing.assert_array_equal(labels, np.tile(few.labels, 4))
    assert 2 < (grids[50:100] ^ few.grids).sum(axis=(1, 2)).mean() < 15
