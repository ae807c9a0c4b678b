"""The figures, from data alone."""

import numpy as np
import pytest

from pages.ui.figures import palette
from pages.ui.train import figures
from pages.ui.train.figures import SERIES, Curves, View

EPOCHS = np.arange(301)
VALUES = -np.linspace(17_000, 100, 301)


def curves(*samples, view):
    runs = [
        Curves(f"run {n}", dict.fromkeys(SERIES, (EPOCHS, VALUES)), {"training": n, "held out": 8})
        for n in samples
    ]
    return figures.curves(runs, 10, palette(False), view, figures.last_epoch(runs, view))


def test_the_axis_of_epochs_ends_at_a_round_number_or_where_a_lesson_says():
    assert curves(9, view=View())["layout"]["xaxis"]["range"] == [0, 500]
    assert curves(9, view=View(epochs=320))["layout"]["xaxis"]["range"] == [0, 320]
    assert figures.last_epoch([Curves("", {"accuracy": ([3], [0])}, {})], View(), 100) == 100


def test_runs_on_other_numbers_of_samples_are_scaled_too():
    drawn = curves(10, 5, view=View())["data"]
    first = {t["hovertemplate"].split("<br>")[0]: t["y"][0] for t in drawn if t.get("yaxis") == "y"}
    assert first == {
        "run 10, training": -17_000,
        "run 10, unseen digits, scaled to N = 10": -21_250,
        "run 5, training, scaled to N = 10": -34_000,
        "run 5, unseen digits, scaled to N = 10": -21_250,
    }


def test_a_lesson_shows_the_one_comparison_on_axes_of_its_own():
    view = View(
        per_sample=True, lowest=-0.7, highest=-0.1, series=("held_out_log_likelihood",), epochs=300
    )
    drawn = curves(10, 10, view=view)
    assert [t["name"] for t in drawn["data"] if t["showlegend"]] == ["run 10", "run 10"]
    assert drawn["layout"]["yaxis"]["range"] == pytest.approx([-0.7, -0.1])
    assert not drawn["layout"]["yaxis2"]["visible"]
