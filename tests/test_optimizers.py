"""Every rule of the table: the same optimum, its own recurrence, and no surprises."""

import numpy as np
import pytest

from softmax_core.datasets import load_dataset
from softmax_core.errors import ParameterError
from softmax_core.features import feature_map
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS, optimizer
from softmax_core.training import maximize, train

PATIENCE = {"gradient-ascent": 20_000, "momentum": 5_000, "nesterov": 5_000, "adam": 5_000}


def problem(l2=1.0, samples=300, classes=3, dtype=np.float64):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, samples)
    ink = rng.uniform(0.35, 0.65, (classes, 8, 8))[labels]
    grids = rng.random((samples, 8, 8)) < ink
    grids[:, 0, 0] = False  # a pixel that never occurs
    return Objective(feature_map("pixels")(grids, dtype), labels, l2=l2)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_all_rules_reach_the_same_optimum(name):
    objective = problem(l2=10.0)
    best = maximize(objective, optimizer="newton", tolerance=1e-10)
    found = maximize(
        objective, optimizer=name, tolerance=1e-6, iterations=PATIENCE.get(name, 2_000)
    )
    assert found.converged
    assert found.value == pytest.approx(best.value, rel=1e-8)


@pytest.mark.parametrize("name", ["gradient-ascent", "bound", "lbfgs", "newton"])
@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_rules_that_never_fall(name, l2):
    objective = problem(l2)
    weights = np.random.default_rng(1).normal(size=(3, 65))
    records = train(objective, name, epochs=15, weights=weights)
    values = [objective.value(record.weights) for record in records]
    assert len(values) == 16
    assert (np.diff(values) >= -1e-9 * np.abs(values[:-1])).all()


def test_the_bound_lies_below_the_objective():
    objective = problem(l2=1.0)
    rng = np.random.default_rng(2)
    here, step = rng.normal(size=(2, 3, 65))
    value, gradient = objective.value_and_gradient(here)
    curvature = objective.gram / 2 + np.diag([0.0, *[objective.l2] * 64])
    parabola = value + np.vdot(gradient, step) - np.sum(step @ curvature * step) / 2
    assert objective.value(here + step) >= parabola


@pytest.mark.parametrize("name", ["lbfgs", "newton"])
def test_separable_classes_without_penalty_approach_zero(name):
    objective = problem(l2=0.0, samples=30)
    found = maximize(objective, optimizer=name, tolerance=1e-6, iterations=200)
    assert found.converged
    assert -1e-3 < found.value < 0


def test_recurrences_by_hand():
    """Two steps on F(w) = −w²/2, whose gradient is −w, from w = 1 with η = 0.1."""

    class Parabola:
        def value_and_gradient(self, weights):
            return float(-(weights**2).sum() / 2), -weights

        def __len__(self):
            return 1

    expected = {
        "gradient-ascent": [0.9, 0.81],
        "momentum": [0.9, 0.9 - 0.5 * 0.1 - 0.1 * 0.9],
        "nesterov": [0.9, 0.81 + 0.25 * (0.81 - 0.9)],
        "adam": [0.9, 0.9 - 0.1 * _adam_ratio()],
    }
    for name, path in expected.items():
        rule = OPTIMIZERS[name]
        weights = np.ones((1, 1))
        memory = rule.init(Parabola(), weights)
        for value in path:
            parameters = {"learning_rate": 0.1, "momentum": 0.5}
            weights, memory = rule.update(Parabola(), weights, memory, parameters)
            assert weights.item() == pytest.approx(value, abs=1e-7)


