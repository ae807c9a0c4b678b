"""Each step of the derivation follows from the one before, and the last one is the gradient."""

import numpy as np
import pytest

from softmax_core import (
    Objective,
    feature_map,
    gradient,
    load_dataset,
    load_model,
    log_likelihood,
    softmax_jacobian,
)
from softmax_core.derivation import (
    Contributions,
    contributions,
    derive,
    difference_errors,
    take_step,
)
from softmax_core.errors import LabelError

PIXELS = feature_map("pixels")


def some(samples=1, classes=5, seed=0, size=0.3):
    rng = np.random.default_rng(seed)
    features = PIXELS(rng.random((samples, 8, 8)) < 0.4)
    weights = size * rng.normal(size=(classes, 65))
    return weights, features, rng.integers(0, classes, samples)


@pytest.mark.parametrize("label", range(5))
def test_the_steps_of_one_sample_lead_to_the_gradient(label):
    weights, features, _ = some()
    steps = derive(weights, features, label)
    np.testing.assert_allclose(
        steps.gradient, gradient(weights, features, [label]), rtol=0, atol=1e-15
    )
    assert steps.log_likelihood == log_likelihood(weights, features, [label])
    assert steps.label == label
    np.testing.assert_array_equal(steps.features, features.values[0])
    np.testing.assert_array_equal(steps.jacobian, softmax_jacobian(steps.scores))


def test_each_step_follows_from_the_one_before():
    weights, features, _ = some()
    steps = derive(weights, features, 3)
    by_chain_rule = steps.factors[:, None] * softmax_jacobian(steps.scores)
    np.testing.assert_allclose(steps.terms, by_chain_rule, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(steps.terms, steps.seen_terms - steps.expected_terms)
    np.testing.assert_allclose(steps.seen_terms.sum(axis=0), steps.seen)
    np.testing.assert_allclose(steps.expected_terms.sum(axis=0), steps.probabilities)
    np.testing.assert_allclose(steps.residual, steps.seen - steps.probabilities)
    assert not steps.terms[steps.seen == 0].any()


def test_the_derivation_stays_finite_where_the_division_by_s_does_not():
    weights, features, _ = some(size=0)
    weights[:, 0] = [1e4, -1e4, 0, 0, 0]
    steps = derive(weights, features, 1)
    assert steps.factors[1] == np.inf
    assert np.isfinite(steps.terms).all()
    np.testing.assert_allclose(steps.residual, [-1, 1, 0, 0, 0])


def test_a_derivation_is_of_one_sample_and_of_a_label_that_exists():
    weights, features, _ = some(samples=2)
    with pytest.raises(LabelError, match="one sample"):
        derive(weights, features, 0)
    with pytest.raises(LabelError, match="from 0 to 4, got 5"):
        derive(weights, features[:1], 5)


@pytest.mark.parametrize("entry", [(0, 0), (2, 17), (4, 64)])
def test_contributions_are_the_gradients_of_single_samples(entry):
    weights, features, labels = some(samples=40)
    sums = contributions(weights, features, labels, entry)
    singly = [gradient(weights, features[n], labels[n : n + 1])[entry] for n in range(40)]
    np.testing.assert_allclose(sums.terms, singly, atol=1e-15)
    assert sums.value == pytest.approx(gradient(weights, features, labels)[entry])
    assert sums.value == pytest.approx(sums.pull_up + sums.pull_down)
    assert sums.contributing == features.values[:, entry[1]].sum()


def test_the_largest_contributors_are_those_of_a_sorted_list():
    weights, features, labels = some(samples=40)
    sums = contributions(weights, features, labels, (1, 0))
    ranked = np.sort(sums.terms)
    np.testing.assert_array_equal(sums.terms[sums.largest(5)], ranked[::-1][:5])
    np.testing.assert_array_equal(sums.terms[sums.smallest(5)], ranked[:5])
    assert (labels[sums.largest(40)] == 1).all()
    assert (labels[sums.smallest(40)] != 1).all()
    assert len(sums.largest(3)) == len(sums.smallest(3)) == 3


def test_equal_contributors_keep_their_order_and_those_of_nothing_are_left_out():
    sums = Contributions(np.repeat([0.0, 0.5, -0.5], 40))
    assert sums.largest(100).tolist() == list(range(40, 80))
    assert sums.smallest(100).tolist() == list(range(80, 120))


def test_the_error_of_differences_falls_with_h_and_rises_again():
    """Truncation: h, and h² for central differences; rounding: 1/h. The slopes say so."""
    digits = load_dataset("pen").train
    objective = Objective(PIXELS(digits.grids[:500]), digits.labels[:500], classes=10)
    weights = load_model("pixels").weights / 4
    exact = objective.value_and_gradient(weights)[1][3, 30]
    errors = difference_errors(
        objective.value, exact, weights, (3, 30), np.array([1e-10, 1e-2, 1e-1])
    )
    assert errors.central[2] / errors.central[1] == pytest.approx(100, rel=0.1)
    assert errors.forward[2] / errors.forward[1] == pytest.approx(10, rel=0.1)
    assert errors.central[0] > errors.central[1]
    default = difference_errors(objective.value, exact, weights, (3, 30))
    np.testing.assert_allclose(default.steps, [10.0**e for e in range(-12, 2)])
    assert default.central[default.best] < 1e-6 * abs(exact)
    assert 1e-7 < default.steps[default.best] < 1e-1
    np.testing.assert_allclose(default.central_values[default.best], exact, rtol=1e-6)


def test_a_small_step_gains_what_the_gradient_promises_and_a_large_one_loses():
    weights, features, labels = some(samples=40)
    objective = Objective(features, labels, classes=5)
    small = take_step(objective, weights, 1e-6)
    assert small.gained == pytest.approx(small.promised, rel=1e-3)
    np.testing.assert_allclose(small.change, 1e-6 * gradient(weights, features, labels), rtol=1e-6)
    assert small.log_likelihoods[0] == pytest.approx(log_likelihood(weights, features, labels))
    assert small.rate == 1e-6
    assert small.accuracies == tuple(objective.accuracy(w) for w in (weights, small.after))
    assert take_step(objective, weights, objective.safe_rate).gained > 0
    assert take_step(objective, weights, 1e3 * objective.safe_rate).gained < 0


def test_differences_of_single_precision_and_of_whole_numbers_are_taken_in_double():
    def square(weights):
        assert weights.dtype == np.float64
        return float((weights**2).sum())

    for weights in (np.ones((2, 3), np.float32), np.ones((2, 3), int)):
        errors = difference_errors(square, 2.0, weights, (1, 2), [1, 2])
        np.testing.assert_allclose(errors.central, 0, atol=1e-15)
        np.testing.assert_allclose(errors.forward, [1, 2])
        assert errors.steps.dtype == np.float64


def test_the_derivation_warns_of_nothing(recwarn):
    weights, features, _ = some(size=0)
    weights[:, 0] = [1e4, -1e4, 0, 0, 0]
    for label in range(5):
        derive(weights, features, label)
    assert not recwarn.list
