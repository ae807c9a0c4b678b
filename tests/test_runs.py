import json
from io import BytesIO

import numpy as np
import pytest

from softmax_core.errors import FileError, ParameterError, StoppedError
from softmax_core.features import feature_map
from softmax_core.inputs import LARGEST_WEIGHT
from softmax_core.objective import Objective
from softmax_core.optimizers import OPTIMIZERS
from softmax_core.runs import Run, thinned
from softmax_core.training import (
    CONVERGED,
    DIVERGED,
    EPOCHS_REACHED,
    record,
    start,
    step,
    train,
)

RNG = np.random.default_rng(3)
LABELS = RNG.integers(0, 3, 90)
GRIDS = RNG.random((90, 8, 8)) < RNG.random((3, 8, 8))[LABELS]
LABELS[:5] = LABELS[5:10]  # mistakes, so that no weights can be right everywhere
GRIDS[:5] = GRIDS[10:15]


def objective(rows=slice(0, 60), l2=0.0):
    return Objective(feature_map("pixels")(GRIDS[rows]), LABELS[rows], classes=3, l2=l2)


def run(optimizer="momentum", *, epochs=100, parameters=None, batch_size=None, **more):
    samples = objective()
    state = start(samples, optimizer, parameters=parameters, batch_size=batch_size, seed=5)
    return Run(samples, state, held_out=objective(slice(60, 90)), epochs=epochs, **more)


def advance(run, epochs):
    for _ in range(epochs):
        run.advance()
    return run


def same(a, b):
    assert a.epoch == b.epoch
    assert dict(a.parameters) == dict(b.parameters)
    assert set(a.memory) == set(b.memory)
    np.testing.assert_array_equal(a.weights, b.weights)
    for name in a.memory:
        np.testing.assert_array_equal(a.memory[name], b.memory[name])


def test_a_run_says_what_train_says():
    going = run("gradient-ascent")
    records = train(
        objective(), "gradient-ascent", epochs=20, held_out=objective(slice(60, 90)), seed=5
    )
    for expected in records:
        figures = going.measure()
        for name in figures._fields:
            assert getattr(figures, name) == pytest.approx(getattr(expected, name), abs=1e-12)
        going.advance()


def test_held_out_figures_are_those_of_the_epochs_that_were_measured():
    going = run()
    going.measure()
    advance(going, 3).measure()
    epochs, values = going.curve("held_out_accuracy")
    assert epochs.tolist() == [0, 3]
    assert values[0] == objective(slice(60, 90)).accuracy(np.zeros((3, 65)))
    assert going.curve("log_likelihood")[0].tolist() == [0, 1, 2, 3]
    assert np.isnan(going.figures_at(2).held_out_log_likelihood)
    past = going.state_at(2)
    held_out = objective(slice(60, 90))
    assert going.measure(2).held_out_accuracy == held_out.accuracy(past.weights)
    assert going.curve("held_out_accuracy")[0].tolist() == [0, 2, 3]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_state_comes_back_bit_by_bit(name):
    size = 20 if OPTIMIZERS[name].minibatch else None
    going = run(name, batch_size=size, budget=20_000, tolerance=0.0)
    states = [going.state]
    for _ in range(12):
        going.advance()
        states.append(going.state)
    assert going.stride > 1
    for state in states:
        same(going.state_at(state.epoch), state)


def test_a_changed_rate_holds_from_the_next_epoch_on_and_comes_back_too():
    going = advance(run("gradient-ascent", budget=0), 4)
    before = going.state
    going.set(epochs=100, parameters={"learning_rate": 1e-4})
    going.advance()
    expected = before.weights + 1e-4 * objective().value_and_gradient(before.weights)[1]
    np.testing.assert_array_equal(going.state.weights, expected)
    states = [going.state]
    for _ in range(4):
        going.advance()
        states.append(going.state)
    for state in states:
        same(going.state_at(state.epoch), state)


def test_rewind_takes_the_same_way_again():
    going = advance(run("adam", batch_size=7), 30)
    last = going.state
    going.rewind(11)
    assert going.epoch == 11
    assert going.curve("gradient_norm")[0].tolist() == list(range(12))
    with pytest.raises(ParameterError, match="epochs 0 to 11, got 12"):
        going.figures_at(12)
    same(advance(going, 19).state, last)


