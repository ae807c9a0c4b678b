"""The Train page, driven without a browser: `tick` stands for what the browser asks for."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.train import settings
from pages.ui.train.lessons import LESSONS, lesson_named
from softmax_core.training import DIVERGED, EPOCHS_REACHED
from tests.pages.ui.train.labs import QUICK, drawn, run_to_the_end

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def app():
    test = AppTest.from_file(APP, default_timeout=60).run()
    return test.switch_page("pages/train.py").run()


def lab_of(app):
    return app.session_state["session"].pages["train"]


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def said(app):
    """The sentence above the live view."""
    return "\n".join(markdown.value for markdown in app.markdown)


def labels(app):
    return [button.label for button in app.button]


def places(app):
    """Where every widget of the link stands in the tree of the page."""
    found = {}

    def look(block, path):
        for order, child in block.children.items():
            if hasattr(child, "children"):
                look(child, (*path, order))
            elif getattr(child, "key", None) in IN_THE_LINK:
                found[child.key] = (*path, order)

    look(app.main, ())
    return found


IN_THE_LINK = {*QUICK.controls, "learning_rate", "speed", "per_sample", "log_epochs"}


def test_the_page_waits_at_epoch_0(app):
    assert not app.exception
    assert "Start" in labels(app)
    lab = lab_of(app)
    assert lab.run.epoch == 0
    assert lab.run.figures_at(0).log_likelihood == pytest.approx(-7494 * math.log(10))
    assert not app.selectbox(key="data").disabled
    assert app.button(key="reset").disabled


def test_no_state_moves_a_widget_of_the_link(app):
    """Streamlit unties a widget from the link when its container takes another's place."""
    before = places(app)
    assert before.keys() == IN_THE_LINK
    app.number_input(key="epochs").set_value(3).run()
    for state in (
        "go",
        "end",
        "reset",
        LESSONS[2].name,
        "end",
        "reset",
        "rate",
        "go",
        "end",
        "safely",
    ):
        if state == "rate":
            app.select_slider(key="learning_rate").set_value(0.5).run()
        elif state == "end":
            run_to_the_end(lab_of(app))
            assert not app.run().exception
        else:
            press(app, state)
        assert places(app) == before, state


def test_start_pause_resume_and_reset(app):
    press(app, "go")
    lab = lab_of(app)
    assert lab.running
    assert "Pause" in labels(app)
    lab.tick(lab.serial)
    assert lab.run.epoch > 0
    press(app, "go")
    epoch = lab.run.epoch
    assert not lab.running
    assert "Resume" in labels(app)
    lab.tick(lab.serial)
    assert lab.run.epoch == epoch
    press(app, "go")
    assert lab.running
    press(app, "reset")
    assert (lab.running, lab.run.epoch, len(lab.past)) == (False, 0, 1)
    assert "Start" in labels(app)


def test_step_is_one_epoch(app):
    press(press(app, "step"), "step")
    assert lab_of(app).run.epoch == 2
    assert not lab_of(app).running


def test_in_a_run_what_may_not_change_is_locked_and_says_so(app):
    press(app, "step")
    for widget in ("data", "features", "optimizer"):
        assert app.selectbox(key=widget).disabled
    assert app.select_slider(key="batch").disabled
    assert app.select_slider(key="l2").disabled
    assert app.number_input(key="seed").disabled
    assert any("locked until Reset" in caption.value for caption in app.caption)
    assert not app.select_slider(key="learning_rate").disabled
    assert not app.number_input(key="epochs").disabled
    press(app, "reset")
    assert not app.selectbox(key="data").disabled


def test_a_learning_rate_holds_from_the_next_epoch_on(app):
    press(app, "step")
    app.select_slider(key="learning_rate").set_value(1e-6).run()
    lab = lab_of(app)
    before = lab.run.state.weights
    _, gradient = lab.run.objective.value_and_gradient(before)
    press(app, "step")
    np.testing.assert_allclose(lab.run.state.weights, before + 1e-6 * gradient, rtol=1e-12)
    assert lab.run.epoch == 2


