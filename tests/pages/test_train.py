"""The Train page, driven without a browser: `tick` stands for what the browser asks for."""

import csv
import io
import json
import math
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.figures import palette
from pages.ui.train import figures as figures_train
from pages.ui.train.files import figures_file, read_run, weights_file
from pages.ui.train.lab import PAST, Lab
from pages.ui.train.lessons import LESSONS
from pages.ui.train.settings import SPEEDS, Settings, choices, run_names, safe_parameters
from softmax_core import OPTIMIZERS, load_model
from softmax_core.errors import FileError
from softmax_core.training import DIVERGED, EPOCHS_REACHED

APP = Path(__file__).parents[2] / "app.py"
QUICK = Settings(epochs=6)


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


def labels(app):
    return [button.label for button in app.button]


def run_to_the_end(lab):
    while lab.running:
        lab.tick(lab.serial)
    return lab


def lab_with(settings=QUICK):
    lab = Lab()
    lab.prepare(settings)
    return lab


def drawn(lab):
    """The message as the browser gets it: JSON without NaN."""
    return json.loads(json.dumps(lab.message(palette(False)), allow_nan=False))


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
    for state in ("go", "end", "reset", LESSONS[2].title, "end", "safely"):
        if state == "end":
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
    assert app.select_slider(key="learning_rate").value == pytest.approx(1e-5)
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
    settings = lab_of(app).settings
    assert (settings.data, settings.optimizer, settings.epochs) == ("optdigits", "adam", 7)
    assert dict(settings.parameters) == {"learning_rate": 0.05}


def test_rewind_shows_an_earlier_epoch_and_resume_goes_on_from_it(app):
    for _ in range(5):
        press(app, "step")
    lab = lab_of(app)
    weights = lab.run.state_at(2).weights
    app.slider(key="rewind").set_value(2).run()
    assert not app.exception
    assert lab.shown == 2
    np.testing.assert_array_equal(lab.seen.weights, weights)
    press(app, "step")
    assert lab.run.epoch == 3
    assert [past.epoch for past in lab.past] == [5]
    assert app.button(key="past-0").label == "the same settings, 5 epochs"
    press(app, "past-0")
    assert lab.past == []


def test_the_speed_is_a_number_of_epochs_a_drawing(app):
    app.select_slider(key="speed").set_value("1 epoch/s").run()
    lab = lab_of(app)
    press(app, "go")
    for epoch in (1, 2):
        lab.tick(lab.serial)
        assert lab.run.epoch == epoch
    assert drawn(lab)["pace"] == 1000
    app.select_slider(key="speed").set_value("100/s").run()
    lab.tick(lab.serial)
    epochs = [2, *(frame["epoch"] for frame in lab.frames)]
    assert all(1 <= b - a <= 4 for a, b in pairwise(epochs))


@pytest.mark.parametrize("speed", SPEEDS.values())
def test_no_message_holds_more_than_pause_may_wait_for(speed):
    assert speed.frames >= 1
    assert speed.frames == 1 or speed.frames * speed.pace <= 200


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
    assert "try 2" in app.error[0].value
    press(app, "safely")
    assert lab.running
    assert lab.settings.parameters == (("learning_rate", 1e-5),)
    assert app.select_slider(key="learning_rate").value == 1e-5


def test_the_end_is_said_and_more_epochs_go_on(app):
    app.number_input(key="epochs").set_value(2).run()
    press(press(app, "step"), "step")
    assert lab_of(app).run.stop.reason == EPOCHS_REACHED
    assert "Epochs reached" in app.success[0].value
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
    assert app.radio(key="model").value == "trained here, epoch 1"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_every_lesson_can_be_begun_and_says_what_to_watch(app, lesson):
    press(app, lesson.title)
    lab = lab_of(app)
    assert lab.running
    assert lab.settings == lesson.runs[0]
    assert lesson.watch in app.info[0].value
    assert app.selectbox(key="optimizer").value == lesson.runs[0].optimizer
    assert app.number_input(key="epochs").value == lesson.runs[0].epochs


def test_a_lesson_of_two_runs_draws_both():
    lesson = next(lesson for lesson in LESSONS if lesson.title == "One epoch of Newton")
    lab = Lab()
    lab.teach(lesson)
    run_to_the_end(lab)
    assert lab.settings.optimizer == "newton"
    assert [past.epoch for past in lab.past] == [100]
    newton, ascent = lab.run.figures_at(1), lab.past[0].curves.figures["log_likelihood"][1][-1]
    assert newton.log_likelihood > ascent
    names = [trace["name"] for trace in drawn(lab)["figures"][0]["data"]]
    assert {"Newton", "Gradient ascent, η 1e-05", "held out"} <= set(names)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_runs(name):
    parameters = tuple(safe_parameters("pen", "pixels", name).items())
    lab = lab_with(Settings(optimizer=name, epochs=2, parameters=parameters))
    lab.start()
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


