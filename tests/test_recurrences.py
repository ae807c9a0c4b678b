"""Every rule by a second route: its recurrence written out plainly, compared step by step.

That a rule reaches the optimum says little: with a wrong sign it may only take longer. Here the
gradient is that of model.py, matrices are inverted whole, and L-BFGS is the BFGS formula for the
inverse Hessian instead of two loops.
"""

import numpy as np
import pytest

from softmax_core.features import feature_map
from softmax_core.model import gradient, hessian, log_likelihood, penalty, scores, softmax
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS

CLASSES, L2, STEPS = 3, 0.5, 25
PARAMETERS = {
    "gradient-ascent": {"learning_rate": 2e-3},
    "momentum": {"learning_rate": 1e-3, "momentum": 0.8},
    "nesterov": {"learning_rate": 1e-3, "momentum": 0.6},
    "adam": {"learning_rate": 0.02},
    "bound": {},
    "lbfgs": {},
    "newton": {},
}


class Plain:
    """F and its derivatives on some random digits, by model.py alone."""

    def __init__(self):
        rng = np.random.default_rng(4)
        self.labels = rng.integers(0, CLASSES, 150)
        ink = rng.uniform(0.2, 0.8, (CLASSES, 8, 8))[self.labels]
        self.features = feature_map("pixels")(rng.random(ink.shape) < ink)
        self.phi = self.features.values
        self.shrinkage = L2 * np.array([0, *[1] * 64])

    def value(self, weights):
        return log_likelihood(weights, self.features, self.labels) - penalty(weights, L2)

    def gradient(self, weights):
        return gradient(weights, self.features, self.labels) - self.shrinkage * weights

    def curvature(self, weights):
        """−∂²F/∂W², (KD, KD)."""
        return np.diag(np.tile(self.shrinkage, CLASSES)) - hessian(weights, self.features)

    def mean_curvature(self, weights):
        p = softmax(scores(weights, self.features))
        c = (p * (1 - p)).sum(axis=1) / (CLASSES - 1)
        return (self.phi.T * c) @ self.phi + np.diag(self.shrinkage)

    def climbed(self, weights, direction):
        """The first of W + D, W + D/2, W + D/4, … at which F has risen enough."""
        slope = (self.gradient(weights) * direction).sum()
        s = 1.0
        while self.value(weights + s * direction) < self.value(weights) + 1e-4 * s * slope:
            s /= 2
        return weights + s * direction


def gradient_ascent(f, w, learning_rate):
    while True:
        w = w + learning_rate * f.gradient(w)
        yield w


def momentum(f, w, learning_rate, momentum):
    v = 0
    while True:
        v = momentum * v + learning_rate * f.gradient(w)
        w = w + v
        yield w


def nesterov(f, w, learning_rate, momentum):
    x, t = w, 0
    while True:
        x, before = w + learning_rate * f.gradient(w), x
        w = x + min(momentum, t / (t + 3)) * (x - before)
        t += 1
        yield w


def adam(f, w, learning_rate):
    m = v = t = 0
    while True:
        t += 1
        g = f.gradient(w) / len(f.labels)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g * g
        w = w + learning_rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        yield w


def bound(f, w):
    inverse = np.linalg.inv(f.phi.T @ f.phi / 2 + np.diag(f.shrinkage))
    while True:
        w = w + f.gradient(w) @ inverse
        yield w


def lbfgs(f, w):
    """H of the last 10 pairs: H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ, ρ = 1 / sᵀy,
    multiplied out.

    Before them H is γ I ⊗ M⁻¹, M the mean curvature at the start, later after 15 steps,
    and γ = sᵀy / yᵀ M⁻¹ y of the newest pair.
    """
    pairs, taken = [], f.mean_curvature(w)
    for t in range(1000):
        if t == 15:
            taken = f.mean_curvature(w)
        h = np.kron(np.eye(CLASSES), np.linalg.inv(taken))
        if pairs:
            s, y = pairs[-1]
            h = h * (s @ y) / (y @ h @ y)
        for s, y in pairs[-10:]:
            rho, hy = 1 / (s @ y), h @ y
            h = h - rho * (np.outer(s, hy) + np.outer(hy, s))
            h = h + (rho + rho**2 * (y @ hy)) * np.outer(s, s)
        g = f.gradient(w)
        ahead = f.climbed(w, (h @ g.ravel()).reshape(w.shape))
        pairs.append(((ahead - w).ravel(), (g - f.gradient(ahead)).ravel()))
        w = ahead
        yield w


def newton(f, w):
    while True:
        direction = np.linalg.pinv(f.curvature(w), hermitian=True) @ f.gradient(w).ravel()
        w = f.climbed(w, direction.reshape(w.shape))
        yield w


PLAIN = {
    "gradient-ascent": gradient_ascent,
    "momentum": momentum,
    "nesterov": nesterov,
    "adam": adam,
    "bound": bound,
    "lbfgs": lbfgs,
    "newton": newton,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("start", ["zero", "random"])
def test_a_rule_follows_its_recurrence(name, start):
    f, rule, parameters = Plain(), OPTIMIZERS[name], PARAMETERS[name]
    objective = Objective(f.features, f.labels, classes=CLASSES, l2=L2)
    weights = objective.zeros()
    if start == "random":
        weights = np.random.default_rng(5).normal(0, 0.5, weights.shape)
        weights -= weights.mean(axis=0)
    plain = PLAIN[name](f, weights, **parameters)
    memory = rule.init(objective, weights)
    for step in range(7 if name == "newton" else STEPS):
        weights, memory = rule.update(objective, weights, memory, parameters)
        expected = next(plain)
        scale = np.abs(expected).max()
        off = weights - expected
        if name == "newton":
            off -= off.mean(axis=0)  # what all classes have in common, F does not determine
        assert np.abs(off).max() <= 1e-6 * scale, step