def test_another_optimiser_brings_its_own_parameters(app):
    app.selectbox(key="optimizer").set_value("adam").run()
    assert app.select_slider(key="learning_rate").value == 0.01
    app.selectbox(key="optimizer").set_value("nesterov").run()
    assert app.select_slider(key="learning_rate").value == pytest.approx(2e-5)
    assert app.slider(key="momentum").value == 0.99
    app.selectbox(key="optimizer").set_value("newton").run()
    assert app.select_slider(key="batch").disabled
    assert not app.exception


def test_a_link_restores_the_settings():
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/train.py")
    app.query_params.update(
        {"data": "optdigits", "optimizer": "adam", "learning_rate": "0.05", "epochs": "7"}
    )
    app.run()
    assert not app.exception
    taken = lab_of(app).settings
    assert (taken.data, taken.optimizer, taken.epochs) == ("optdigits", "adam", 7)
    assert dict(taken.parameters) == {"learning_rate": 0.05}


def test_a_link_may_name_what_is_chosen_as_a_program_would():
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/train.py")
    app.query_params.update({"data": "Scanned digits", "optimizer": "L-BFGS"})
    app.run()
    taken = lab_of(app).settings
    assert (taken.data, taken.optimizer) == ("optdigits", "lbfgs")


@pytest.mark.parametrize(
    "query",
    [
        {"epochs": "inf"},
        {"epochs": "nan"},
        {"epochs": "1e999"},
        {"epochs": "-1"},
        {"epochs": "0"},
        {"epochs": "9" * 5000},
        {"epochs": "²"},
        {"epochs": ""},
        {"seed": "inf"},
        {"seed": "-1"},
        {"seed": "10000"},
        {"learning_rate": "nan"},
        {"learning_rate": "inf"},
        {"learning_rate": "1e9"},
        {"optimizer": "nesterov", "momentum": "5"},
        {"optimizer": "nesterov", "momentum": "nan"},
        {"optimizer": "nesterov", "momentum": "inf"},
        {"optimizer": "sgd"},
        {"data": "![](//host/x)"},
        {"features": "x" * 10_000},
        {"batch": "7"},
        {"batch": "inf"},
        {"l2": "inf"},
        {"speed": "light"},
        {"per_sample": "maybe"},
        {"lesson": "<script>"},
        {"lesson": "newton", "epochs": "inf"},
    ],
    ids=lambda query: str(query)[:50],
)
def test_a_link_with_what_no_control_offers_opens_the_page_all_the_same(query):
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/train.py")
    app.query_params.update(query)
    app.run()
    assert not app.exception
    assert not app.error
    checked = json.loads(json.dumps(vars(lab_of(app).settings)))
    assert settings.checked(checked)
    press(app, "step")
    app.run()
    assert not app.exception
    assert lab_of(app).run.epoch == 1


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"lesson": "nosuch"}, "the lesson “nosuch”"),
        ({"data": "nosuch"}, "the data set “nosuch”"),
        ({"optimizer": "x", "seed": "-1"}, "the optimiser “x”, the seed “-1”"),
        ({"l2": "7", "lesson": "x"}, "the lesson “x”, the λ “7”"),
    ],
)
def test_what_a_link_names_in_vain_is_said_until_a_run_begins(query, named):
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/train.py")
    app.query_params.update({"features": "pairs", **query})
    app.run()
    assert f"The link names what is not here: {named}." in said(app)
    assert lab_of(app).settings.features == "pairs"
    press(app, "step")
    app.run()
    assert "The link names" not in said(app)


def test_a_link_to_a_lesson_waits_with_it_for_start():
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/train.py")
    app.query_params["lesson"] = "mini-batch"
    app.run()
    lab, lesson = lab_of(app), lesson_named("mini-batch")
    assert not app.exception
    assert (lab.running, lab.course.lesson, lab.settings) == (False, lesson, lesson.runs[0])
    assert lesson.watch in said(app)
    press(app, "go")
    assert lab.running
    press(app, "reset")
    app.run()
    assert lab.course is None


