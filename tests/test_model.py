"""The model's formulas against hand values, automatic differentiation and their identities."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, check_grad
from scipy.special import logsumexp

from softmax_core import model
from softmax_core.errors import FeatureError, GridError, LabelError, ParameterError, WeightError
from softmax_core.features import FEATURE_MAPS, feature_map
from softmax_core.grids import pack

PIXELS = feature_map("pixels")


def problem(classes=4, samples=30, seed=0, features=PIXELS, dtype=np.float64):
    rng = np.random.default_rng(seed)
    phi = features(rng.random((samples, 8, 8)) < 0.4, dtype)
    weights = rng.normal(size=(classes, features.dimension)).astype(dtype)
    return weights, phi, rng.integers(0, classes, samples)


def likelihood_elsewhere(weights, phi, labels):
    """L as someone would write it for automatic differentiation, straight from its formula."""
    exponentials = anp.exp(anp.dot(phi, weights.T))
    return anp.sum(
        anp.log(exponentials / anp.sum(exponentials, axis=1, keepdims=True))[
            anp.arange(len(labels)), labels
        ]
    )


def test_two_classes_and_one_pixel_by_hand():
    grid = np.zeros((8, 8), bool)
    grid[0, 0] = True
    phi = PIXELS(grid)
    weights = np.zeros((2, 65))
    weights[0, :2] = 0.5, np.log(3) - 0.5
    assert model.scores(weights, phi) == pytest.approx(np.array([[np.log(3), 0]]))
    assert model.softmax(model.scores(weights, phi)) == pytest.approx(np.array([[0.75, 0.25]]))
    assert model.log_likelihood(weights, phi, [1]) == pytest.approx(np.log(0.25))
    expected = np.zeros((2, 65))
    expected[:, :2] = [[-0.75, -0.75], [0.75, 0.75]]
    assert model.gradient(weights, phi, [1]) == pytest.approx(expected)
    assert model.hessian(weights, phi)[0, :2] == pytest.approx([-0.1875, -0.1875])
    assert model.evidence(weights, phi)[0, 0, :2] == pytest.approx([0.5, np.log(3) - 0.5])


@pytest.mark.parametrize("features", ["pixels", "pairs"])
@pytest.mark.parametrize("classes", [2, 10, 26])
def test_value_and_gradient_agree_with_automatic_differentiation(classes, features):
    weights, phi, labels = problem(classes, features=feature_map(features))
    weights /= 3
    value = likelihood_elsewhere(weights, phi.values, labels)
    slope = autograd.grad(likelihood_elsewhere)(weights, phi.values, labels)
    assert model.log_likelihood(weights, phi, labels) == pytest.approx(value, rel=1e-10)
    assert model.gradient(weights, phi, labels) == pytest.approx(slope, rel=1e-10, abs=1e-10)


def test_gradient_agrees_with_scipy():
    weights, phi, labels = problem()

    def value(flat):
        return model.log_likelihood(flat.reshape(weights.shape), phi, labels)

    def slope(flat):
        return model.gradient(flat.reshape(weights.shape), phi, labels).ravel()

    assert check_grad(value, slope, weights.ravel()) < 1e-4


def test_hessian_is_the_derivative_of_the_gradient():
    weights, phi, labels = problem(3, 20)

    def slope(flat):
        return model.gradient(flat.reshape(weights.shape), phi, labels).ravel()

    numeric = approx_fprime(weights.ravel(), slope, 1e-6)
    assert model.hessian(weights, phi) == pytest.approx(numeric, abs=1e-4)


@given(st.integers(2, 26), st.integers(0, 2**32 - 1))
def test_jacobian_is_the_derivative_of_the_softmax(classes, seed):
    z = np.random.default_rng(seed).normal(scale=3, size=classes)
    jacobian = model.softmax_jacobian(z)
    assert jacobian == pytest.approx(
        autograd.jacobian(lambda z: anp.exp(z) / anp.sum(anp.exp(z)))(z)
    )
    assert jacobian == pytest.approx(jacobian.T)
    assert jacobian.sum(axis=0) == pytest.approx(0, abs=1e-12)


@given(st.integers(2, 26), st.integers(0, 2**32 - 1), st.floats(0, 1e4))
def test_probabilities_of_any_scores(classes, seed, scale):
    a = scale * np.random.default_rng(seed).uniform(-1, 1, size=(5, classes))
    p = model.softmax(a)
    assert np.isfinite(p).all()
    assert p.sum(axis=1) == pytest.approx(1)
    assert model.softmax(a + 17) == pytest.approx(p)
    assert model.log_softmax(a) == pytest.approx(a - logsumexp(a, axis=1, keepdims=True))


@given(st.integers(2, 26), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_identities(classes, samples, seed):
    weights, phi, labels = problem(classes, samples, seed)
    other, *_ = problem(classes, 1, seed + 1)
    uniform = -samples * np.log(classes)
    assert model.log_likelihood(0 * weights, phi, labels) == pytest.approx(uniform)
    assert model.gradient(weights, phi, labels).sum(axis=0) == pytest.approx(0, abs=1e-11)
    here = model.log_likelihood(weights, phi, labels)
    assert here <= 0
    assert model.log_likelihood(weights + other[0], phi, labels) == pytest.approx(here)
    middle = model.log_likelihood((weights + other) / 2, phi, labels)
    assert middle >= (here + model.log_likelihood(other, phi, labels)) / 2 - 1e-9
    evidence = model.evidence(weights, phi)
    assert evidence.sum(axis=2) == pytest.approx(model.scores(weights, phi))


def test_the_hessian_is_negative_semidefinite():
    weights, phi, _ = problem(3)
    assert np.linalg.eigvalsh(model.hessian(weights, phi)).max() < 1e-12


def test_scores_of_ten_thousand_stay_finite():
    weights, phi, labels = problem()
    weights *= 1e4
    assert np.isfinite(model.log_likelihood(weights, phi, labels))
    assert np.isfinite(model.gradient(weights, phi, labels)).all()


def test_the_penalty_leaves_the_bias_alone():
    weights = np.array([[100.0, 1, 2], [100.0, 0, 3]])
    assert model.penalty(weights, 0.5) == pytest.approx(0.25 * (1 + 4 + 9))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_floating_type_is_kept(dtype):
    weights, phi, labels = problem(dtype=dtype)
    for result in (
        model.scores(weights, phi),
        model.softmax_jacobian(model.scores(weights, phi)),
        model.gradient(weights, phi, labels),
        model.hessian(weights, phi),
        model.evidence(weights, phi),
    ):
        assert result.dtype == dtype


def test_a_bare_matrix_is_refused_with_the_reason():
    weights, phi, labels = problem()
    for refused in (
        lambda: model.scores(weights, phi.values),
        lambda: model.gradient(weights, phi.values, labels),
        lambda: model.log_likelihood(weights, phi.values, labels),
    ):
        with pytest.raises(FeatureError, match="bare matrix"):
            refused()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "one label for each"),
        ([0, 1, 4], r"0\.\.3, got 0\.\.4"),
        ([0, -1, 1], r"got -1\.\.1"),
        ([0.0, 1.0, 2.0], "integer type, got float64"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, message):
    weights, phi, _ = problem(samples=3)
    with pytest.raises(LabelError, match=message):
        model.log_likelihood(weights, phi, labels)


def test_no_samples_are_refused():
    weights, phi, labels = problem()
    with pytest.raises(LabelError, match="at least one sample"):
        model.gradient(weights, phi[:0], labels[:0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((4, 64)), r"\(K, 65\)"),
        (np.zeros(65), "got"),
        (np.zeros((1, 65)), "K ≥ 2"),
        (np.full((2, 65), np.nan), "finite"),
        (np.full((2, 65), "a"), "real numbers"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, message):
    with pytest.raises(WeightError, match=message):
        model.scores(weights, problem()[1])


@pytest.mark.parametrize("l2", [-1, np.nan, np.inf, [1.0], "1"])
def test_lambda_that_is_no_penalty_is_refused(l2):
    with pytest.raises(ParameterError, match="λ"):
        model.penalty(np.zeros((2, 65)), l2)


@pytest.mark.parametrize("features", ["pixels", "pairs"])
def test_a_model_classifies_grids_and_their_codes_alike(features):
    weights, phi, _ = problem(10, 5000, features=feature_map(features))
    grids = np.random.default_rng(0).random((5000, 8, 8)) < 0.4
    digits = model.SoftmaxModel(tuple("0123456789"), weights, phi.map, "pen")
    expected = model.scores(weights, phi.map(grids))
    assert digits.scores(grids) == pytest.approx(expected)
    assert digits.probabilities(grids) == pytest.approx(model.softmax(expected))
    assert (digits.predict(grids) == expected.argmax(axis=1)).all()
    assert (digits.predict(pack(grids)) == expected.argmax(axis=1)).all()
    assert digits.predict(pack(grids[:0])).shape == (0,)
    assert digits.evidence(grids[7]).sum(axis=1) == pytest.approx(expected[7])


def test_a_model_keeps_its_own_weights():
    weights, phi, _ = problem(2)
    letters = model.SoftmaxModel(("a", "b"), weights, phi.map, "pen")
    weights[:] = 0
    assert letters.weights.any()
    with pytest.raises(ValueError, match="read-only"):
        letters.weights[0, 0] = 1


@pytest.mark.parametrize(
    ("classes", "shape", "error"),
    [
        (("a", "a"), (2, 65), LabelError),
        (("a", ""), (2, 65), LabelError),
        (("a", 1), (2, 65), LabelError),
        (("a",), (1, 65), LabelError),
        (("a", "b"), (3, 65), WeightError),
        (("a", "b"), (2, 275), WeightError),
    ],
)
def test_a_model_of_parts_that_do_not_fit_is_refused(classes, shape, error):
    with pytest.raises(error):
        model.SoftmaxModel(classes, np.zeros(shape), PIXELS, "pen")


def test_only_a_vector_of_64_bit_codes_is_taken_for_codes():
    grids = np.random.default_rng(0).random((5, 8, 8)) < 0.4
    weights, phi, _ = problem()
    letters = model.SoftmaxModel(("a", "b", "c", "d"), weights, phi.map, "pen")
    expected = letters.predict(grids)
    assert (letters.predict(grids.astype(np.uint64)) == expected).all()
    assert letters.predict(grids[0].astype(np.uint64)) == expected[:1]
    with pytest.raises(GridError, match="8, 8"):
        letters.predict(pack(grids).astype(np.int64))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FEATURE_MAPS)
def test_a_model_computes_in_the_type_of_its_weights(name, dtype):
    phi = feature_map(name)
    weights = np.random.default_rng(1).normal(size=(3, phi.dimension)).astype(dtype)
    digits = model.SoftmaxModel(("a", "b", "c"), weights, phi, "pen")
    grid = np.eye(8, dtype=bool)
    assert digits.scores(grid).dtype == digits.evidence(grid).dtype == dtype
    tables = phi.score_tables(weights)
    assert tables.dtype == dtype
    assert tables.shape == (8 * len(phi.offsets), 256, 3)


def test_a_model_takes_any_sequence_of_names_and_an_empty_vector_of_codes():
    letters = model.SoftmaxModel(["a", "b"], np.zeros((2, 65)), PIXELS, "pen")
    assert letters.classes == ("a", "b")
    nothing = letters.predict(np.empty(0, np.uint64))
    assert (nothing.shape, nothing.dtype) == ((0,), np.intp)