def test_a_message_holds_what_is_drawn():
    lab = lab_with()
    lab.start()
    run_to_the_end(lab)
    message = drawn(lab)
    curves, weights = message["figures"]
    frame = message["frames"][-1]
    assert frame["epoch"] == message["goal"] == 6
    training = next(trace for trace in curves["data"] if trace["name"] == "training")
    assert training["x"] == list(range(7))
    expected = [lab.run.figures_at(epoch).log_likelihood for epoch in range(7)]
    np.testing.assert_allclose(training["y"], expected, atol=1e-4)
    heatmap = frame["data"][1][0]
    image = lab.run.objective.features.map.weight_images(lab.seen.weights)[7]
    top, left = 12 + 2, 2 * 9
    shown = np.array([row[left : left + 8] for row in heatmap["z"][top : top + 8]])
    np.testing.assert_allclose(shown, image, atol=1e-4)
    assert heatmap["z"][top + 9][left] == pytest.approx(lab.seen.weights[7, 0], abs=1e-4)
    assert heatmap["zmax"] == -heatmap["zmin"] > 0
    assert weights["data"][0]["text"][top][left] == "7, row 0, column 0"
    assert "Curves by epoch. At epoch 6" in message["labels"][0]


def test_the_constant_model_is_a_line_for_each_set_of_samples():
    lab = lab_with()
    figure, _ = lab.figures(palette(True))
    lines = [t["y"][0] for t in figure["data"] if "constant" in t["hovertemplate"]]
    assert sorted(lines) == pytest.approx([-7494 * math.log(10), -3498 * math.log(10)])
    figure, _ = lab.figures(palette(True), per_sample=True)
    lines = [t["y"][0] for t in figure["data"] if "constant" in t["hovertemplate"]]
    assert lines == pytest.approx([-math.log(10)])


def test_logarithmic_epochs_begin_at_1():
    lab = lab_with()
    lab.start()
    run_to_the_end(lab)
    figure, _ = lab.figures(palette(False), logarithmic=True)
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert all(min(trace["x"]) >= 1 for trace in figure["data"])


def test_a_figure_of_many_epochs_stays_small():
    epochs = np.arange(300)
    curve = (epochs, -np.linspace(17_000, 100, 300))
    names = ("log_likelihood", "held_out_log_likelihood", "accuracy", "held_out_accuracy")
    run = figures_train.Curves("", dict.fromkeys(names, curve), {"training": 9, "held out": 8})
    figure = figures_train.curves([run], 10, palette(False), marked=12)
    assert figure["layout"]["xaxis"]["range"] == [0, 500]
    assert figure["layout"]["shapes"][0]["x0"] == 12


def test_runs_are_named_by_what_differs():
    a = Settings(optimizer="adam", parameters=(("learning_rate", 0.01),))
    b = replace(a, parameters=(("learning_rate", 0.1),), batch=64)
    assert run_names([a, b]) == ["η 0.01, batch all", "η 0.1, batch 64"]
    assert run_names([a, Settings(optimizer="newton")]) == ["Adam, η 0.01", "Newton"]
    assert run_names([a, a]) == ["the same settings"] * 2


def test_only_so_many_runs_stay():
    lab = lab_with(replace(QUICK, epochs=1))
    for _ in range(PAST + 2):
        lab.step()
        lab.reset()
    assert len(lab.past) == PAST


def test_rates_to_choose_from():
    rate = OPTIMIZERS["adam"].parameters[0]
    assert choices(rate)[:4] == [1e-9, 2e-9, 5e-9, 1e-8]
    assert choices(rate)[-1] == rate.high


def test_the_weights_are_a_model_file():
    lab = lab_with()
    lab.step()
    back = load_model(io.BytesIO(weights_file(lab.model())))
    np.testing.assert_array_equal(back.weights, lab.seen.weights)
    assert (back.features.name, back.preparation) == ("pixels", "pen")


def test_the_history_has_a_row_for_every_epoch():
    lab = lab_with()
    lab.start()
    rows = list(csv.DictReader(io.StringIO(run_to_the_end(lab).history())))
    assert [int(row["epoch"]) for row in rows] == list(range(7))
    assert float(rows[6]["log_likelihood"]) == lab.run.figures_at(6).log_likelihood


def test_the_figures_are_a_page_that_needs_nothing_else():
    page = figures_file(lab_with().figures(palette(False)))
    assert page.startswith("<!doctype html>")
    assert page.count("Plotly.newPlot") >= 2
    assert 'src="http' not in page


def test_a_saved_run_is_taken_up_bit_by_bit():
    adam = Settings(
        optimizer="adam", batch=512, seed=3, epochs=50, parameters=(("learning_rate", 0.01),)
    )
    lab, other = lab_with(adam), Lab()
    for _ in range(4):
        lab.step()
    other.load(io.BytesIO(lab.save()))
    assert (other.settings, other.shown, other.fresh) == (adam, 4, True)
    lab.step()
    other.step()
    np.testing.assert_array_equal(other.seen.weights, lab.seen.weights)
    assert other.run.figures_at(5) == lab.run.figures_at(5)


def test_files_that_are_no_runs_are_refused():
    lab = lab_with()
    lab.step()
    for wrong in (b"", b"PK nothing", weights_file(lab.model())):
        with pytest.raises(FileError):
            read_run(io.BytesIO(wrong))
    with np.load(io.BytesIO(lab.save())) as file:
        arrays = dict(file)
    for change in ({"data": "faces"}, {"optimizer": "newton"}, {"batch": 7}, {"size": 1}):
        about = json.loads(str(arrays["about"])) | change
        file = io.BytesIO()
        np.savez(file, **{**arrays, "about": np.array(json.dumps(about))})
        file.seek(0)
        with pytest.raises(FileError):
            read_run(file)


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
