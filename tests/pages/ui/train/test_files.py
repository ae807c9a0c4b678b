"""Files that a visitor takes away, and runs that come back."""

import csv
import io
import json

import numpy as np
import pytest

from pages.ui.figures import palette
from pages.ui.train import screen
from pages.ui.train.files import (
    figures_file,
    history_file,
    model_of,
    read_run,
    run_file,
    weights_file,
)
from pages.ui.train.lab import Lab
from pages.ui.train.settings import Settings
from softmax_core import load_model
from softmax_core.errors import FileError
from tests.pages.ui.train.labs import PLAIN, lab_with, rate, run_to_the_end


def test_the_weights_are_a_model_file():
    lab = lab_with()
    lab.step()
    back = load_model(io.BytesIO(weights_file(model_of(lab))))
    np.testing.assert_array_equal(back.weights, lab.seen.weights)
    assert (back.features.name, back.preparation) == ("pixels", "pen")


def test_the_history_has_a_row_for_every_epoch():
    lab = lab_with()
    rows = list(csv.DictReader(io.StringIO(history_file(run_to_the_end(lab)))))
    assert [int(row["epoch"]) for row in rows] == list(range(7))
    assert float(rows[6]["log_likelihood"]) == lab.run.figures_at(6).log_likelihood


def test_the_figures_are_a_page_that_needs_nothing_else():
    page = figures_file(screen.figures(lab_with(), palette(False), PLAIN))
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
    other.take_up(*read_run(io.BytesIO(run_file(lab))))
    assert (other.settings, other.shown, other.fresh) == (adam, 4, True)
    lab.step()
    other.step()
    np.testing.assert_array_equal(other.seen.weights, lab.seen.weights)
    assert other.run.figures_at(5) == lab.run.figures_at(5)


def altered(lab, **changes):
    """A run's file with other arrays; a function is given the settings or the history to change."""
    with np.load(io.BytesIO(run_file(lab))) as file:
        arrays = dict(file)
    for name, change in changes.items():
        if callable(change):
            about = json.loads(str(arrays[name]))
            change(about)
            change = np.array(json.dumps(about))
        arrays[name] = change
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    return file


def test_files_that_are_no_runs_are_refused():
    lab = lab_with()
    lab.step()
    for wrong in (b"", b"PK nothing", weights_file(model_of(lab))):
        with pytest.raises(FileError):
            read_run(io.BytesIO(wrong))
    deep = np.array("[" * 100_000)
    for wrong in (deep, np.array("{"), np.array("7"), np.zeros(3)):
        with pytest.raises(FileError):
            read_run(altered(lab, about=wrong))


@pytest.mark.parametrize(
    "change",
    [
        {"data": "faces"},
        {"optimizer": "newton"},
        {"batch": 64},
        {"l2": 1.0},
        {"seed": 1},
        {"seed": "0"},
        {"epochs": 10**12},
        {"epochs": 7},
        {"parameters": [["session", 1.0]]},
        {"parameters": [["learning_rate", 1e-6]]},
    ],
    ids=str,
)
def test_settings_that_are_not_those_of_the_states_are_refused(change):
    lab = lab_with()
    lab.step()
    with pytest.raises(FileError):
        read_run(altered(lab, about=lambda about: about.update(change)))


def test_the_files_say_what_every_epoch_was_trained_with():
    lab = lab_with(rate(1e-5))
    lab.step()
    lab.step()
    lab.prepare(rate(5e-5))
    lab.step()
    lab.prepare(rate(1e-6))
    rows = list(csv.DictReader(io.StringIO(history_file(lab))))
    assert [row["learning_rate"] for row in rows] == ["", "1e-05", "1e-05", "5e-05"]
    assert {row["optimizer"] for row in rows} == {"gradient-ascent"}
    settings, run = read_run(io.BytesIO(run_file(lab)))
    assert [(s.first, s.last, *s.parameters.values()) for s in run.trained_with] == [
        (1, 2, 1e-5),
        (3, 3, 5e-5),
    ]
    assert dict(settings.parameters) == {"learning_rate": 1e-6}


def test_no_figure_of_the_file_can_send_itself_elsewhere():
    page = figures_file(screen.figures(lab_with(), palette(False), PLAIN))
    assert page.count('"showSendToCloud": false') == page.count("Plotly.newPlot(") == 2