def test_what_was_abandoned_leaves_no_figures():
    going = advance(run("gradient-ascent", parameters={"learning_rate": 1e-4}), 30)
    going.measure()
    going.rewind(10)
    going.set(epochs=100, parameters={"learning_rate": 1e-2})
    weights = advance(going, 20).state.weights
    assert np.isnan(going.figures_at(30).accuracy)
    assert going.measure().accuracy == objective().accuracy(weights)
    held_out = objective(slice(60, 90))
    assert going.figures_at(30).held_out_accuracy == held_out.accuracy(weights)


def test_a_run_says_what_every_epoch_was_trained_with():
    going = run("gradient-ascent", parameters={"learning_rate": 1e-4})
    assert going.trained_with == ()
    going.set(epochs=100, parameters={"learning_rate": 1e-3})
    advance(going, 4).set(epochs=100, parameters={"learning_rate": 1e-2})
    slow, fast = {"learning_rate": 1e-3}, {"learning_rate": 1e-2}
    assert going.trained_with == ((1, 4, slow),)
    assert advance(going, 2).trained_with == ((1, 4, slow), (5, 6, fast))
    going.rewind(3)
    assert going.trained_with == ((1, 3, slow),)


def test_a_step_that_failed_is_tried_again_with_other_parameters():
    samples = objective()
    edge = np.full((3, 65), LARGEST_WEIGHT)
    going = Run(samples, start(samples, "gradient-ascent", weights=edge))
    going.set(epochs=100, parameters={"learning_rate": 1e3})
    assert advance(going, 1).stop.reason == DIVERGED
    assert going.epoch == 0
    going.set(epochs=50, parameters={"learning_rate": 1e3})
    assert going.stop.reason == DIVERGED
    going.set(epochs=50, parameters={"learning_rate": 1e-4})
    assert going.stop is None


def test_the_states_that_are_kept_stay_in_their_budget():
    weights = 3 * 65 * 8
    going = advance(run("gradient-ascent", budget=10 * weights, epochs=1000, tolerance=0), 100)
    assert going.stride == 16
    assert len(going._states) <= 10


def test_the_end_is_named():
    assert advance(run("gradient-ascent", epochs=3), 3).stop.reason == EPOCHS_REACHED
    samples = objective(l2=1.0)
    going = Run(samples, start(samples, "newton"), epochs=100)
    while going.stop is None:
        going.advance()
    assert going.stop.reason == CONVERGED
    assert going.epoch < 20


def test_more_epochs_and_a_rewind_let_a_run_go_on():
    going = advance(run("gradient-ascent", epochs=3), 3)
    going.set(epochs=5, parameters=going.state.parameters)
    assert going.stop is None
    assert advance(going, 2).stop.reason == EPOCHS_REACHED
    going.rewind(1)
    assert going.stop is None


def test_a_rate_that_is_too_high_stops_with_one_that_works_and_leaves_no_nan():
    going = run("momentum", parameters={"learning_rate": 1e3, "momentum": 0.999}, epochs=10_000)
    while going.stop is None:
        going.advance()
    assert going.stop.reason == DIVERGED
    assert f"try {objective().safe_rate:.2g}" in going.stop.advice
    assert all(np.isfinite(going.curve(name)[1]).all() for name in ("log_likelihood", "accuracy"))
    assert np.isfinite(going.state.weights).all()


