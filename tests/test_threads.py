"""Work on several cores gives what work on one gives."""

import subprocess
import sys
import time
from threading import get_ident

import numpy as np
import pytest

from softmax_core import threads
from softmax_core.errors import ParameterError
from softmax_core.features import feature_map
from softmax_core.objective import MANY, Objective
from softmax_core.threads import SHARE, spread


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.setattr(threads, "THREADS", 2)


def test_results_come_in_the_order_of_the_items():
    def slow(item):
        time.sleep(0.002 * (item % 3))
        return item, get_ident()

    results = spread(slow, range(40))
    assert [item for item, _ in results] == list(range(40))
    assert len({thread for _, thread in results}) == 2
    assert spread(slow, []) == []


def test_few_items_and_one_thread_stay_with_the_caller(monkeypatch):
    assert spread(lambda _: get_ident(), range(2 * SHARE - 1)) == [get_ident()] * (2 * SHARE - 1)
    monkeypatch.setattr(threads, "THREADS", 1)
    assert spread(lambda _: get_ident(), range(40)) == [get_ident()] * 40


@pytest.mark.parametrize("number", [0, 39])
def test_what_goes_wrong_reaches_the_caller(number):
    def fail(item):
        time.sleep(0.001)
        if item == number:
            raise ParameterError("wrong")
        return item

    with pytest.raises(ParameterError, match="wrong"):
        spread(fail, range(40))


def test_an_objective_gives_the_same_bits_on_one_core_and_on_two(monkeypatch):
    rng = np.random.default_rng(0)
    samples = 2 * SHARE * MANY
    features = feature_map("pairs")(rng.random((samples, 8, 8)) < 0.4)
    objective = Objective(features, rng.integers(0, 10, samples), classes=10)
    one, two = rng.normal(scale=0.1, size=(2, 10, 275))
    value, gradient = objective.value_and_gradient(one)
    objective.value(two)  # an objective remembers its last answer
    monkeypatch.setattr(threads, "THREADS", 1)
    again, slope = objective.value_and_gradient(one)
    assert again == value
    assert (slope == gradient).all()


def test_a_forked_process_has_threads_of_its_own():
    program = (
        "import os; from softmax_core.threads import spread; spread(abs, range(40)); "
        "child = hasattr(os, 'fork') and os.fork(); "
        "print(len(spread(abs, range(40)))); child and os.waitpid(child, 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(done.stdout.split()) == {"40"}
