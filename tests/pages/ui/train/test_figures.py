"""The figures, from data alone."""

import numpy as np

from pages.ui.figures import palette
from pages.ui.train import figures


def test_a_figure_of_many_epochs_stays_small():
    epochs = np.arange(300)
    curve = (epochs, -np.linspace(17_000, 100, 300))
    names = ("log_likelihood", "held_out_log_likelihood", "accuracy", "held_out_accuracy")
    run = figures.Curves("", dict.fromkeys(names, curve), {"training": 9, "held out": 8})
    figure = figures.curves([run], 10, palette(False), marked=12)
    assert figure["layout"]["xaxis"]["range"] == [0, 500]
    assert figure["layout"]["shapes"][0]["x0"] == 12
