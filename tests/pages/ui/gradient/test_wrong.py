"""The deliberately wrong programs: each is caught, and the core can't be one of them."""

import numpy as np
import pytest

from pages.ui.gradient.wrong import FULL, INK, PROGRAMS, RIGHT
from softmax_core import (
    Objective,
    check_gradient,
    feature_map,
    gradient,
    load_dataset,
    log_likelihood,
    one_hot_check,
)
from softmax_core.errors import FeatureError

PIXELS = feature_map("pixels")
SPLIT = load_dataset("optdigits").train
COUNTS, LABELS = SPLIT.counts[:60], SPLIT.labels[:60]
GRIDS = COUNTS >= INK
WEIGHTS = np.random.default_rng(0).normal(size=(10, 65)) / 5


def checks(program):
    task = program.on(COUNTS, LABELS)
    return (
        check_gradient(task.log_likelihood, task.gradient, WEIGHTS),
        one_hot_check(lambda grids: program.scores(WEIGHTS, grids), WEIGHTS, PIXELS),
    )


def test_the_right_program_is_the_core_and_passes_both_tests():
    task, features = RIGHT.on(COUNTS, LABELS), PIXELS(GRIDS)
    assert task.log_likelihood(WEIGHTS) == pytest.approx(log_likelihood(WEIGHTS, features, LABELS))
    np.testing.assert_allclose(
        task.gradient(WEIGHTS), gradient(WEIGHTS, features, LABELS), atol=1e-12
    )
    assert task.accuracy(WEIGHTS) == Objective(features, LABELS, classes=10).accuracy(WEIGHTS)
    assert all(report.passed for report in checks(RIGHT))


@pytest.mark.parametrize("name", ["shifted", "counts", "transposed"])
def test_the_gradient_check_finds_a_gradient_of_other_features(name):
    of_gradient, one_hot = checks(PROGRAMS[name])
    assert not of_gradient.passed
    assert one_hot.passed


def test_the_one_hot_test_finds_a_transposed_picture_that_the_gradient_check_cannot_see():
    of_gradient, one_hot = checks(PROGRAMS["consistent"])
    assert of_gradient.passed
    assert not one_hot.passed
    assert (0, 0) not in one_hot.wrong
    assert (0, 1) in one_hot.wrong


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_wrong_run_is_left_behind(name):
    right, wrong = (p.on(COUNTS, LABELS).ascend(60) for p in (RIGHT, PROGRAMS[name]))
    assert wrong.accuracy[-1] < right.accuracy[-1]
    assert right.log_likelihood[-1] > right.log_likelihood[0]


def test_the_core_accepts_none_of_what_the_wrong_programs_read():
    with pytest.raises(FeatureError):
        gradient(WEIGHTS, PROGRAMS["counts"].gradient_reads(FULL * GRIDS), LABELS)