def test_beyond_all_numbers_the_last_finite_state_stays():
    going = run("gradient-ascent", parameters={"learning_rate": 1e3})
    huge = np.full((3, 65), LARGEST_WEIGHT) * np.array([[1], [-1], [1]])
    fast = going.state.parameters
    going.state = start(going.objective, "gradient-ascent", parameters=fast, weights=huge)
    going.state.weights.flags.writeable = False
    before = going.state
    while going.stop is None:
        before = going.state
        going.advance()
    assert going.stop.reason == DIVERGED
    assert going.state is before


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saved_run_goes_on_bit_by_bit(name):
    going = advance(run(name, tolerance=0), 6)
    going.measure()
    file = BytesIO()
    np.savez(file, **going.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        back = Run.from_arrays(arrays, objective(), held_out=objective(slice(60, 90)))
    assert back.figures_at(6) == going.figures_at(6)
    same(back.state_at(3), going.state_at(3))
    same(advance(back, 5).state, advance(going, 5).state)


def test_a_saved_run_is_small_and_still_goes_back():
    going = advance(run("gradient-ascent", tolerance=0), 50)
    arrays = going.to_arrays(budget=5 * going.state.weights.nbytes)
    assert sum(name.endswith("_weights") for name in arrays) <= 6
    same(Run.from_arrays(arrays, objective()).state_at(33), going.state_at(33))


def test_files_that_do_not_fit_are_refused():
    arrays = advance(run("momentum"), 3).to_arrays()
    broken = (
        {k: v for k, v in arrays.items() if k != "history"},
        {k: v for k, v in arrays.items() if k != "state_0_weights"},
        {**arrays, "figures": arrays["figures"][:2]},
        {**arrays, "state_3_weights": np.zeros((3, 9))},
        {**arrays, "state_3_memory_velocity": np.zeros((2, 2))},
    )
    for wrong in broken:
        with pytest.raises(FileError, match="training run"):
            Run.from_arrays(wrong, objective())
    with pytest.raises(FileError, match="fits its data"):
        Run.from_arrays(arrays, objective(l2=2.0))


def claimed(epochs=50_000):
    """A file of a run that claims many epochs between the two whose states it holds."""
    arrays = advance(run("newton", tolerance=0), 1).to_arrays()
    history = json.loads(str(arrays["history"]))
    states = {f"state_{epochs}_{k[8:]}": v for k, v in arrays.items() if k.startswith("state_1_")}
    settings = json.loads(str(states[f"state_{epochs}_settings"]))
    states[f"state_{epochs}_settings"] = np.array(json.dumps({**settings, "epoch": epochs}))
    figures = np.repeat(arrays["figures"][-1:], epochs + 1, axis=0)
    history = np.array(json.dumps({**history, "states": [0, epochs]}))
    first = {k: v for k, v in arrays.items() if k.startswith("state_0_")}
    return {**first, **states, "figures": figures, "history": history}


def test_an_epoch_far_from_the_states_of_a_file_is_refused_at_once():
    back = Run.from_arrays(claimed(), objective())
    with pytest.raises(ParameterError, match="too long"):
        back.state_at(49_999)
    assert back.state_at(1).epoch == 1
    with pytest.raises(ParameterError, match="too long"):
        back.rewind(30_000)
    assert back.epoch == 50_000


def test_looking_back_can_be_stopped_and_goes_on_from_there():
    going = advance(run("gradient-ascent", budget=0), 60)
    calls = iter([False] * 5 + [True])
    with pytest.raises(StoppedError, match="stopped at epoch"):
        going.state_at(59, lambda: next(calls))
    same(going.state_at(59), advance(run("gradient-ascent"), 59).state)


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 10**12},
        {"first": -1},
        {"stride": 0},
        {"states": [[0]]},
        {"states": "0"},
        {"tolerance": "0"},
        {"parameters": []},
        {"parameters": [[0, {"learning_rate": 0.1, "momentum": 5}]]},
        {"parameters": [[0, {"session": 1}]]},
        {"parameters": [[9, {"learning_rate": 0.1, "momentum": 0.5}]]},
    ],
)
def test_a_history_that_no_run_leaves_is_refused(changes):
    arrays = advance(run("momentum"), 3).to_arrays()
    history = {**json.loads(str(arrays["history"])), **changes}
    with pytest.raises(FileError, match="training run"):
        Run.from_arrays({**arrays, "history": np.array(json.dumps(history))}, objective())


@pytest.mark.parametrize("value", [1e308, np.inf, np.nan, 5.0])
@pytest.mark.parametrize("column", [0, 2])
def test_figures_that_no_run_leaves_are_refused(value, column):
    arrays = advance(run("momentum"), 3).to_arrays()
    figures = arrays["figures"].copy()
    figures[3, column] = value
    with pytest.raises(FileError, match="figures"):
        Run.from_arrays({**arrays, "figures": figures}, objective())


def test_epochs_that_have_not_been_are_refused():
    with pytest.raises(ParameterError, match="epochs 0 to 0, got 7"):
        run().state_at(7)


def test_thinning_keeps_the_ends_and_the_extremes():
    values = RNG.normal(size=10_000)
    values[[1234, 7777]] = 50, -50
    kept = thinned(values, 300)
    assert len(kept) <= 300
    assert {*range(150), 1234, 7777, 9999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert thinned(values[:300], 300).tolist() == list(range(300))


def test_a_record_of_the_state_is_what_the_run_holds():
    going = advance(run("nesterov"), 8)
    again = record(step(going.state_at(7), objective()), objective())
    assert going.figures_at(8).log_likelihood == again.log_likelihood
    assert going.figures_at(8).gradient_norm == again.gradient_norm
