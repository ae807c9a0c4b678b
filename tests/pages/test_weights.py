"""The Weights page shows the weights of the core, and what one changed weight does."""

import io
from dataclasses import replace

import numpy as np
import pytest

from pages.ui import budget
from pages.ui.session import DEFAULT_MODEL
from pages.ui.text import fixed, number, percent, remark, signed
from softmax_core import (
    DATASETS,
    SoftmaxModel,
    accuracy,
    feature_map,
    grid_from_strokes,
    load_dataset,
    load_model,
    pack,
    prepare,
    save_model,
    softmax,
)
from softmax_core.explain import answer
from softmax_core.inspection import ink, with_weight
from softmax_core.neighbours import Known
from tests.pages.app import control, held, open_page, run, sent, shown

TEST = load_dataset("pen").test
SEVEN = [[(100.0, 80.0), (160.0, 80.0), (220.0, 80.0), (190.0, 140.0), (160.0, 250.0)]]


@pytest.fixture(scope="module")
def page():
    return open_page("weights")


@pytest.fixture
def at(page):
    """The page as at a first visit."""
    session = page.session_state["session"]
    session.pages.pop("weights", None)
    page.query_params.clear()
    run(page)  # no widget holds a model that is about to go
    session.trained.clear()
    session.notice = ""
    session.show([])
    return run(page)


def named(at, label):
    return next(button for button in at.button if button.label == label)


def letters():
    phi = feature_map("pixels")
    return SoftmaxModel(("a", "b"), np.zeros((2, phi.dimension)), phi, "pen")


@pytest.mark.parametrize("name", ["pixels", "pairs", DEFAULT_MODEL, "classic"])
def test_the_table_holds_the_weights_of_the_chosen_class(at, name):
    control(at, "selectbox", "weights-model").set_value(name)
    run(at)
    held(at, "weights").look_at(6)
    text = shown(run(at))
    model = load_model(name)
    for value in model.features.weight_images(model.weights)[6].ravel():
        assert f"<td>{number(float(value), 3)}</td>" in text
    assert f"bias {number(float(model.weights[6, 0]), 3)}" in text
    assert ("Pixels together" in [s.value for s in at.subheader]) == (name in ("pairs", "shapes"))


def ink_of_the_training_digits():
    """Of every set: the shipped models have learned from all of them."""
    parts = [load_dataset(name).train for name in DATASETS]
    grids = np.concatenate([part.grids for part in parts])
    return ink(grids, np.concatenate([part.labels for part in parts]), 10)


def hatched(at, k):
    """The pixels of class k that the page hatches, in reading order."""
    held(at, "weights").look_at(k)
    (group,) = sent(run(at), "weights-one")["groups"]
    return [cell - 1 for cell in group["hatched"]]


def test_what_is_hatched_has_no_ink_in_any_training_digit_of_the_class(at):
    state = held(at, "weights")
    own = state.session.keep("mine", replace(load_model("pixels"), known=None))
    train = load_dataset("pen").train
    for name, seen in (
        (DEFAULT_MODEL, ink_of_the_training_digits()),
        (own, ink(train.grids, train.labels, 10)),
    ):
        state.choose_model(name)
        for k in (1, 3):
            assert hatched(at, k) == seen.never(k).tolist()
            assert ("Hatched above" in shown(at)) == bool(hatched(at, k))
    one, k = TEST.grids[:1], int(TEST.labels[0])
    some = replace(load_model("pixels"), known=Known(pack(one), [k]))
    state.choose_model(state.session.keep("of one digit", some))
    assert hatched(at, k) == np.flatnonzero(~one).tolist()
    assert hatched(at, (k + 1) % 10) == []
    assert "no mean digit" in shown(at)


def test_the_mean_digit_is_that_of_the_training_digits(at):
    held(at, "weights").look_at(6)
    text = shown(run(at))
    seen = ink_of_the_training_digits()
    percents = seen.percent(6)
    assert ", ".join(" ".join(map(str, row)) for row in percents.tolist()) in text
    assert f"of {seen.totals[6]:,} training digits" in text


def test_a_slider_changes_the_weight_the_accuracy_and_the_predictions(at):
    state = held(at, "weights")
    state.pick(8, 28)
    run(at)
    slider = control(at, "slider", "weights-value")
    assert slider.value == pytest.approx(load_model(DEFAULT_MODEL).weights[8, 28], abs=0.01)
    slider.set_value(slider.max)
    text = shown(run(at))
    changed = with_weight(load_model(DEFAULT_MODEL), (8, 28), state.value)
    assert state.value == pytest.approx(slider.max)
    found = accuracy(changed.predict(TEST.grids), TEST.labels)
    before = accuracy(load_model(DEFAULT_MODEL).predict(TEST.grids), TEST.labels)
    moved = signed(found.correct - before.correct)
    assert f"<b>{percent(found.value)}</b>" in text
    assert f"right: {found.correct:,}, {moved} by your changes" in text
    assert "→ 8" in text
    named(at, "Undo").click()
    run(at)
    np.testing.assert_array_equal(state.model.weights, load_model(DEFAULT_MODEL).weights)
    assert named(at, "Undo").disabled


def test_the_drawing_follows_the_weights(at):
    at.session_state["session"].show(SEVEN)
    state = held(at, "weights")
    state.pick(7, 0)
    state.change(-state.bound)
    text = shown(run(at))
    grid = grid_from_strokes(SEVEN, "pen")
    p = softmax(with_weight(load_model(DEFAULT_MODEL), (7, 0), -state.bound).scores(grid)[0])
    for value in p:
        assert f'<td class="value">{percent(value)}</td>' in text
    named(at, "Reset").click()
    run(at)
    assert not state.changed


