"""What a browser sends before it has heard of a newer value takes no value back.

With every message go the values of all controls, as the browser has them.
"""

import json

import pytest

from pages.ui.session import DEFAULT_MODEL
from pages.ui.train.lessons import lesson_named
from tests.attacks.visitor import Visitor
from tests.browser.harness import serving
from tests.pages.app import control, held, open_page, run


class Late:
    """A browser that sends two messages before it hears an answer to the first."""

    def __init__(self, at):
        self.at, self.buttons = at, list(at.button)
        for kind in ("selectbox", "slider", "select_slider", "number_input", "button_group"):
            for each in getattr(at, kind):
                each.set_value(each.value)  # as it is shown now

    def press(self, label):
        (button,) = [button for button in self.buttons if button.label == label]
        button.click().run()
        button._value = False
        assert [e.value for e in self.at.exception] == []


@pytest.fixture
def weights():
    at = open_page("weights")
    held(at, "weights").change(0.25)
    return run(at)


def test_the_choice_of_a_model_that_was_kept_stays(weights):
    late = Late(weights)
    late.press("Keep as a model")
    late.press("Undo")
    assert held(weights, "weights").name == f"{DEFAULT_MODEL} changed"
    run(weights)
    assert control(weights, "selectbox", "weights-model").value == f"{DEFAULT_MODEL} changed"


def test_a_weight_that_was_undone_stays_as_it_was(weights):
    page = held(weights, "weights")
    before = page.base.weights[page.entry]
    late = Late(weights)
    late.press("Undo")
    late.press("Reset")
    assert page.value == before
    assert not page.changed
    run(weights)
    slider = control(weights, "slider", "weights-value")
    assert slider.value == pytest.approx(before, abs=0.01)


def test_another_pixel_does_not_take_the_weight_of_the_one_before(weights):
    page, late = held(weights, "weights"), Late(weights)
    page.pick(3, 30)
    run(weights)
    late.press("Undo")
    assert not page.changed


def test_a_label_that_followed_the_sample_stays():
    at = open_page("gradient")
    page, late = held(at, "gradient"), Late(at)
    for _ in range(2):
        late.press("Another digit")
        assert page.label is None


def test_a_lesson_keeps_its_settings():
    at = open_page("train")
    lab, late = held(at, "train"), Late(at)
    lesson = lesson_named("penalty")
    late.press(lesson.title)
    late.press("Step")
    assert lab.course.lesson is lesson
    assert lab.settings == lesson.runs[0]
    run(at)
    assert control(at, "number_input", "epochs").value == lesson.runs[0].epochs


def test_what_a_visitor_chooses_keeps_its_control(weights):
    """The keyboard's focus stays where it is."""
    slider = control(weights, "slider", "weights-value")
    key = slider.key
    for value in (0.5, -0.25):
        slider.set_value(value)
        run(weights)
        slider = control(weights, "slider", "weights-value")
        assert slider.key == key
        assert slider.value == pytest.approx(value, abs=0.01)


def test_a_press_is_shown_that_comes_with_a_control_that_has_gone():
    """The server has ended a run, and the browser, which has not, sends the former slider too."""
    with serving() as address, Visitor(address, "weights") as visitor:
        visitor.open()
        visitor.open()  # nothing waits to be handed over
        slider = visitor.id_of("weights-value")
        visitor.event("weights-all", "place", [8, 0])
        visitor.values[slider] = "double_array_value", [0.5]
        visitor.event("weights-one", "place", [0, 36])
        shown = json.loads(visitor.elements["weights-one"][1].json)
        assert shown["selected"] == [0, 36]
        assert visitor.errors == []
