"""The run of a session, and the runs before it."""

import math
import time
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from pages.ui import budget
from pages.ui.train.settings import EPOCHS, SPEEDS, Settings, run_names, safe_parameters
from softmax_core import OPTIMIZERS
from tests.pages.ui.train.labs import QUICK, drawn, lab_with, rate, run_to_the_end


@pytest.mark.parametrize("speed", SPEEDS.values())
def test_no_message_holds_more_than_pause_may_wait_for(speed):
    assert speed.frames >= 1
    assert speed.frames == 1 or speed.message <= 0.2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_runs(name):
    parameters = tuple(safe_parameters("pen", "pixels", name).items())
    lab = lab_with(Settings(optimizer=name, epochs=2, parameters=parameters))
    run_to_the_end(lab)
    assert lab.run.epoch == 2
    assert lab.run.figures_at(2).log_likelihood > lab.run.figures_at(0).log_likelihood
    assert drawn(lab)["frames"][0]["epoch"] == 2


def test_a_repeated_request_is_answered_once():
    lab = lab_with(replace(QUICK, epochs=10_000))
    lab.start()
    serial = lab.serial
    lab.tick(serial)
    epoch = lab.run.epoch
    for again in (serial, None, serial - 1):
        lab.tick(again)
    assert lab.run.epoch == epoch


def test_only_so_many_runs_stay():
    lab = lab_with(replace(QUICK, epochs=1))
    for _ in range(budget.RUNS + 2):
        lab.step()
        lab.reset()
    assert len(lab.past) == budget.RUNS


def test_a_press_while_another_run_of_the_page_trains_waits_for_one_epoch_only():
    lab = lab_with(replace(QUICK, epochs=100_000))
    lab.start()
    training = Thread(target=lab.tick, args=(lab.serial,))
    training.start()
    time.sleep(0.03)
    lab.pause()
    epoch = lab.run.epoch
    training.join()
    assert (lab.running, lab.run.epoch, lab.shown) == (False, epoch, epoch)
    assert drawn(lab)["frames"][0]["epoch"] == epoch


def test_runs_to_compare_are_named_by_what_they_were_trained_with():
    """Run with one rate, move the rate, Reset, Start: the first run keeps its own name."""
    lab = run_to_the_end(lab_with(rate(1e-5, epochs=6)))
    lab.prepare(rate(5e-5, epochs=6))
    lab.reset()
    run_to_the_end(lab)
    assert run_names([lab.told, lab.past[0].told]) == ["η 5·10⁻⁵", "η 10⁻⁵"]
    lab.prepare(rate(1e-4, epochs=8))
    run_to_the_end(lab)
    assert run_names([lab.told, lab.past[0].told])[0] == "η 5·10⁻⁵, from epoch 7 on 0.0001"


@pytest.fixture
def sparse(monkeypatch):
    """A run of 60 epochs of which few states are kept; a press trains one epoch at most."""
    monkeypatch.setattr(budget, "RUN_STATES", 0)
    monkeypatch.setattr("pages.ui.train.lab.AT_ONCE", 0.0)
    lab = lab_with(rate(1e-5, epochs=60))
    lab.pace = "as fast as it goes"
    run_to_the_end(lab)
    assert lab.run.stride >= 32
    return lab


def test_a_long_look_back_goes_on_tick_by_tick_and_shows_how_far_it_is(sparse):
    weights = sparse.run.state_at(59).weights
    sparse.look(20)  # so that what is remembered is not near
    while sparse.going:
        sparse.tick(sparse.serial)
    sparse.look(59)
    seen = [sparse.shown]
    while sparse.going:
        assert drawn(sparse)["running"]
        sparse.tick(sparse.serial)
        seen.append(sparse.shown)
    assert seen == list(range(seen[0], 60))
    assert len(seen) > 10
    np.testing.assert_array_equal(sparse.seen.weights, weights)
    assert (sparse.running, sparse.notice) == (False, "")


def test_a_look_back_stops_where_it_is_pressed_and_when_nobody_asks_any_more(sparse):
    sparse.look(31)
    for _ in range(3):
        sparse.tick(sparse.serial)
    there = sparse.shown
    assert 0 < there < 31
    sparse.tick(sparse.serial - 1)  # a request that comes again trains nothing
    assert sparse.shown == there
    sparse.pause()
    assert (sparse.going, sparse.shown) == (False, there)
    sparse.start()
    assert sparse.run.epoch == there


def test_a_look_back_that_takes_too_long_ends_and_says_where(sparse, monkeypatch):
    monkeypatch.setattr(budget, "LOOK_SECONDS", 0)
    sparse.look(31)
    assert (sparse.going, sparse.shown) == (False, 1)
    assert "Epoch 31 is too far" in sparse.notice
    assert "this is epoch 1." in sparse.notice
    sparse.look(0)
    assert sparse.notice == ""


def test_an_honest_long_run_is_quick_to_look_back_at():
    """After the most epochs that there can be, few are to be trained again."""
    lab = lab_with(rate(1e-5))
    states = budget.RUN_STATES // lab.seen.weights.nbytes
    stride = 2 ** math.ceil(math.log2(EPOCHS[-1] / states))
    assert stride <= 128


def test_an_earlier_run_may_be_removed_twice_and_an_epoch_asked_for_that_is_gone():
    lab = lab_with()
    lab.step()
    lab.reset()
    (past,) = lab.past
    lab.remove(past)
    lab.remove(past)
    assert lab.past == []
    lab.look(5)
    lab.look(None)
    assert (lab.shown, lab.going) == (0, False)
