"""What all pages share: their order, their view, their models' names, and the lesson's links."""

import re

import pytest

from pages.ui.about.facts import version
from pages.ui.contents import PAGES
from pages.ui.gradient.state import gradient_state
from pages.ui.lesson.steps import NEARLY, STEPS
from pages.ui.model_names import NAMES, NOTES, title_of
from pages.ui.session import DEFAULT_MODEL, Session
from pages.ui.shell import ASSETS, DOCUMENT, GUARD, SHEETS, document
from pages.ui.text import percent, place, short
from pages.ui.train.lessons import lesson_named
from softmax_core import (
    DATASETS,
    FEATURE_MAPS,
    MODELS,
    accuracy,
    from_hex,
    load_dataset,
    load_model,
)
from softmax_core.evaluation import dataset_for
from softmax_core.explain import answer, flips
from tests.pages.app import open_page, run, shown


def test_the_document_brings_the_style_sheets_and_begins_in_the_view_of_its_address():
    for projector in (False, True):
        text = document(projector)
        head, body = text.split("<body>")
        assert body.count("<style>") == 1
        assert all((ASSETS / sheet).read_text("utf-8") in body for sheet in SHEETS)
        assert ('data-view="projector"' in head) == projector
        plain = text.replace(' data-view="projector"', "", 1)
        plain = plain.replace(f"<script>{GUARD}</script>", "", 1)
        assert head.index(GUARD) < head.index("<script type"), "the guard comes first"
        assert plain.split("<style>")[0] in DOCUMENT.read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_title_and_says_what_comes_next(name):
    at = open_page(name)
    assert at.title[0].value
    names = list(PAGES)
    following = names[(names.index(name) + 1) % len(names)]
    (link,) = [e.proto for e in at.get("page_link") if e.proto.label.startswith("**Next: ")]
    assert link.label == f"**Next: {following.capitalize()}.** {PAGES[following]}"
    assert link.page.strip("/") in (following, "")


def test_the_projectors_view_outlives_a_change_of_page():
    at = open_page("about")
    at.query_params["view"] = "projector"
    run(at)
    assert at.session_state["session"].projector
    at.query_params.clear()
    run(at.switch_page("pages/lesson.py"))
    assert at.query_params["view"] in ("projector", ["projector"])
    assert all("view=projector" in e.proto.query_string for e in at.get("page_link"))


def test_a_view_that_is_not_there_is_said_and_the_page_goes_on():
    at = open_page("about")
    at.query_params["view"] = "<b>cinema</b>"
    run(at)
    assert at.toast[0].value.startswith("The link names what is not here: the view “")
    assert "view" not in at.query_params
    assert at.title[0].value == "About"


def test_models_have_names_for_people_and_their_accuracy():
    session = open_page("weights").session_state["session"]
    assert set(NAMES) == set(NOTES) == set(MODELS)
    for name in MODELS:
        model = load_model(name)
        test = load_dataset(dataset_for(model)).test
        share = percent(accuracy(model.predict(test.grids), test.labels).value)
        assert title_of(session, name) == f"{NAMES[name]} ({share})"


def test_rows_and_columns_count_from_one():
    assert place(0, 7) == "row 1, column 8"
    assert FEATURE_MAPS["pixels"].title(1) == "row 1, column 1"
    assert FEATURE_MAPS["pixels"].title(64) == "row 8, column 8"
    assert FEATURE_MAPS["pairs"].title(65) == "row 1, column 1 with row 1, column 2"


def test_the_lesson_takes_45_minutes_and_one_pixel_decides_as_it_says():
    assert sum(step.minutes for step in STEPS) == 45
    grid, model = from_hex(NEARLY), load_model(DEFAULT_MODEL)
    assert answer(model, grid).label == "9"
    (only,) = flips(model, grid)
    assert model.classes[only.class_index] == "7"


def test_the_lesson_names_the_rates_of_the_runs_that_its_link_begins():
    (step,) = [step for step in STEPS if "lesson" in step.settings]
    said = re.search(r"η is (\S+) first, and then (\S+),", step.words).groups()
    runs = lesson_named(step.settings["lesson"]).runs
    assert list(said) == [short(dict(each.parameters)["learning_rate"]) for each in runs]


def test_the_lesson_follows_a_weight_that_learns():
    (step,) = [step for step in STEPS if step.page == "gradient"]
    session = Session()
    page = gradient_state(session)
    page.follow(step.settings)
    assert page.derivation.label == page.place[0]
    assert page.derivation.gradient[page.place] == pytest.approx(0.9)


def test_about_names_the_version_and_every_source():
    text = shown(open_page("about"))
    assert f"Version {version()}" in text
    for source in DATASETS.values():
        assert source.provenance in text
