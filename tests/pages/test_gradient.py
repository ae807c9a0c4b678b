"""The Gradient page shows the numbers of the core, for digits, drawings, and every weight."""

import inspect

import numpy as np
import pytest

from pages.ui.gradient.formulas import STEPS, SYMBOLS
from pages.ui.gradient.state import DIGIT, DRAWING, ZERO
from pages.ui.gradient.terms import COLOURS, coloured
from pages.ui.gradient.wrong import PROGRAMS
from pages.ui.shell import ASSETS
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
from tests.pages.app import control, held, open_page, run, sent, shown

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
    page.query_params.clear()
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
        assert f">{number(float(value))}<" in text
    for value in softmax_jacobian(z).ravel():
        assert f"= {number(float(value), 6)}, l" in text
    assert f"= {number(log_likelihood(weights, features, [label]))}\n" in text


def test_the_followed_weight_is_that_of_the_core(at):
    held(at, "gradient").pick(3, 20)
    weights, features, label = sample(run(at))
    singly = gradient(weights, features, [label])[3, 20]
    in_all = gradient(weights, PIXELS(PEN.train.grids), PEN.train.labels)[3, 20]
    assert f"= <b>{number(float(singly), 4)}</b>" in sent(at, "steps")["what"]
    assert f"<td>{number(float(in_all), 4)}</td>" in shown(at)
    control(at, "button_group", "gradient-way").set_value("Check without calculus")
    assert f"<td>{number(float(in_all), 6)}</td>" in shown(run(at))


def test_another_label_changes_the_derivative(at):
    state = held(at, "gradient")
    before, place = state.derivation, state.place
    other = (before.label + 1) % 10
    control(at, "selectbox", "gradient-label").set_value(other)
    run(at)
    assert state.derivation.label == other
    weights, features, label = sample(at)
    expected = gradient(weights, features, [label])[state.place]
    assert f"= <b>{number(float(expected), 4)}</b>" in sent(at, "steps")["what"]
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
    control(at, "button_group", "gradient-way").set_value("The bug, on purpose")
    run(at)
    control(at, "button_group", "gradient-bug").set_value(name)
    text = shown(run(at))
    in_gradient = name != "consistent"
    assert f"Gradient check: {'failed' if in_gradient else 'passed'}" in text
    assert f"One-hot test: {'passed' if in_gradient else 'failed'}" in text


def test_the_code_is_the_source_that_runs(at):
    control(at, "button_group", "gradient-way").set_value("The answer as code")
    run(at)
    assert inspect.getsource(model.gradient) in at.code[0].value
    assert inspect.getsource(model.scores) in at.code[0].value


def test_every_symbol_of_the_steps_is_defined(at):
    text = shown(at)
    for symbol, meaning in SYMBOLS.items():
        assert coloured(f"${symbol}$ — {meaning}") in text
    defined = " ".join(SYMBOLS)
    for letter in (r"\varphi", r"\delta", "w_", "P(y_k", "y_", "a_", "L(W)", "x_n"):
        assert letter in defined
        assert any(letter in step.formula + step.words for step in STEPS)


def test_a_term_has_the_same_colour_in_formulas_and_in_the_style_sheet():
    css = (ASSETS / "style.css").read_text()
    for name, variable in {"y": "seen", "P": "expected", "f": "phi"}.items():
        colour = COLOURS[name]
        assert f"--{variable}: light-dark({colour}, " in css
        red, green, blue = bytes.fromhex(colour[1:])
        assert f'.katex [style*="rgb({red}, {green}, {blue})"] {{ color: var(--{variable})' in css
        assert coloured(f"@{name}{{P_{{k}}}}") == rf"\textcolor{{{colour}}}{{P_{{k}}}}"
    for step in STEPS:
        assert "@" not in coloured(step.formula + step.words)


def test_both_cases_of_the_quotient_rule_come_with_their_numbers(at):
    for k, i in ((5, 20), (3, 20)):
        held(at, "gradient").pick(k, i)
        weights, features, label = sample(run(at))
        a = model.scores(weights, features)[0]
        jacobian = softmax_jacobian(a)
        other = label if label != k else int(np.argsort(model.softmax(a))[-2])
        assert f" = {number(float(jacobian[k, k]))}" in shown(at)
        assert f" = {number(float(jacobian[other, k]))}" in shown(at)


def test_the_page_opens_with_the_visitors_drawing_where_there_is_one(at):
    state = held(at, "gradient")
    assert state.source == DIGIT
    at.session_state["session"].show(SEVEN)
    run(at)
    assert state.source == DRAWING
    np.testing.assert_array_equal(state.grid, grid_from_strokes(SEVEN, "pen"))
    state.choose_source(DIGIT)
    run(at)
    assert state.source == DIGIT


def test_a_link_names_the_weights_and_the_weight(at):
    state = held(at, "gradient")
    state.follow({"weights": "zero", "class": "5", "row": "4", "column": "5"})
    assert (state.start, state.entry) == (ZERO, (5, 29))
    assert state.place == (5, 29)
