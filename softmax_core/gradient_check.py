"""Is the gradient that of the likelihood, and do pixels sit where the weights think they do?

A gradient is right if and only if it is the derivative of the function it claims to be that
of, and central differences say so without knowing any formula: they catch a wrong sign, a
term or a bias left out, and a gradient that reads other features than the likelihood. They
can't see a transposed picture, because likelihood and gradient then agree with each other;
`one_hot_check` can.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softmax_core.errors import FeatureError, ParameterError, WeightError
from softmax_core.features import BIAS, FeatureMap
from softmax_core.grids import SIDE, pictures
from softmax_core.inputs import LARGEST_SEED, as_count, as_floats, as_number, as_reals, shortened

Value = Callable[[NDArray[np.floating]], float]
Gradient = Callable[[NDArray[np.floating]], NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class GradientReport:
    """The gradient as claimed and as measured.

    Entry by entry, `analytic` and `numeric` are (K, D) and `worst` is (class, feature); along
    random directions both are (m,) and `worst` is (direction,). `error` is the worst difference
    relative to the largest entry of either, and `passed` says whether it is within `tolerance`.
    `evaluations` is what the check cost, in evaluations of the function.
    """

    analytic: NDArray[np.floating]
    numeric: NDArray[np.floating]
    worst: tuple[int, ...]
    error: float
    tolerance: float
    evaluations: int

    @property
    def passed(self) -> bool:
        return bool(self.error <= self.tolerance)

    def __str__(self) -> str:
        place = ("class {}, feature {}" if len(self.worst) == 2 else "direction {}").format(
            *self.worst
        )
        return (
            f"{'right' if self.passed else 'WRONG'}: worst at {place}, "
            f"analytic {self.analytic[self.worst]:.6g}, numeric {self.numeric[self.worst]:.6g}, "
            f"relative error {self.error:.1e}, tolerance {self.tolerance:.0e}"
        )


def check_gradient(
    value: Value,
    gradient: Gradient,
    weights: ArrayLike,
    *,
    directions: int | None = None,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientReport:
    """Compare `gradient(W)` with $(F(W + h E) − F(W − h E)) / 2h$, F = `value`, h = `step`.

    E runs over all K·D entries, or over `directions` random unit vectors, where the derivative
    is $⟨∂F/∂W, E⟩$: two evaluations each, so that a few check a large gradient.
    Raises `ParameterError`, and `WeightError` for a gradient of another shape than the weights.
    """
    step, tolerance = (
        as_number(number, "step and tolerance > 0: each of them", 1e-300, 1e15)
        for number in (step, tolerance)
    )
    if not callable(value) or not callable(gradient):
        raise ParameterError("value and gradient are functions of the weights")
    weights = as_floats(weights, "weights", WeightError).astype(np.float64)
    if not weights.ndim or not weights.size or not np.isfinite(weights).all():
        raise WeightError(f"weights are an array of finite numbers, got {shortened(weights)}")
    slope = as_floats(gradient(weights), "a gradient", WeightError).astype(np.float64)
    if slope.shape != weights.shape:
        raise WeightError(f"a gradient of {weights.shape} was expected, got {slope.shape}")
    if directions is None:
        shape, basis, analytic = weights.shape, _units(weights.shape), slope
    else:
        directions = as_count(directions, "the number of directions", 1, 10_000)
        seed = as_count(seed, "the seed", 0, LARGEST_SEED)
        shape, basis = (directions,), _random_units(directions, weights.shape, seed)
        again = _random_units(directions, weights.shape, seed)
        analytic = np.array([np.vdot(e, slope) for e in again])
    numeric = np.array(
        [(value(weights + step * e) - value(weights - step * e)) / (2 * step) for e in basis]
    ).reshape(shape)
    difference = np.abs(analytic - numeric)
    worst = np.unravel_index(difference.argmax(), shape)
    scale = max(np.abs(analytic).max(), np.abs(numeric).max(), np.finfo(float).tiny)
    return GradientReport(
        analytic,
        numeric,
        tuple(int(i) for i in worst),
        float(difference.max() / scale),
        tolerance,
        2 * numeric.size,
    )


def _units(shape: tuple[int, ...]) -> Iterator[NDArray[np.floating]]:
    """The arrays with a single 1, one by one: all of them at once take a square of the space."""
    for place in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[place] = 1
        yield unit


def _random_units(count: int, shape: tuple[int, ...], seed: int) -> Iterator[NDArray[np.floating]]:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        direction = rng.normal(size=shape)
        yield direction / np.linalg.norm(direction)


@dataclass(frozen=True)
class OneHotReport:
    """The pixels (row, column) whose score is not bias + weight there; none if all is well."""

    wrong: tuple[tuple[int, int], ...]

    @property
    def passed(self) -> bool:
        return not self.wrong


def one_hot_check(
    scores: Callable[[NDArray[np.bool_]], NDArray[np.floating]],
    weights: ArrayLike,
    features: FeatureMap,
) -> OneHotReport:
    """For the grid with only pixel (r, c) on: is score_k = bias_k + weight_image_k[r, c]?

    `scores` takes grids (n, 8, 8) and gives (n, K), as `SoftmaxModel.scores` does. A picture
    that is transposed or flipped on the way fails here, though it passes `check_gradient`.
    """
    if not callable(scores):
        raise ParameterError(f"scores are a function of grids, got {shortened(scores)}")
    grids = pictures(np.eye(SIDE * SIDE, dtype=bool))
    if not isinstance(features, FeatureMap):
        raise FeatureError(f"expected a feature map, got {shortened(features)}")
    weights = as_reals(weights, "weights", WeightError)
    images = features.weight_images(weights)
    if weights.ndim != 2:
        raise WeightError(f"weights have the shape (K, D), got {weights.shape}")
    expected = np.moveaxis(weights[:, BIAS, None, None] + images, 0, -1)
    measured = as_reals(scores(grids), "scores", WeightError)
    if measured.size != expected.size:
        raise WeightError(f"scores of the shape (64, {len(weights)}), got {measured.shape}")
    measured = measured.reshape(expected.shape)
    wrong = np.argwhere(~np.isclose(measured, expected).all(axis=-1))
    return OneHotReport(tuple((int(r), int(c)) for r, c in wrong))
