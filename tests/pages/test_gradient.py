"""The Gradient page shows the numbers of the core, for digits, drawings, and every weight."""

import inspect

import numpy as np
import pytest

from pages.ui.gradient.formulas import STEPS, SYMBOLS
from pages.ui.gradient.state import DRAWING, ZERO
from pages.ui.gradient.wrong import PROGRAMS
from pages.ui.text import number
from softmax_core import (
    Objective,
    feature_map,
    gradient,
    grid_from_strokes,
    load_dataset,
    load_model,
    log_likelihood,
    model,
    softmax_jacobian,
)
from tests.pages.app import held, open_page, run, shown

PEN = load_dataset("pen")
PIXELS = feature_map("pixels")
SEVEN = [[(100.0, 80.0), (160.0, 80.0), (220.0, 80.0), (190.0, 140.0), (160.0, 250.0)]]


@pytest.fixture(scope="module")
def page():
    return open_page("gradient")


@pytest.fixture
def at(page):
    """The page with the shipped model's weights, as at a first visit."""
    page.session_state["session"].pages.pop("gradient", None)
    page.session_state["session"].show([])
    run(page)
    held(page, "gradient").choose_start("pixels")
    return run(page)


def sample(at):
    state = held(at, "gradient")
    return load_model("pixels").weights, PIXELS(state.grid), state.derivation.label


def test_the_tables_hold_the_numbers_of_the_core(at):
    weights, features, label = sample(at)
    text = shown(at)
    z = model.scores(weights, features)[0]
    for value in (*z, *model.softmax(z)):
        assert f"<td>{number(float(value))}</td>" in text
    for value in softmax_jacobian(z).ravel():
        assert f"= {number(float(value), 6)}, k" in text
    assert f"= {number(log_likelihood(weights, features, [label]))}" in text


def test_the_followed_weight_is_that_of_the_core(at):
    held(at, "gradient").pick(3, 20)
    weights, features, label = sample(run(at))
    singly = gradient(weights, features, [label])[3, 20]
    in_all = gradient(weights, PIXELS(PEN.train.grids), PEN.train.labels)[3, 20]
    assert f"**{number(float(singly), 4)}**" in shown(at)
    assert f"<td>{number(float(in_all), 4)}</td>" in shown(at)
    assert f"<td>{number(float(in_all), 6)}</td>" in shown(at)


def test_another_label_changes_the_derivative(at):
    state = held(at, "gradient")
    before, place = state.derivation, state.place
    other = (before.label + 1) % 10
    at.button_group(key="gradient-label").set_value(other)
    run(at)
    assert state.derivation.label == other
    weights, features, label = sample(at)
    expected = gradient(weights, features, [label])[state.place]
    assert f"**{number(float(expected), 4)}**" in shown(at)
    assert place[1] == state.place[1]


def test_a_drawing_is_asked_for_and_then_runs_through_the_steps(at):
    state = held(at, "gradient")
    state.choose_source(DRAWING)
    assert "Draw a digit" in run(at).info[0].value
    at.session_state["session"].show(SEVEN)
    run(at)
    np.testing.assert_array_equal(state.grid, grid_from_strokes(SEVEN, "pen"))
    weights, features, label = sample(at)
    assert label == load_model("pixels").predict(state.grid)[0]
    assert f"= {number(log_likelihood(weights, features, [label]))}" in shown(at)


def test_another_digit_is_of_another_class(at):
    before = held(at, "gradient").derivation.label
    at.button[0].click()
    run(at)
    assert held(at, "gradient").derivation.label != before


def test_one_step_moves_the_weights_along_the_gradient(at):
    state = held(at, "gradient")
    state.choose_start(ZERO)
    run(at)
    next(b for b in at.button if b.label == "Take one step").click()
    run(at)
    objective = Objective(PIXELS(PEN.train.grids), PEN.train.labels, classes=10)
    value, slope = objective.value_and_gradient(objective.zeros())
    after = objective.zeros() + objective.safe_rate * slope
    np.testing.assert_allclose(state.weights, after)
    text = shown(at)
    assert f"<td>{number(value, 1)}</td>" in text
    assert f"<td>{number(objective.value(after), 1)}</td>" in text
    assert f"<td>{number(objective.accuracy(after))}</td>" in text
    next(b for b in at.button if b.label == "Back to the start").click()
    run(at)
    assert not state.weights.any()


def test_a_step_that_is_too_large_is_named(at):
    held(at, "gradient").take_step(1000.0)
    assert "L fell" in run(at).warning[0].value


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_bug_is_found_by_one_of_the_two_tests(at, name):
    at.button_group(key="gradient-bug").set_value(name)
    text = shown(run(at))
    in_gradient = name != "consistent"
    assert f"Gradient check: {'failed' if in_gradient else 'passed'}" in text
    assert f"One-hot test: {'passed' if in_gradient else 'failed'}" in text


def test_the_code_is_the_source_that_runs(at):
    assert inspect.getsource(model.gradient) in at.code[0].value
    assert inspect.getsource(model.scores) in at.code[0].value


def test_every_symbol_of_the_steps_is_defined(at):
    text = shown(at)
    for symbol, meaning in SYMBOLS.items():
        assert f"${symbol}$ — {meaning}" in text
    defined = " ".join(SYMBOLS)
    for letter in (r"\varphi", r"\delta", "w_", "s_", "y_", "z_", "L(W)", "x_n"):
        assert letter in defined
        assert any(letter in step.formula + step.words for step in STEPS)
