"""The Evaluate page shows the numbers of the core, for every shipped model."""

from html import escape

import numpy as np
import pytest

from pages.ui.model_names import NAMES
from pages.ui.session import DEFAULT_MODEL
from pages.ui.text import percent
from softmax_core import MODELS, accuracy, calibration, confusion, load_dataset, load_model
from softmax_core.datasets import available
from softmax_core.evaluation import VARIANTS, by_source, dataset_for, evaluate, load_variants
from softmax_core.explain import evidence_of
from tests.pages.app import control, held, open_page, run, sent, shown
from tests.pages.test_weights import letters


@pytest.fixture(scope="module")
def page():
    return open_page("evaluate")


@pytest.fixture
def at(page):
    """The page as at a first visit."""
    session = page.session_state["session"]
    session.pages.pop("evaluate", None)
    page.query_params.clear()
    run(page)  # no widget holds a model that is about to go
    session.trained.clear()
    return run(page)


@pytest.mark.parametrize("name", MODELS)
def test_accuracy_interval_and_calibration_are_those_of_the_core(at, name):
    control(at, "selectbox", "evaluate-model").set_value(name)
    text = shown(run(at))
    model = load_model(name)
    test = load_dataset(dataset_for(model)).test
    found = accuracy(model.predict(test.grids), test.labels)
    assert f">{percent(found.value)}</div>" in text
    assert f"{percent(found.low)} to {percent(found.high)}" in text
    error = calibration(model.probabilities(test.grids), test.labels).error
    assert f"mean distance from the line: {percent(error)}." in text


def test_a_cell_of_the_confusion_matrix_opens_its_digits(at):
    test, model = load_dataset("pen").test, load_model(DEFAULT_MODEL)
    counts = confusion(model.predict(test.grids), test.labels, 10)
    label, predicted = np.argwhere(counts == np.where(np.eye(10), 0, counts).max())[0].tolist()
    held(at, "evaluate").open(label, predicted)
    title = f"{label} taken for {predicted}: {counts[label, predicted]} digits"
    assert title in shown(run(at))


def test_the_most_confident_mistake_comes_with_its_evidence(at):
    test, model = load_dataset("pen").test, load_model(DEFAULT_MODEL)
    found = evaluate(model, test.grids, test.labels)
    worst = found.mistakes[0]
    label, predicted = int(test.labels[worst]), int(found.predicted[worst])
    text = shown(at)
    assert f"{label} → {predicted}: {escape(percent(float(found.confidence[worst])))}" in text
    evidence = evidence_of(model, test.grids[worst])
    difference = (evidence[predicted] - evidence[label]).score
    assert f"{difference:+.2f}" in text


def test_every_preparation_is_shown_with_what_it_is_worth(at):
    text, model = shown(at), load_model(DEFAULT_MODEL)
    labels = load_dataset("pen").test.labels
    for name, codes in load_variants().items():
        right = accuracy(model.predict(codes), labels).value
        assert f"{VARIANTS[name].title}: {percent(right)}" in text


def test_the_shipped_models_are_compared(at):
    text = shown(at)
    for name in MODELS:
        model = load_model(name)
        test = load_dataset(dataset_for(model)).test
        right = accuracy(model.predict(test.grids), test.labels).value
        assert f'<th scope="row">{NAMES[name]}</th>' in text
        assert f"<td>{percent(right)}</td>" in text


def test_a_model_that_no_digits_fit_is_named(at):
    at.session_state["session"].trained["letters"] = letters()
    run(at)
    control(at, "selectbox", "evaluate-model").set_value("letters")
    assert "no held-out digits fit this model" in run(at).info[0].value


@pytest.mark.parametrize("data", available())
def test_every_set_can_be_chosen(at, data):
    control(at, "selectbox", "evaluate-data").set_value(data)
    text = shown(run(at))
    model, test = load_model(held(at, "evaluate").name), load_dataset(data).test
    found = accuracy(model.predict(test.grids), test.labels)
    assert f">{percent(found.value)}</div>" in text
    assert at.query_params["data"] in (data, [data])


def test_sources_and_writers_are_those_of_the_core(at):
    model = load_model(held(at, "evaluate").name)
    bars = sent(at, "evaluate-sources")["figure"]["data"][0]
    found = by_source(model)
    assert bars["y"] == list(found)
    assert bars["x"] == [e.accuracy.value for e in found.values()]
    dots = [d for d in sent(at, "evaluate-people")["figure"]["data"] if d["mode"] == "markers"]
    test = load_dataset("unipen").test
    assert sum(len(d["x"]) for d in dots) == len(np.unique(test.writers))
    assert sum(n for d in dots for n in d["text"]) == len(test)
    right = sum(n * share for d in dots for n, share in zip(d["text"], d["x"], strict=True))
    assert right == pytest.approx((model.predict(test.grids) == test.labels).sum())
    assert "writers, the lowest" in sent(at, "evaluate-people")["text"]


def test_what_a_link_names_in_vain_is_said_and_the_rest_is_followed(at):
    at.query_params.update({"data": "none", "model": "classic", "label": "1", "prediction": "12"})
    run(at)
    said = "The link names what is not here: the data “none”, the prediction “12”."
    assert at.error[0].value.startswith(said)
    assert (held(at, "evaluate").name, held(at, "evaluate").cell) == ("classic", None)


def test_a_link_opens_a_cell_of_the_matrix(at):
    at.query_params["model"] = "classic"
    at.query_params["label"], at.query_params["prediction"] = "1", "2"
    run(at)
    state = held(at, "evaluate")
    assert (state.name, state.cell) == ("classic", (1, 2))
    assert state.leads_here["label"] == "1"
