"""What the browser is sent to draw."""

import math

import numpy as np
import pytest

from pages.ui.figures import palette
from pages.ui.train import screen
from tests.pages.ui.train.labs import drawn, lab_with, run_to_the_end


def test_a_message_holds_what_is_drawn():
    lab = lab_with()
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
    assert weights["data"][0]["text"][top][left] == "7, row 1, column 1"
    assert "Curves by epoch. At epoch 6" in message["labels"][0]


def test_the_constant_model_is_a_line_for_each_set_of_samples():
    lab = lab_with()
    figure, _ = screen.figures(lab, palette(True))
    lines = [t["y"][0] for t in figure["data"] if "constant" in t["hovertemplate"]]
    assert sorted(lines) == pytest.approx([-7494 * math.log(10), -3498 * math.log(10)])
    figure, _ = screen.figures(lab, palette(True), per_sample=True)
    lines = [t["y"][0] for t in figure["data"] if "constant" in t["hovertemplate"]]
    assert lines == pytest.approx([-math.log(10)])


def test_logarithmic_epochs_begin_at_1():
    lab = lab_with()
    run_to_the_end(lab)
    figure, _ = screen.figures(lab, palette(False), logarithmic=True)
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert all(min(trace["x"]) >= 1 for trace in figure["data"])