def _adam_ratio():
    mean = (0.9 * 0.1 + 0.1 * 0.9) / (1 - 0.9**2)
    square = (0.999 * 0.001 + 0.001 * 0.81) / (1 - 0.999**2)
    return mean / np.sqrt(square)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rule_changes_neither_weights_nor_memory(name):
    rule, objective = OPTIMIZERS[name], problem()
    weights = objective.zeros()
    memory = rule.init(objective, weights)
    parameters = rule.complete(objective)
    weights, memory = rule.update(objective, weights, memory, parameters)
    before = weights.copy(), {key: np.copy(value) for key, value in memory.items()}
    once, _ = rule.update(objective, weights, memory, parameters)
    twice, _ = rule.update(objective, weights, memory, parameters)
    assert (once == twice).all()
    assert (weights == before[0]).all()
    for key, value in memory.items():
        assert np.array_equal(value, before[1][key])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_single_precision_is_kept(name):
    records = list(train(problem(dtype=np.float32), name, epochs=5))
    assert records[-1].weights.dtype == np.float32
    assert records[-1].log_likelihood > records[0].log_likelihood


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_defaults_work_on_the_digits_and_lie_in_range(name):
    train_split = load_dataset("pen").train
    features = feature_map("pixels")(train_split.grids[:400])
    objective = Objective(features, train_split.labels[:400], classes=10, l2=1.0)
    rule = OPTIMIZERS[name]
    defaults = rule.complete(objective)
    assert all(p.low <= defaults[p.name] <= p.high for p in rule.parameters)
    assert rule.name == name
    records = list(train(objective, name, epochs=3))
    assert records[-1].log_likelihood > records[0].log_likelihood


def test_parameters_that_do_not_fit_are_refused():
    objective = problem()
    with pytest.raises(ParameterError, match="there are gradient-ascent"):
        optimizer("sgd")
    with pytest.raises(ParameterError, match="got 'speed'"):
        optimizer("adam").complete(objective, {"speed": 1})
    with pytest.raises(ParameterError, match="from 1e-09 to 1000, got -1"):
        optimizer("adam").complete(objective, {"learning_rate": -1})
    with pytest.raises(ParameterError, match="got nan"):
        optimizer("momentum").complete(objective, {"momentum": np.nan})


def test_the_table_of_rules():
    """What a user may choose: a change here is a change of the app."""
    objective = problem()
    rate = ("learning_rate", "Learning rate η", 1e-9, 1e3, True, objective.safe_rate)
    expected = {
        "gradient-ascent": (True, [rate]),
        "momentum": (True, [rate, ("momentum", "Momentum β", 0.0, 0.999, False, 0.9)]),
        "nesterov": (True, [rate, ("momentum", "Momentum β", 0.0, 0.999, False, 0.99)]),
        "adam": (True, [(*rate[:-1], 0.01)]),
        "bound": (False, []),
        "lbfgs": (False, []),
        "newton": (False, []),
    }
    assert expected == {
        name: (
            rule.minibatch,
            [
                (p.name, p.title, p.low, p.high, p.logarithmic, p.default(objective))
                for p in rule.parameters
            ],
        )
        for name, rule in OPTIMIZERS.items()
    }


@pytest.mark.parametrize("value", [1e-9, 1e3, 1, np.float32(0.5)])
def test_the_ends_of_a_range_are_part_of_it(value):
    assert optimizer("adam").complete(problem(), {"learning_rate": value}) == {
        "learning_rate": float(value)
    }


def test_lbfgs_remembers_in_double_precision():
    rule, objective = OPTIMIZERS["lbfgs"], problem(dtype=np.float32)
    weights = objective.zeros()
    memory = rule.init(objective, weights)
    for _ in range(3):
        weights, memory = rule.update(objective, weights, memory, {})
    assert memory["steps"].shape == memory["changes"].shape == (3, 3, 65)
    assert memory["steps"].dtype == memory["changes"].dtype == np.float64


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_at_the_optimum_a_rule_stays_where_it_is(name):
    grids = np.tile(np.eye(8, dtype=bool), (4, 1, 1))
    objective = Objective(feature_map("pixels")(grids), [0, 1, 0, 1], l2=1.0)
    rule, weights = OPTIMIZERS[name], objective.zeros()
    memory, parameters = rule.init(objective, weights), rule.complete(objective)
    for _ in range(3):
        weights, memory = rule.update(objective, weights, memory, parameters)
        assert not weights.any()
