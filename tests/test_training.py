"""Training as a value: resumed bit by bit, stopped for named reasons, never half done."""

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from softmax_core.errors import DivergenceError, FileError, ParameterError, WeightError
from softmax_core.features import feature_map
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.training import (
    CONVERGED,
    DIVERGED,
    EPOCHS_REACHED,
    STOPPED,
    EpochRecord,
    TrainingState,
    maximize,
    record,
    start,
    step,
    train,
    verdict,
)


def objective(l2=1.0, samples=120, seed=0):
    rng = np.random.default_rng(0)
    ink = rng.random((3, 8, 8))
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, samples)
    grids = rng.random((samples, 8, 8)) < ink[labels]
    return Objective(feature_map("pixels")(grids), labels, classes=3, l2=l2)


def saved(state):
    file = io.BytesIO()
    np.savez(file, **state.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return TrainingState.from_arrays(arrays)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saved_run_goes_on_bit_by_bit(name):
    batch_size = 32 if OPTIMIZERS[name].minibatch else None
    state = start(objective(), name, batch_size=batch_size, seed=5)
    for _ in range(3):
        state = step(state, objective())
    resumed, fresh = saved(state), objective()
    for _ in range(3):
        state, resumed = step(state, objective()), step(resumed, fresh)
        record(resumed, fresh)
    assert (resumed.weights == state.weights).all()
    assert resumed.epoch == 6


def test_the_seed_decides_the_order_of_mini_batches():
    one, same, other = (
        step(start(objective(), "adam", batch_size=10, seed=seed), objective()).weights
        for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert (one != other).any()


def test_a_step_leaves_its_state_alone():
    state = start(objective(), "momentum", batch_size=50)
    before = state.to_arrays()
    step(state, objective())
    assert all(np.array_equal(value, before[key]) for key, value in state.to_arrays().items())


def test_records_hold_what_the_objective_says():
    held_out = objective(seed=1)
    records = list(train(objective(), "lbfgs", epochs=8, held_out=held_out))
    assert [r.epoch for r in records] == list(range(9))
    assert [r.stop and r.stop.reason for r in records] == [None] * 8 + [EPOCHS_REACHED]
    last = records[-1]
    _, gradient = objective().value_and_gradient(last.weights)
    assert last.gradient_norm == pytest.approx(np.abs(gradient).max() / 120)
    assert last.log_likelihood == pytest.approx(objective().log_likelihood(last.weights))
    assert last.accuracy == objective().accuracy(last.weights)
    assert last.held_out_log_likelihood == pytest.approx(held_out.log_likelihood(last.weights))
    assert last.held_out_accuracy == held_out.accuracy(last.weights)
    assert all(a.seconds <= b.seconds for a, b in pairwise(records))
    assert records[0].log_likelihood == pytest.approx(-120 * np.log(3))


def test_training_stops_where_the_gradient_vanishes():
    *_, last = train(objective(), "newton", epochs=100, tolerance=1e-9)
    assert last.stop.reason == CONVERGED
    assert last.gradient_norm <= 1e-9


def test_training_stops_when_told_to():
    told = iter([False, False, True])
    *_, last = train(objective(), "bound", should_stop=lambda: next(told))
    assert (last.epoch, last.stop.reason) == (2, STOPPED)


@pytest.mark.parametrize("name", [n for n, o in OPTIMIZERS.items() if o.minibatch])
@pytest.mark.parametrize("l2", [0.0, 5.0])
def test_a_rate_that_diverges_is_stopped_and_the_advice_works(name, l2):
    rng = np.random.default_rng(0)  # labels that the grids don't explain: no rate is lucky
    features = feature_map("pixels")(rng.random((400, 8, 8)) < 0.5)
    noise = Objective(features, rng.integers(0, 3, 400), l2=l2)
    records = list(train(noise, name, parameters={"learning_rate": 1000.0}, epochs=300))
    last = records[-1]
    assert last.stop.reason == DIVERGED
    assert all(np.isfinite([r.log_likelihood, r.gradient_norm]).all() for r in records)
    better = float(last.stop.advice.split("try ")[1].rstrip("."))
    records = list(train(noise, name, parameters={"learning_rate": better}, epochs=100))
    assert records[-1].stop.reason == EPOCHS_REACHED
    assert noise.value(records[-1].weights) > records[0].log_likelihood


def test_weights_that_grow_without_limit_leave_the_state_as_it_was():
    state = start(objective(), "gradient-ascent", parameters={"learning_rate": 1000.0})
    state = replace(state, weights=np.full((3, 65), 1e14))
    with pytest.raises(DivergenceError, match=r"1000 is too high: try 0\.00"):
        step(state, objective())
    assert (state.weights == 1e14).all()
    assert state.epoch == 0


def test_maximize_says_when_it_did_not_arrive():
    solution = maximize(objective(), optimizer="bound", iterations=2)
    assert (solution.converged, solution.iterations) == (False, 2)
    assert solution.reason == EPOCHS_REACHED
    assert solution.value == objective().value(solution.weights)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ParameterError, match="no mini-batches"):
        start(objective(), "lbfgs", batch_size=10)
    with pytest.raises(ParameterError, match="from 1 to 120, got 0"):
        start(objective(), "adam", batch_size=0)
    with pytest.raises(WeightError, match="3 classes, got 2"):
        start(objective(), "adam", weights=np.zeros((2, 65)))
    with pytest.raises(ParameterError, match="began with λ = 1, got 2"):
        step(start(objective(1.0)), objective(2.0))
    with pytest.raises(FileError, match="not a training state"):
        TrainingState.from_arrays({"weights": np.zeros((3, 65))})


def test_train_by_default_is_a_hundred_full_batches_of_lbfgs_with_seed_0():
    records = list(train(objective()))
    named = list(train(objective(), "lbfgs", epochs=100, seed=0, batch_size=None))
    assert [r.epoch for r in records] == list(range(101))
    assert (records[-1].weights == named[-1].weights).all()


def test_train_passes_on_what_it_is_given():
    weights = np.random.default_rng(3).normal(size=(3, 65))
    options = {"parameters": {"learning_rate": 0.05}, "batch_size": 30, "weights": weights}
    for seed in (0, 7):
        state = start(objective(), "adam", seed=seed, **options)
        records = list(train(objective(), "adam", epochs=3, seed=seed, **options))
        assert (records[0].weights == weights).all()
        for found in records[1:]:
            state = step(state, objective())
            assert (found.weights == state.weights).all()
    default = train(objective(), "adam", epochs=3, **options)
    assert (list(default)[-1].weights != state.weights).any()  # the seed is 0
    again = train(objective(), "adam", epochs=3, seed=0, **options)
    default = train(objective(), "adam", epochs=3, **options)
    assert (list(default)[-1].weights == list(again)[-1].weights).all()


def test_seconds_are_counted_from_the_start():
    first, *_, last = train(objective(), epochs=2)
    assert 0 <= first.seconds < last.seconds < 600


def figures(*likelihoods, norm=1.0):
    return [EpochRecord(n, value, 0.5, norm, None) for n, value in enumerate(likelihoods)]


FLOOR = -120 * np.log(3)  # every class equally probable


@pytest.mark.parametrize(
    ("records", "options", "reason"),
    [
        (figures(-90), {}, None),
        (figures(-90, norm=0.0), {}, CONVERGED),
        (figures(-90, norm=0.5), {}, None),
        (figures(-90, norm=0.5), {"tolerance": 0.5}, CONVERGED),
        (figures(-90, norm=0.5), {"tolerance": 0.49}, None),
        (figures(-90, -80, -70), {"epochs": 3}, None),
        (figures(-90, -80, -70), {"epochs": 2}, EPOCHS_REACHED),
        (figures(-90, -80, -70), {"epochs": 1}, EPOCHS_REACHED),
        (figures(-90, *[-140] * 10), {}, DIVERGED),
        (figures(-90, *[-140] * 9), {}, None),
        (figures(*[-90] * 5, *[-140] * 10), {}, DIVERGED),
        (figures(-90, *[-140] * 5, -130, *[-140] * 9), {}, None),
        (figures(-90, *[-140] * 50, -130, -140), {}, None),
        (figures(-90, *[-130] * 10), {}, None),
        (figures(-200, *[-140] * 10), {}, None),
        (figures(-200, *[-200] * 10), {}, None),
        (figures(-200, *[-201] * 10), {}, DIVERGED),
        (figures(-90, *[FLOOR] * 10), {}, None),
    ],
)
def test_the_verdict(records, options, reason):
    """L of 120 samples of 3 classes, all equally probable, is −131.8."""
    state = start(objective(), "gradient-ascent", parameters={"learning_rate": 1.0})
    stop = verdict(records, state, objective(), **options)
    assert (stop and stop.reason) == reason


def test_the_verdict_says_what_to_do_next():
    state = start(objective(), "gradient-ascent", parameters={"learning_rate": 1.0})
    advice = [
        verdict(figures(*values, norm=norm), state, objective(), epochs=11).advice
        for values, norm in (([-90], 0.0), ([-90, *[-140] * 10], 1.0), ([-90] * 12, 1.0))
    ]
    assert advice[0] == "the gradient norm fell to 0.0e+00"
    assert advice[1].startswith("L is worse than at the start. The learning rate 1 is too high")
    assert advice[2] == "11 epochs were asked for; more may improve L"


@pytest.mark.parametrize("factor", [0.5, 1.0])
def test_where_even_a_low_rate_diverges_a_tenth_is_advised(factor):
    rate = factor * objective().safe_rate
    state = start(objective(), "gradient-ascent", parameters={"learning_rate": rate})
    stop = verdict(figures(-90, *[-140] * 10), state, objective())
    assert stop.advice.endswith(f"{rate:g} is too high: try {rate / 10:.2g}.")


def test_where_there_is_no_rate_zero_weights_are_advised():
    stop = verdict(figures(-90, *[-140] * 10), start(objective(), "bound"), objective())
    assert stop.advice == "L is worse than at the start. Start again from zero weights."


def test_maximize_passes_on_what_it_is_given():
    weights = np.random.default_rng(3).normal(size=(3, 65))
    options = {"parameters": {"learning_rate": 2e-3}, "weights": weights}
    found = maximize(objective(), optimizer="gradient-ascent", iterations=1, **options)
    state = step(start(objective(), "gradient-ascent", **options), objective())
    assert (found.weights == state.weights).all()
    best = maximize(objective(), optimizer="newton", tolerance=1e-6)
    assert (best.converged, best.reason) == (True, CONVERGED)
    _, gradient = objective().value_and_gradient(best.weights)
    assert np.abs(gradient).max() <= 120 * 1e-6
    before = maximize(objective(), optimizer="newton", iterations=best.iterations - 1)
    _, gradient = objective().value_and_gradient(before.weights)
    assert np.abs(gradient).max() > 120 * 1e-6


def test_maximize_gives_the_last_weights_of_training_that_diverges():
    options = {"parameters": {"learning_rate": 1000.0}, "weights": np.full((3, 65), 9e14)}
    found = maximize(objective(), optimizer="gradient-ascent", **options)
    assert (found.weights == 9e14).all()
    assert found.value == objective().value(found.weights)
    assert (found.converged, found.iterations, found.reason) == (False, 0, DIVERGED)


@pytest.mark.parametrize("size", [1, 120])
def test_a_batch_may_be_one_sample_or_all(size):
    assert start(objective(), "adam", batch_size=size).batch_size == size


def test_a_state_and_a_record_say_nothing_that_was_not_given():
    state = start(objective())
    assert (state.seed, state.epoch, state.optimizer) == (0, 0, "lbfgs")
    assert record(state, objective()).seconds == 0
    assert record(state, objective(), seconds=2.5).seconds == 2.5