def test_rewind_shows_an_earlier_epoch_and_resume_goes_on_from_it(app):
    for _ in range(5):
        press(app, "step")
    lab = lab_of(app)
    weights = lab.run.state_at(2).weights
    lab.look(2)  # as the slider of the live view asks for it
    app.run()
    assert not app.exception
    assert lab.shown == 2
    np.testing.assert_array_equal(lab.seen.weights, weights)
    press(app, "step")
    assert lab.run.epoch == 3
    assert [past.figures.epoch for past in lab.past] == [5]
    assert app.button(key="past-0").label == "the same settings, 5 epochs"
    press(app, "past-0")
    assert lab.past == []


def test_the_speed_is_a_number_of_epochs_a_drawing(app):
    app.segmented_control(key="speed").set_value("1 epoch/s").run()
    lab = lab_of(app)
    press(app, "go")
    for epoch in (1, 2):
        lab.tick(lab.serial)
        assert lab.run.epoch == epoch
    assert drawn(lab)["pace"] == 1000
    app.segmented_control(key="speed").set_value("30/s").run()
    lab.tick(lab.serial)
    assert [state.epoch for state in lab.passed] == list(range(3, 3 + len(lab.passed)))
    app.segmented_control(key="speed").set_value("as fast as it goes").run()
    assert lab.speed.epochs == math.inf


def test_leaving_the_page_pauses_and_the_run_is_there_on_return(app):
    press(app, "go")
    lab = lab_of(app)
    lab.tick(lab.serial)
    epoch = lab.run.epoch
    app.switch_page("pages/draw.py").run()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert lab_of(app) is lab
    assert (lab.running, lab.run.epoch) == (False, epoch)
    assert "Resume" in labels(app)


def test_two_sessions_have_two_runs(app):
    other = AppTest.from_file(APP, default_timeout=60).run()
    other.switch_page("pages/train.py").run()
    press(app, "step")
    assert lab_of(app).run.epoch == 1
    assert lab_of(other).run.epoch == 0


def test_a_rate_too_high_is_stopped_with_one_that_works(app):
    app.select_slider(key="learning_rate").set_value(0.5).run()
    lab = lab_of(app)
    press(app, "go")
    while lab.running:
        lab.tick(lab.serial)
        drawn(lab)
    app.run()
    assert lab.run.stop.reason == DIVERGED
    assert "try 2" in said(app)
    press(app, "safely")
    assert lab.running
    assert lab.settings.parameters == (("learning_rate", 2e-5),)
    assert app.select_slider(key="learning_rate").value == 2e-5


def test_the_end_is_said_and_more_epochs_go_on(app):
    app.number_input(key="epochs").set_value(2).run()
    press(press(app, "step"), "step")
    assert lab_of(app).run.stop.reason == EPOCHS_REACHED
    assert "Epochs reached" in said(app)
    assert app.button(key="go").disabled
    app.number_input(key="epochs").set_value(3).run()
    assert not app.button(key="go").disabled


def test_the_trained_model_goes_to_the_draw_page(app):
    press(press(app, "step"), "use")
    session = app.session_state["session"]
    assert session.model_name == "trained here, epoch 1"
    np.testing.assert_array_equal(session.model.weights, lab_of(app).seen.weights)
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    assert session.model_name == "trained here, epoch 1"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_every_lesson_can_be_begun_and_says_what_to_watch(app, lesson):
    press(app, lesson.name)
    lab = lab_of(app)
    assert lab.running
    assert lab.settings == lesson.runs[0]
    assert lesson.watch in said(app)
    assert app.selectbox(key="optimizer").value == lesson.runs[0].optimizer
    assert app.number_input(key="epochs").value == lesson.runs[0].epochs
