"""The checks pass right programs, and each kind of wrong one is caught."""

import numpy as np
import pytest

from softmax_core import model
from softmax_core.errors import ParameterError, WeightError
from softmax_core.features import feature_map
from softmax_core.gradient_check import check_gradient, one_hot_check
from softmax_core.objective import Objective

PIXELS = feature_map("pixels")
RNG = np.random.default_rng(0)
GRIDS = RNG.random((20, 8, 8)) < 0.4
LABELS = RNG.integers(0, 3, 20)
WEIGHTS = RNG.normal(size=(3, 65))
FEATURES = PIXELS(GRIDS)


def likelihood(weights):
    return model.log_likelihood(weights, FEATURES, LABELS)


def right(weights):
    return model.gradient(weights, FEATURES, LABELS)


def wrong_sign(weights):
    return -right(weights)


def missing_term(weights):
    """Only the observed class's features; what was expected is left out."""
    return model.one_hot(LABELS, 3).T @ FEATURES.values


def missing_bias(weights):
    return right(weights) * (np.arange(65) > 0)


def one_wrong_entry(weights):
    gradient = right(weights).copy()
    gradient[2, 17] += 0.01
    return gradient


def other_features(weights):
    """The bug of the person who first asked: the gradient reads another feature vector."""
    return model.gradient(weights, PIXELS(np.roll(GRIDS, 1, axis=2)), LABELS)


@pytest.mark.parametrize("directions", [None, 5])
def test_the_right_gradient_passes(directions):
    report = check_gradient(likelihood, right, WEIGHTS, directions=directions)
    assert report.passed
    assert report.evaluations == (2 * 3 * 65 if directions is None else 10)
    assert str(report).startswith("right")


@pytest.mark.parametrize("directions", [None, 5])
@pytest.mark.parametrize(
    "wrong", [wrong_sign, missing_term, missing_bias, one_wrong_entry, other_features]
)
def test_wrong_gradients_are_caught(wrong, directions):
    report = check_gradient(likelihood, wrong, WEIGHTS, directions=directions)
    assert not report.passed
    assert str(report).startswith("WRONG")


def test_the_worst_entry_is_named():
    report = check_gradient(likelihood, one_wrong_entry, WEIGHTS)
    assert report.worst == (2, 17)
    assert report.analytic[2, 17] - report.numeric[2, 17] == pytest.approx(0.01, abs=1e-6)
    assert "class 2, feature 17" in str(report)
    assert (check_gradient(likelihood, missing_bias, WEIGHTS).worst)[1] == 0


def test_an_objective_with_a_penalty_passes_and_a_penalised_bias_is_caught():
    objective = Objective(FEATURES, LABELS, l2=2.0)

    def gradient(weights):
        return objective.value_and_gradient(weights)[1]

    def bias_too(weights):
        return right(weights) - 2.0 * weights

    assert check_gradient(objective.value, gradient, WEIGHTS).passed
    report = check_gradient(objective.value, bias_too, WEIGHTS)
    assert not report.passed
    assert report.worst[1] == 0


def test_a_transposed_picture_passes_the_differences_but_not_the_one_hot_test():
    def transposed(grids):
        return PIXELS(np.swapaxes(grids, -1, -2))

    def value(weights):
        return model.log_likelihood(weights, transposed(GRIDS), LABELS)

    def gradient(weights):
        return model.gradient(weights, transposed(GRIDS), LABELS)

    assert check_gradient(value, gradient, WEIGHTS, directions=5).passed
    report = one_hot_check(lambda grids: model.scores(WEIGHTS, transposed(grids)), WEIGHTS, PIXELS)
    assert not report.passed
    assert len(report.wrong) == 56
    assert not any(row == column for row, column in report.wrong)


@pytest.mark.parametrize("name", ["pixels", "pairs"])
def test_a_model_passes_the_one_hot_test(name):
    features = feature_map(name)
    weights = RNG.normal(size=(2, features.dimension))
    letters = model.SoftmaxModel(("a", "b"), weights, features, "pen")
    assert one_hot_check(letters.scores, weights, features).passed


def test_what_does_not_fit_is_refused():
    with pytest.raises(WeightError, match="was expected"):
        check_gradient(likelihood, lambda w: right(w).ravel(), WEIGHTS)
    with pytest.raises(ParameterError, match="step"):
        check_gradient(likelihood, right, WEIGHTS, step=0)
    with pytest.raises(ParameterError, match="direction"):
        check_gradient(likelihood, right, WEIGHTS, directions=0)


SLOPE = 4 * RNG.normal(size=(3, 65))


def linear(weights):
    assert weights.dtype == np.float64
    return float((SLOPE * weights).sum())


@pytest.mark.parametrize(("factor", "error"), [(1, 0), (2, 0.5), (0.5, 0.5), (-1, 2)])
@pytest.mark.parametrize("directions", [None, 1, 7])
def test_the_error_is_relative_to_the_larger_of_both(factor, error, directions):
    whole = WEIGHTS.astype(int)  # taken as double
    report = check_gradient(linear, lambda w: factor * SLOPE, whole, directions=directions)
    assert report.error == pytest.approx(error, abs=1e-8)
    assert report.analytic == pytest.approx(factor * report.numeric, abs=1e-6)


def test_directions_are_unit_vectors_and_the_same_every_time():
    once, again, other = (
        check_gradient(linear, lambda w: SLOPE, WEIGHTS, directions=500, **options)
        for options in ({}, {"seed": 0}, {"seed": 1})
    )
    assert (once.numeric == again.numeric).all()
    assert (once.numeric != other.numeric).any()
    share = np.square(once.numeric).mean() / np.square(SLOPE).sum()
    assert share == pytest.approx(1 / SLOPE.size, rel=0.25)


def test_nothing_is_right_where_nothing_is_claimed():
    report = check_gradient(lambda w: 0.0, np.zeros_like, WEIGHTS)
    assert report.error == 0
    assert report.passed


def test_a_gradient_in_single_precision_is_compared_in_double():
    report = check_gradient(linear, lambda w: SLOPE.astype(np.float32), WEIGHTS)
    assert report.analytic.dtype == np.float64
    assert report.passed


def test_a_report_says_where():
    entries = check_gradient(linear, lambda w: -SLOPE, WEIGHTS)
    k, i = entries.worst
    assert str(entries).startswith(f"WRONG: worst at class {k}, feature {i}, analytic ")
    along = check_gradient(linear, lambda w: SLOPE, WEIGHTS, directions=1)
    assert str(along).startswith("right: worst at direction 0, analytic ")


@pytest.mark.parametrize("options", [{"step": 0}, {"tolerance": 0}, {"directions": 0}])
def test_steps_tolerances_and_directions_are_positive(options):
    with pytest.raises(ParameterError):
        check_gradient(linear, lambda w: SLOPE, WEIGHTS, **options)
