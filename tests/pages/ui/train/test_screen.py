"""What the browser is sent to draw."""

import json
import math

import numpy as np
import pytest

from pages.ui.figures import palette
from pages.ui.train import screen
from pages.ui.train.figures import SCALE, View
from tests.pages.ui.train.labs import PLAIN, drawn, lab_with, rate, run_to_the_end, unpacked


def test_before_the_start_the_page_shows_zero_weights_the_constant_model_and_chance():
    lab = lab_with(rate(1e-5))
    message = drawn(lab)
    (frame,) = message["frames"]
    assert not unpacked(frame).any()
    assert frame["accuracy"] == "10.4 %"
    assert frame["numbers"][0] == "−17,255.6"
    assert (message["running"], message["last"]) == (False, 0)
    assert screen.album(lab, PLAIN) == {"serial": message["serial"], "frames": []}


def test_a_message_holds_what_is_drawn():
    lab = run_to_the_end(lab_with())
    message = drawn(lab)
    (frame,) = message["frames"]
    assert frame["epoch"] == message["last"] == 6
    training = next(trace for trace in message["figure"]["data"] if trace["name"] == "training")
    assert training["x"] == list(range(7))
    expected = [lab.run.figures_at(epoch).log_likelihood for epoch in range(7)]
    np.testing.assert_allclose(training["y"], expected, atol=1e-4)
    values = unpacked(frame)
    images = lab.run.objective.features.map.weight_images(lab.seen.weights)
    tolerance = frame["reach"] / 32767
    np.testing.assert_allclose(values[:, :64], [i.ravel() for i in images], atol=tolerance)
    np.testing.assert_allclose(values[:, 64], lab.seen.weights[:, 0], atol=tolerance)
    assert frame["accuracy"] == f"{lab.run.figures_at(6).held_out_accuracy:.1%}".replace("%", " %")
    assert "Curves by epoch. At epoch 6" in message["labels"][0]


def test_weights_are_seen_to_grow_on_one_scale_and_a_lesson_may_fix_it():
    lab = lab_with()
    lab.step()
    assert drawn(lab)["frames"][0]["scale"] == SCALE
    lab = lab_with(rate(0.1))
    lab.step()
    largest = np.abs(unpacked(drawn(lab)["frames"][0])[:, :64]).max()
    assert drawn(lab)["frames"][0]["scale"] == pytest.approx(largest, rel=1e-4)
    assert drawn(lab, View(scale=2.0))["frames"][0]["scale"] == 2.0


def test_unseen_writers_are_scaled_to_as_many_samples_above_one_line_and_labelled_so():
    lab = run_to_the_end(lab_with())
    figures = lab.run.figures_at(6)

    def last_values(view):
        data = drawn(lab, view)["figure"]["data"]
        lines = [t["y"][0] for t in data if "constant" in t["hovertemplate"]]
        return {t["name"]: t["y"][-1] for t in data if t["showlegend"]}, lines

    values, lines = last_values(PLAIN)
    assert lines == pytest.approx([-7494 * math.log(10)])
    assert values == pytest.approx(
        {
            "training": figures.log_likelihood,
            "unseen digits, scaled to N = 7,494": figures.held_out_log_likelihood * 7494 / 3498,
        }
    )
    values, lines = last_values(View(per_sample=True))
    assert lines == pytest.approx([-math.log(10)])
    assert values == pytest.approx(
        {
            "training": figures.log_likelihood / 7494,
            "unseen digits": figures.held_out_log_likelihood / 3498,
        },
        abs=1e-5,
    )


def test_logarithmic_epochs_begin_at_1():
    lab = run_to_the_end(lab_with())
    message = drawn(lab, View(logarithmic=True))
    assert message["figure"]["layout"]["xaxis"]["type"] == "log"
    assert all(min(trace["x"]) >= 1 for trace in message["figure"]["data"])
    assert message["first"] == 1


def test_an_album_holds_earlier_epochs_to_be_shown_while_the_slider_is_dragged():
    lab = run_to_the_end(lab_with(rate(1e-5, epochs=200)))
    album = screen.album(lab, PLAIN)
    assert album["serial"] == drawn(lab)["serial"]
    epochs = [frame["epoch"] for frame in album["frames"]]
    assert (epochs[0], epochs[-1], len(epochs)) == (0, 200, screen.ALBUM)
    assert len(json.dumps(album)) < 300_000
    for frame in album["frames"][:: screen.ALBUM // 4]:
        weights = lab.run.state_at(frame["epoch"]).weights
        np.testing.assert_allclose(unpacked(frame)[:, 64], weights[:, 0], atol=1e-4)


def test_a_message_at_rest_waits_for_no_earlier_epoch_to_be_measured():
    lab = lab_with(rate(1e-5, epochs=200))
    for _ in range(20):
        lab.run.advance()
    lab.pause()
    measured = len(lab.run.curve("held_out_accuracy")[0])
    drawn(lab)
    assert len(lab.run.curve("held_out_accuracy")[0]) == measured
    screen.album(lab, PLAIN)
    assert len(lab.run.curve("held_out_accuracy")[0]) > measured


def test_the_figures_taken_away_are_those_of_the_view():
    lab = run_to_the_end(lab_with())
    curves, weights = screen.figures(lab, palette(True), PLAIN)
    assert curves == json.loads(json.dumps(curves))
    heatmap = weights["data"][0]
    top, left = 12 + 2, 2 * 9
    assert heatmap["text"][top][left] == "7, row 1, column 1"
    assert heatmap["z"][top + 9][left] == pytest.approx(lab.seen.weights[7, 0], abs=1e-4)
    assert heatmap["zmax"] == -heatmap["zmin"] == SCALE