def test_the_verdict_on_the_drawing_is_that_of_the_draw_page(at):
    session, shipped = at.session_state["session"], load_model("pixels")
    session.trained["mine"] = replace(shipped, known=None)
    ones = [[(100.0, 60.0), (100.0, 260.0)], [(130.0, 60.0), (130.0, 260.0)]]
    cross = [[(60.0, 60.0), (260.0, 260.0)], [(260.0, 60.0), (60.0, 260.0)]]
    held(at, "weights").choose_model("mine")
    for strokes in (ones, cross):
        session.show(strokes)
        expected = answer(shipped, prepare(strokes)).verdict
        assert held(at, "weights").answer.verdict is expected
        assert f'data-verdict="{expected}"' in shown(run(at))


def test_the_remark_speaks_of_what_the_classes_are():
    assert "digit" in remark(answer(load_model("pixels"), np.zeros((8, 8), bool)))
    for grid in (np.zeros((8, 8), bool), np.ones((8, 8), bool)):
        assert "digit" not in remark(answer(letters(), grid))


def test_a_changed_model_can_be_kept_for_the_other_pages(at):
    state = held(at, "weights")
    state.change(3.0)
    run(at)
    named(at, "Keep as a model").click()
    run(at)
    assert control(at, "selectbox", "weights-model").value == f"{DEFAULT_MODEL} changed"
    assert state.value == 3.0
    assert f"Kept as “{DEFAULT_MODEL} changed”, which is shown now." in shown(at)
    assert f"{DEFAULT_MODEL} changed" in at.session_state["session"].model_names


def test_a_model_of_other_classes_is_shown_and_what_is_missing_is_named(at):
    at.session_state["session"].trained["letters"] = letters()
    run(at)
    control(at, "selectbox", "weights-model").set_value("letters")
    text = shown(run(at))
    assert "no mean digit" in text
    assert "classes a, b" in text
    assert held(at, "weights").entry[0] == 1


def upload(at, name, content):
    at.file_uploader(key="weights-model-file").set_value((name, content, "application/zip"))
    return run(at)


def npz(model):
    file = io.BytesIO()
    save_model(model, file)
    return file.getvalue()


def test_an_uploaded_file_becomes_a_model_and_a_wrong_one_is_explained(at):
    session = at.session_state["session"]
    upload(at, "mine.npz", npz(letters()))
    assert held(at, "weights").name == "mine.npz"
    np.testing.assert_array_equal(session.trained["mine.npz"].weights, letters().weights)
    upload(at, "picture.npz", b"not a model")
    assert "holds no model" in at.error[0].value
    assert list(session.trained) == ["mine.npz"]
    upload(at, "large.npz", bytes(1_100_000))
    assert "accepted are 1,000,000" in at.error[0].value


def test_a_second_file_of_the_same_name_with_fewer_classes_takes_its_place(at):
    upload(at, "mine.npz", npz(load_model("pairs")))
    state = held(at, "weights")
    state.pick(9, 200)
    state.change(1.0)
    run(at)
    upload(at, "mine.npz", npz(letters()))
    assert state.entry == (1, 64)
    assert not state.changed


def test_a_model_that_is_looked_at_may_be_dropped(at):
    session = at.session_state["session"]
    upload(at, "first.npz", npz(letters()))
    for n in range(budget.MODELS):
        session.keep(f"later {n}", letters())
    assert len(session.trained) == budget.MODELS
    run(at)
    assert held(at, "weights").name == DEFAULT_MODEL


def test_numbers_in_narrow_cells():
    assert [fixed(v, 1) for v in (0.04, -0.04, -1.25, 3)] == ["0.0", "0.0", "−1.2", "3.0"]
    assert [number(v) for v in (0.0, -0.0, 4e-6, float("inf"), -0.25)] == [
        "0",
        "0",
        "4.0·10⁻⁶",
        "∞",
        "−0.250",
    ]


def test_a_change_bleaches_no_other_weight(at):
    state = held(at, "weights")
    before = [group["shares"] for group in sent(at, "weights-all")["groups"]]
    state.pick(8, 28)
    state.change(state.bound)
    run(at)
    after = [group["shares"] for group in sent(at, "weights-all")["groups"]]
    assert [k for k in range(10) if before[k] != after[k]] == [8]
    assert [i for i in range(65) if before[8][i] != after[8][i]] == [28]


def test_a_link_leads_to_what_its_sender_saw(at):
    state = held(at, "weights")
    state.choose_model("pixels")
    state.pick(6, 20)
    state.compare_with(0)
    run(at)
    link = state.leads_here
    assert link == {"model": "pixels", "class": "6", "minus": "0", "row": "3", "column": "4"}
    state.choose_model("pairs")
    state.follow(link)
    assert (state.name, state.entry, state.other) == ("pixels", (6, 20), 0)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"model": "mine"}, "the model “mine”"),
        ({"class": "<b>"}, r"the class “\<b\>”"),
        ({"row": "9", "column": "1", "model": "x"}, "the model “x”, the row “9”"),
    ],
)
def test_what_a_link_names_in_vain_is_said_and_the_rest_is_followed(at, link, said):
    at.query_params.update({"minus": "5", **link})
    run(at)
    assert at.error[0].value == f"The link names what is not here: {said}. All else is as it says."
    state = held(at, "weights")
    assert (state.name, state.other) == (DEFAULT_MODEL, 5)
    control(at, "selectbox", "weights-model").set_value("pixels")
    assert not run(at).error
