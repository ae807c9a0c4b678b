"""Charts and pictures show the numbers of the core, and charts tell them in words as well."""

import numpy as np
import pytest

from pages.ui.evaluate.figures import accuracies_bars
from pages.ui.figures import LIGHT, describe, palette
from pages.ui.gradient.figures import lines
from pages.ui.session import DEFAULT_MODEL
from pages.ui.text import percent
from softmax_core import feature_map, gradient, load_dataset, load_model
from softmax_core.derivation import difference_errors
from softmax_core.evaluation import evaluate
from softmax_core.metrics import Accuracy
from softmax_core.objective import Objective
from tests.pages.app import control, held, open_page, run, sent


@pytest.fixture(scope="module")
def gradient_page():
    return open_page("gradient")


@pytest.fixture(scope="module")
def evaluate_page():
    return open_page("evaluate")


def test_a_curve_is_told_by_its_ends_and_extremes():
    curves = {"up": ([0, 1, 2], [1.0, 5.0, 2.0]), "flat": ([0, 1], [3.0, 3.0])}
    figure = lines(curves, LIGHT, x="step", y="L")
    assert describe(figure) == "L against step. up: 1 at 0, 5 at 1, 2 at 2. flat: 3 at 0, 3 at 1."


def test_bars_are_told_one_by_one():
    figure = accuracies_bars(
        {"a": Accuracy(9, 10, 0.6, 1.0), "b": Accuracy(1, 2, 0.1, 0.9)}, palette(True)
    )
    assert describe(figure) == f"a: {percent(0.9)}, b: {percent(0.5)}."


def test_a_trace_that_only_guides_the_eye_is_not_told():
    figure = lines({"guide": ([0, 1], [0, 1])}, LIGHT, x="x", y="y")
    figure["data"][0]["hoverinfo"] = "skip"
    assert describe(figure) == "y against x."


def test_the_pictures_of_the_gradient_have_its_numbers(gradient_page):
    page, train = held(gradient_page, "gradient"), load_dataset("pen").train
    slope = gradient(page.weights, feature_map("pixels")(train.grids), train.labels)
    groups = sent(gradient_page, "gradient-total")["groups"]
    assert [group["name"] for group in groups] == list(load_dataset("pen").classes)
    scale = np.abs(slope).max()
    for group, row in zip(groups, slope, strict=True):
        assert group["shares"] == pytest.approx(100 * row / scale, abs=0.5 + 1e-9)


def test_the_chart_of_differences_has_the_numbers_of_the_core(gradient_page):
    page, train = held(gradient_page, "gradient"), load_dataset("pen").train
    objective = Objective(feature_map("pixels")(train.grids), train.labels, classes=10)
    _, slope = objective.value_and_gradient(page.weights)
    place = page.place
    errors = difference_errors(objective.value, float(slope[place]), page.weights, place)
    control(gradient_page, "button_group", "gradient-way").set_value("Check without calculus")
    chart = sent(run(gradient_page), "gradient-differences")
    central, forward = chart["figure"]["data"]
    assert central["x"] == pytest.approx(errors.steps)
    assert central["y"] == pytest.approx(errors.central, rel=1e-6)
    assert forward["y"] == pytest.approx(errors.forward, rel=1e-6)
    assert "one-sided: " in chart["text"]


def test_the_bars_of_the_classes_have_the_numbers_of_the_core(evaluate_page):
    test = load_dataset("pen").test
    found = evaluate(load_model(DEFAULT_MODEL), test.grids, test.labels).by_class()
    chart = sent(evaluate_page, "evaluate-classes")
    (bar,) = chart["figure"]["data"]
    assert bar["x"] == pytest.approx([found[k].value for k in range(10)])
    ends = np.array([found[k].high - found[k].value for k in range(10)])
    assert bar["error_x"]["array"] == pytest.approx(ends)
    assert f"7: {percent(found[7].value)}" in chart["text"]
