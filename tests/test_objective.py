"""The fast objective against the plain formulas, automatic differentiation and scikit-learn."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from softmax_core import model
from softmax_core.datasets import load_dataset
from softmax_core.errors import FeatureError, LabelError, ParameterError, WeightError
from softmax_core.features import feature_map
from softmax_core.objective import SMALL, Objective
from softmax_core.training import maximize


def problem(samples=200, classes=4, seed=0, dtype=np.float64, **settings):
    rng = np.random.default_rng(seed)
    features = feature_map("pixels")(rng.random((samples, 8, 8)) < 0.4, dtype)
    labels = rng.integers(0, classes, samples)
    weights = rng.normal(size=(classes, 65)).astype(dtype)
    return weights, Objective(features, labels, classes=classes, **settings)


def test_it_is_the_model_whatever_the_number_of_blocks():
    block = SMALL // (4 * 65)
    for samples in (1, block, 2 * block + 1):
        weights, objective = problem(samples, l2=2.0)
        given = weights, objective.features, objective.labels
        value, gradient = objective.value_and_gradient(weights)
        shrinkage = 2.0 * weights
        shrinkage[:, 0] = 0
        likelihood = model.log_likelihood(*given)
        assert value == pytest.approx(likelihood - model.penalty(weights, 2.0), rel=1e-11)
        assert gradient == pytest.approx(model.gradient(*given) - shrinkage, rel=1e-9, abs=1e-9)
        assert objective.log_likelihood(weights) == pytest.approx(likelihood, rel=1e-11)
        p = model.softmax(model.scores(weights, objective.features))
        share = np.mean(p.argmax(axis=1) == objective.labels)
        assert objective.evaluate(weights) == pytest.approx((likelihood, share), rel=1e-11)
        assert objective.accuracy(weights) == share


@pytest.mark.parametrize("name", ["pen", "optdigits"])
@pytest.mark.parametrize("l2", [0.0, 3.0])
def test_on_the_digits_it_agrees_with_automatic_differentiation(name, l2):
    train = load_dataset(name).train
    features = feature_map("pixels")(train.grids)
    weights = np.random.default_rng(1).normal(scale=0.3, size=(10, 65))

    def elsewhere(w):
        a = anp.dot(features.values, w.T)
        seen = anp.sum(a[anp.arange(len(a)), train.labels])
        penalty = l2 / 2 * anp.sum(w[:, 1:] ** 2)
        return seen - anp.sum(anp.log(anp.sum(anp.exp(a), axis=1))) - penalty

    value, gradient = Objective(features, train.labels, l2=l2).value_and_gradient(weights)
    assert value == pytest.approx(elsewhere(weights), rel=1e-10)
    expected = autograd.grad(elsewhere)(weights)
    assert np.abs(gradient - expected).max() <= 1e-10 * np.abs(expected).max()


def sklearn_optimum(grids, labels, l2):
    """Weights (K, D) of `LogisticRegression`, C = 1/λ; of two classes one row, the difference."""
    other = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-9, max_iter=50)
    other.fit(grids.reshape(-1, 64), labels)
    return np.column_stack([other.intercept_, other.coef_])


def test_its_optimum_is_that_of_scikit_learn():
    train = load_dataset("pen").train
    grids, labels = train.grids[:1500], train.labels[:1500]
    solution = maximize(Objective(feature_map("pixels")(grids), labels, l2=2.0), tolerance=1e-9)
    assert solution.converged
    theirs = sklearn_optimum(grids, labels, 2.0)
    theirs -= theirs.mean(axis=0)
    assert solution.weights - solution.weights.mean(axis=0) == pytest.approx(theirs, abs=1e-5)


def test_two_classes_agree_with_scikit_learn():
    """It keeps one vector, w = w_1 − w_0, and penalises ‖w‖² = 2 (‖w_0‖² + ‖w_1‖²) as λ/2."""
    train = load_dataset("pen").train
    rows = np.flatnonzero(train.labels < 2)[:500]
    grids, labels = train.grids[rows], train.labels[rows]
    solution = maximize(Objective(feature_map("pixels")(grids), labels, l2=4.0), tolerance=1e-9)
    theirs = sklearn_optimum(grids, labels, 2.0)
    assert np.diff(solution.weights, axis=0) == pytest.approx(theirs, abs=1e-5)


def test_hessian_and_bound():
    weights, objective = problem(50, 3, l2=0.5)
    direction = np.random.default_rng(2).normal(size=weights.shape)
    up = objective.value_and_gradient(weights + 1e-6 * direction)[1]
    down = objective.value_and_gradient(weights - 1e-6 * direction)[1]
    along = (objective.hessian(weights) @ direction.ravel()).reshape(weights.shape)
    assert along == pytest.approx((up - down) / 2e-6, abs=1e-6)
    steepest = -np.linalg.eigvalsh(objective.hessian(weights)).min()
    assert steepest <= 1 / objective.safe_rate


@settings(max_examples=20)
@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_batches_add_up_to_the_whole(size, seed):
    weights, objective = problem(64, l2=0.0)
    order = np.random.default_rng(seed).permutation(64)
    batches = list(objective.batches(size, order))
    share = [len(batch) / 64 for batch in batches]
    values, gradients = zip(*(batch.value_and_gradient(weights) for batch in batches), strict=True)
    value, gradient = objective.value_and_gradient(weights)
    assert np.dot(share, values) == pytest.approx(value)
    assert np.tensordot(share, gradients, 1) == pytest.approx(gradient)


def test_the_penalty_of_a_batch_is_that_of_the_whole():
    weights, objective = problem(64, l2=3.0)
    (batch,) = objective.batches(64, np.arange(64)[::-1])
    assert batch.value(weights) == pytest.approx(objective.value(weights))


def test_a_gradient_stays_what_it_was():
    weights, objective = problem()
    _, first = objective.value_and_gradient(weights)
    kept = first.copy()
    weights *= 2
    _, second = objective.value_and_gradient(weights)
    assert (first == kept).all()
    assert (first != second).any()
    with pytest.raises(ValueError, match="read-only"):
        first[:] = 0


def test_single_precision_is_kept_and_close():
    weights, objective = problem(5000, dtype=np.float32)
    value, gradient = objective.value_and_gradient(weights)
    _, double = problem(5000)
    expected, slope = double.value_and_gradient(weights.astype(np.float64))
    assert gradient.dtype == np.float32
    assert value == pytest.approx(expected, rel=1e-5)
    assert gradient == pytest.approx(slope, abs=1e-3)


def test_extreme_scores_stay_finite():
    weights, objective = problem()
    value, gradient = objective.value_and_gradient(1e4 * weights)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1, 80, 90, 700, 720])  # exp overflows from 88 and from 709
def test_scores_near_the_largest_that_exp_can_take(size, dtype):
    """One sample with all pixels on: a score is the sum of its weights."""
    features = feature_map("pixels")(np.ones((1, 8, 8)), dtype)
    scores = np.array([size, -size, 0.0])
    weights = np.zeros((3, 65), dtype)
    weights[:, 1:] = scores[:, None] / 64
    for label in range(3):
        value, gradient = Objective(features, [label], classes=3).value_and_gradient(weights)
        assert value == pytest.approx(model.log_softmax(scores)[label], rel=1e-6, abs=1e-6)
        residual = (np.arange(3) == label) - model.softmax(scores)
        assert gradient == pytest.approx(np.outer(residual, np.ones(65)), rel=1e-5, abs=1e-6)


def test_what_all_classes_have_in_common_changes_nothing():
    weights, objective = problem(50)
    value, gradient = objective.value_and_gradient(weights)
    shared = 1e3 * np.random.default_rng(3).normal(size=65)
    moved, slope = objective.value_and_gradient(weights + shared)
    assert moved == pytest.approx(value, rel=1e-9)
    assert slope == pytest.approx(gradient, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"features": np.ones((3, 65))}, FeatureError, "bare matrix"),
        ({"labels": [0, 1]}, LabelError, "one label for each"),
        ({"labels": [0, 1, 2], "classes": 2}, LabelError, r"0\.\.1"),
        ({"labels": [0.0, 1.0, 1.0]}, LabelError, "integer"),
        ({"labels": [0, 0, 0]}, LabelError, "at least 2 classes"),
        ({"labels": []}, LabelError, "at least"),
        ({"classes": ("a",)}, LabelError, "2 to 100 classes"),
        ({"classes": np.array("ab")}, LabelError, "at least 2 classes"),
        ({"l2": -1.0}, ParameterError, "λ"),
    ],
)
def test_what_does_not_fit_is_refused(change, error, message):
    given = {"features": feature_map("pixels")(np.zeros((3, 8, 8))), "labels": [0, 1, 1]} | change
    with pytest.raises(error, match=message):
        Objective(given.pop("features"), given.pop("labels"), **given)


def test_weights_of_other_classes_are_refused():
    weights, objective = problem()
    with pytest.raises(WeightError, match="4 classes, got 3"):
        objective.value_and_gradient(weights[:3])
