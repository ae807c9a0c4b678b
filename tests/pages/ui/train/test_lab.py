"""The run of a session, and the runs before it."""

import time
from dataclasses import replace
from threading import Thread

import pytest

from pages.ui import budget
from pages.ui.train.settings import SPEEDS, Settings, run_names, safe_parameters
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
    assert run_names([lab.told, lab.past[0].told]) == ["η 5e-05", "η 1e-05"]
    lab.prepare(rate(1e-4, epochs=8))
    run_to_the_end(lab)
    assert run_names([lab.told, lab.past[0].told])[0] == "η 5e-05, from epoch 7 on 0.0001"
