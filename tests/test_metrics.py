"""Accuracy, confusion and calibration by hand and by other libraries."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from softmax_core.errors import LabelError, ParameterError
from softmax_core.metrics import accuracy, calibration, confusion


@pytest.mark.parametrize(("correct", "total"), [(0, 5), (5, 5), (93, 100), (1, 1)])
def test_the_interval_is_that_of_wilson(correct, total):
    labels = np.zeros(total, int)
    result = accuracy((np.arange(total) >= correct).astype(int), labels)
    expected = binomtest(correct, total).proportion_ci(method="wilson")
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), abs=1e-7)
    assert result.value == correct / total


def test_confusion_has_the_truth_in_rows():
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 5, (2, 200))
    assert confusion([1], [0], 2).tolist() == [[0, 1], [0, 0]]
    assert (confusion(predicted, labels, 5) == confusion_matrix(labels, predicted)).all()


def test_calibration_by_hand():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.55, 0.45], [1.0, 0.0]])
    result = calibration(p, [0, 1, 0, 0], bins=4)
    assert result.counts.tolist() == [0, 0, 1, 3]
    assert result.confidence[2:] == pytest.approx([0.55, 0.9])
    assert result.accuracy[2:] == pytest.approx([1, 2 / 3])
    assert np.isnan(result.confidence[:2]).all()
    assert result.error == pytest.approx(0.25 * 0.45 + 0.75 * (0.9 - 2 / 3))
    assert result.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_labels_drawn_from_the_probabilities_are_calibrated():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 20_000)
    labels = (rng.random((len(p), 1)) > p.cumsum(axis=1)).sum(axis=1)
    assert calibration(p, labels).error < 0.02


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: accuracy([0, 1], [0]), LabelError, "1 labels do not fit 2"),
        (lambda: accuracy([], []), LabelError, "N ≥ 1"),
        (lambda: accuracy([0.0], [0]), LabelError, "integer"),
        (lambda: confusion([3], [0], 3), LabelError, r"0\.\.2, got 3\.\.3"),
        (lambda: calibration([[0.5, 0.6]], [0]), ParameterError, "sum to 1"),
        (lambda: calibration([[0.5, 0.5]], [2]), LabelError, r"0\.\.1"),
        (lambda: calibration([[0.5, 0.5]], [0], bins=0), ParameterError, "bins"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_interval_stays_between_0_and_1():
    for total in range(1, 200):
        for correct in (0, total):
            labels = np.ones(total, int)
            result = accuracy(np.full(total, correct // total), labels)
            assert 0 <= result.low <= result.high <= 1


def test_confusion_has_a_place_for_classes_that_do_not_occur():
    found = confusion([0, 1], [0, 0], 5)
    assert found.shape == (5, 5)
    assert found.sum() == 2
    with pytest.raises(LabelError, match=r"0\.\.4, got 0\.\.5"):
        confusion([0, 1], [0, 5], 5)


def test_calibration_of_confident_and_of_doubtful_predictions(recwarn):
    sure = calibration([[0.0, 1.0]] * 4, [1, 1, 1, 0])
    assert len(sure.counts) == 10
    assert sure.counts[-1] == 4
    assert sure.error == 0.25
    doubtful = calibration(np.float32([[0.5, 0.5], [0.5001, 0.49985]]), [0, 0], bins=3)
    assert doubtful.counts.tolist() == [0, 2, 0]
    assert len(doubtful.confidence) == len(doubtful.accuracy) == 3
    assert doubtful.confidence.dtype == np.float64
    assert calibration([[0.25, 0.75]], [1], bins=1).counts.tolist() == [1]
    assert not recwarn.list  # of empty bins


@pytest.mark.parametrize("rows", [[[1.5, -0.5]], [[1.0, 0.0], [1.1, -0.1]]])
def test_probabilities_below_zero_are_refused(rows):
    with pytest.raises(ParameterError, match="≥ 0"):
        calibration(rows, [0] * len(rows))
