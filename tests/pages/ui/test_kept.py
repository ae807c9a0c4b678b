"""What the browser keeps comes back as it was; what can't be used is left aside."""

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pages.ui import budget, kept
from pages.ui.session import NOTHING, Session
from softmax_core import SoftmaxModel, from_hex, load_model, to_hex
from tests.drawings import picture

SEVEN = (((100.0, 80.0), (220.0, 80.0), (160.0, 250.0)),)


def model(seed):
    weights = np.random.default_rng(seed).normal(size=(10, 65))
    pixels = load_model("pixels")
    return SoftmaxModel(pixels.classes, weights, pixels.features, pixels.preparation)


def next_session(state, **more):
    new = Session()
    kept.take_back(new, {**kept._parts(state), **more})
    return new


def test_strokes_grid_model_and_trained_weights_come_back():
    state = Session()
    state.draw(SEVEN)
    state.edit(from_hex("ff03060c18181818"))
    state.model_name = state.keep("mine", model(1))
    state.sample = 4
    new = next_session(state)
    assert (new.strokes, to_hex(new.edited)) == (SEVEN, "ff03060c18181818")
    assert (new.model_name, new.sample, new.notice) == ("mine", 4, "")
    assert np.array_equal(new.model.weights, model(1).weights)
    assert new.canvas_version == 1, "a page that is loaded anew gets a canvas with the strokes"


def test_a_picture_comes_back():
    state = Session()
    state.take_picture(picture([np.array(stroke) for stroke in SEVEN]))
    assert np.array_equal(next_session(state).grid, state.grid)


def test_a_canvas_that_is_still_there_stays():
    state = Session()
    state.show(SEVEN)
    state.canvas_start = SEVEN
    new = next_session(state, canvas="7")
    assert (new.canvas_version, new.canvas_start, new.canvas_stays) == (7, SEVEN, True)


def test_what_was_done_meanwhile_stays_on_top():
    state, new = Session(), Session()
    state.draw(SEVEN)
    new.draw((((1.0, 2.0), (30.0, 40.0)),))
    kept.take_back(new, kept._parts(state))
    assert new.strokes == (((1.0, 2.0), (30.0, 40.0)),)
    new.undo()
    assert new.strokes == SEVEN


def test_the_newest_models_are_kept_and_no_more_than_fit():
    state = Session()
    for n in range(budget.MODELS + 5):
        state.keep(f"model {n}", model(n))
    parts = kept._parts(state)
    assert all(len(text) <= budget.KEPT[part] for part, text in parts.items())
    assert list(next_session(state).trained)[-1] == f"model {budget.MODELS + 4}"


DRAWING = json.loads(kept._drawing_text(Session()))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["version", "models", *DRAWING]), inner, max_size=4)
    ),
    max_leaves=8,
)
damaged = st.builds(
    lambda name, value: json.dumps({**DRAWING, name: value}),
    st.sampled_from([*DRAWING]),
    json_values,
)


@settings(deadline=None)
@given(drawing=damaged | json_values.map(json.dumps) | st.text(max_size=60))
def test_a_hostile_drawing_is_left_aside_or_good(drawing):
    state = Session()
    kept.take_back(state, {"drawing": drawing, "canvas": "3"})
    assert state.notice or json.loads(drawing)["version"] == kept.VERSION
    assert state.grid.shape == (8, 8)
    assert state.model_name in state.model_names


@settings(deadline=None)
@example(models='{"version": 1, "models": [[[null], null]]}')
@given(models=json_values.map(lambda v: json.dumps({"version": 1, "models": v})) | st.text())
def test_hostile_models_are_left_aside(models):
    state = Session()
    kept.take_back(state, {"models": models})
    assert not state.trained


def test_what_was_said_of_a_link_stays_when_the_drawing_comes_back():
    old, new = Session(), Session()
    old.show(SEVEN)
    new.notice = "The link names what is not here."
    kept.take_back(new, kept._parts(old))
    assert new.strokes == old.strokes
    assert new.notice == "The link names what is not here."


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": 2}', "", "null"])
def test_another_version_and_deep_nests_are_left_aside_and_said(text):
    state = Session()
    kept.take_back(state, {"drawing": text})
    assert state.input == NOTHING
    assert state.notice == "The drawing of an earlier visit can’t be read any more."
