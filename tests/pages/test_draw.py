"""The Draw page's states, without a browser: what each input shows, and what bad input says."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.ui.address import link_of
from pages.ui.draw.reading import Reading
from pages.ui.session import CANVAS, DEFAULT_MODEL, Session
from pages.ui.sources import next_sample
from pages.ui.strokes import drawing_of, strokes_of
from pages.ui.text import amount, percent
from softmax_core import (
    DATASETS,
    SoftmaxModel,
    explain,
    from_hex,
    greys,
    grid_from_image,
    grid_from_strokes,
    load_dataset,
    load_model,
    prepare,
    to_hex,
)
from softmax_core.errors import DrawingError
from tests.drawings import picture
from tests.pages.app import sent

APP = Path(__file__).parents[2] / "app.py"

SEVEN = (((100.0, 80.0), (160.0, 80.0), (220.0, 80.0), (190.0, 140.0), (160.0, 250.0)),)


def opened(**query):
    at = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    return checked(at.run())


def checked(at):
    assert not at.exception
    return at


def on_canvas(at, drawing):
    """As if the browser had sent this drawing from the canvas that the page shows."""
    version = at.session_state["session"].canvas_version
    at.session_state[f"canvas-{version}"] = {"drawing": {"raw": drawing, "data": None}}
    return checked(at.run())


def draw(at, strokes):
    return on_canvas(at, drawing_of(strokes))


def html(at):
    row, below = sent(at, "chain"), sent(at, "more")["sections"]
    parts = [row["says"], row["odds"], row["note"], *(section["html"] for section in below)]
    return unescape("".join(parts))


def problem(at):
    """What is said to have gone wrong."""
    return sent(at, "tools")["said"]


def choose(at, name):
    at.session_state["session"].model_name = name
    return checked(at.run())


def did(at, act):
    act(at.session_state["session"])
    return checked(at.run())


def answer(at):
    return re.search(r'data-class="(.*?)" data-strokes="(\d+)" data-verdict="([^"]+)"', html(at))


def code(at):
    """The code of the grid that the page shows."""
    return sent(at, "chain")["grid"]


def test_a_blank_canvas_asks_for_a_drawing():
    at = opened()
    assert answer(at).groups() == ("", "0", "blank")
    assert "Draw a digit, large or small" in html(at)
    assert problem(at) == ""


def test_a_drawing_gets_the_class_of_the_core_and_every_station():
    at = draw(opened(), SEVEN)
    model = load_model(DEFAULT_MODEL)
    grid = grid_from_strokes(SEVEN)
    assert answer(at).groups() == (model.classes[model.predict(grid)[0]], "1", "clear")
    assert percent(model.probabilities(grid).max()) in html(at)
    assert "Before" in html(at)
    assert "After" in html(at)
    assert "pixels differ" in html(at)
    did(at, lambda state: setattr(state, "shut", frozenset()))
    assert f"score {amount(model.scores(grid).max())}" in html(at)
    assert code(at) == to_hex(grid)
    assert not at.query_params, "the address is left alone"


@pytest.mark.parametrize("name", ["pixels", "classic"])
def test_the_chosen_model_answers_with_its_own_preparation(name):
    at = draw(opened(), SEVEN)
    choose(at, name)
    model = load_model(name)
    grid = grid_from_strokes(SEVEN, model.preparation)
    assert code(at) == to_hex(grid)
    assert percent(model.probabilities(grid).max()) in html(at)


def test_a_model_trained_in_this_session_can_be_chosen():
    at = opened()
    at.session_state["session"].trained["mine"] = load_model("pixels")
    checked(at.run())
    choose(at, "mine")
    assert sent(at, "chain")["models"][-1][0] == sent(at, "chain")["model"] == "mine"


CROSS = [
    [(60.0, 60.0), (260.0, 260.0)],
    [(260.0, 60.0), (60.0, 260.0)],
    [(60.0, 160.0), (260.0, 160.0)],
]


def test_a_model_that_carries_no_digits_is_compared_with_the_shipped_ones():
    shipped = load_model("pixels")
    at = opened()
    at.session_state["session"].trained["mine"] = replace(shipped, known=None)
    choose(checked(at.run()), "mine")
    draw(at, CROSS)
    drawn = prepare(CROSS)
    expected = explain.answer(shipped, drawn).verdict
    assert answer(at)[3] == expected.value
    assert explain.answer(replace(shipped, known=None), drawn).verdict is not expected


def test_two_digits_near_each_other_are_said_to_be_two():
    ones = [[(100.0, 60.0), (100.0, 260.0)], [(130.0, 60.0), (130.0, 260.0)]]
    assert answer(draw(opened(), ones))[3] == "two"


@pytest.mark.parametrize(
    ("strokes", "verdict"),
    [
        ([[(150.0, 150.0)]], "faint"),
        ([[(150.0, 150.0), (154.0, 157.0)]], "faint"),
        ([[(40.0 + 240 * (i % 2), 40.0 + 6 * i) for i in range(41)]], "scribble"),
    ],
)
def test_what_is_no_digit_is_named_and_gets_no_class(strokes, verdict):
    at = draw(opened(), strokes)
    assert answer(at).groups() == ("", "1", verdict)
    assert "Evidence for" not in html(at)


@pytest.mark.parametrize("rival", [True, False])
def test_a_doubt_names_the_other_class_only_where_it_is_one(rival):
    said = [explain.answer(load_model("pairs"), grid) for grid in load_dataset("pen").test.grids]
    doubts = [n for n, a in enumerate(said) if a.verdict is explain.Verdict.AMBIGUOUS]
    n = next(n for n in doubts if said[n].has_rival is rival)
    at = opened(grid=to_hex(load_dataset("pen").test.grids[n]), model="pairs")
    assert answer(at)[3] == "ambiguous"
    first, second = (said[n].classes[k] for k in said[n].order[:2])
    assert (f">{first} or {second}?<" in html(at)) is rival
    assert (f">{first}?<" in html(at)) is not rival
    assert f"Not sure: {'there is also ' + second if rival else 'it is little like'}" in html(at)


def test_a_link_restores_grid_and_model_and_a_drawing_replaces_it():
    at = opened(grid=to_hex(grid_from_strokes(SEVEN)), model="pixels")
    assert answer(at)[1] == "7"
    assert sent(at, "chain")["model"] == "pixels"
    assert "Nothing: there is no drawing" in html(at)
    draw(at, [[(100.0, 60.0), (100.0, 260.0)]])
    assert "Nothing: there is no drawing" not in html(at)
    assert code(at) == to_hex(grid_from_strokes([[(100.0, 60.0), (100.0, 260.0)]]))


@pytest.mark.parametrize("wrong", ["", "xyz", "0" * 17, "<script>", "g" * 16])
def test_a_wrong_code_in_the_link_is_explained_and_the_page_goes_on(wrong):
    at = opened(grid=wrong, model="nosuch")
    assert "16 hex characters" in problem(at)
    assert "The link names what is not here: the model “nosuch”." in problem(at)
    draw(at, SEVEN)
    assert problem(at) == ""
    assert answer(at)[1] == "7"


def test_clear_undo_and_sample():
    at = draw(opened(), [*SEVEN, [(60.0, 280.0), (250.0, 60.0)]])
    assert answer(at)[2] == "2"
    did(at, Session.undo)
    assert answer(at)[2] == "1"
    did(at, lambda state: state.show(()))
    assert answer(at).groups() == ("", "0", "blank")
    for digit in "0123":
        did(at, next_sample)
        assert answer(at)[1] == digit


@pytest.mark.parametrize(
    "drawing",
    [
        {"objects": [{"type": "Path", "path": [["M", 1]]}]},
        {"objects": [{"type": "Path"}]},
        {"objects": 3},
        {"objects": [{"type": "Path", "path": [["M", "a", "b"]]}]},
    ],
)
def test_a_drawing_that_no_canvas_makes_is_explained(drawing):
    with pytest.raises(DrawingError):
        strokes_of(drawing)
    at = on_canvas(opened(), drawing)
    assert "the canvas does not make" in html(at)
    assert answer(at)[3] == "refused"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_coordinates_that_are_not_finite_are_explained(value):
    at = draw(opened(), [[(1.0, 2.0), (value, 3.0), (50.0, 60.0)]])
    assert answer(at)[3] == "refused"


def test_a_thousand_strokes_are_answered_or_explained():
    rng = np.random.default_rng(0)
    strokes = [[tuple(p) for p in rng.uniform(0, 300, (40, 2)).tolist()] for _ in range(1000)]
    at = draw(opened(), strokes)
    assert answer(at)[3] == "refused" or answer(at)[3] == "scribble"


def test_a_picture_takes_the_place_of_the_drawing():
    image = picture([np.array(stroke) for stroke in SEVEN])
    at = draw(opened(), SEVEN)
    at.session_state["session"].take_picture(image)
    checked(at.run())
    assert answer(at).groups()[:2] == ("7", "0")
    assert code(at) == to_hex(grid_from_image(image))


def test_what_helps_with_a_picture_is_said_of_a_picture():
    ones, at = [[(110.0, 60.0), (110.0, 260.0)], [(200.0, 60.0), (200.0, 260.0)]], opened()
    scribble = [[(40.0, 40.0 + 20 * n), (280.0, 40.0 + 20 * n)] for n in range(12)]
    for strokes, verdict in ((ones, "two"), (scribble, "scribble")):
        image = picture([np.array(stroke) for stroke in strokes], size=240)
        did(at, lambda state, image=image: state.take_picture(image))
        assert (answer(at)[3], "Drag over one" in html(at)) == (verdict, True)
        assert not re.search("Draw one|clear it", html(at))
        did(at, lambda state, strokes=strokes: state.show(tuple(map(tuple, strokes))))
        assert (answer(at)[3], "Drag over" in html(at)) == (verdict, False)
    did(at, lambda state: state.take_picture(Image.new("L", (200, 200), 255)))  # a part of one
    assert answer(at)[3] == "blank"
    assert "No digit is found in it" in html(at)


def test_the_session_has_one_input_at_a_time():
    state = Session()
    state.draw(SEVEN)
    assert state.extent == pytest.approx(170 / CANVAS)
    state.edit(from_hex("ff03060c18181818"))
    assert state.grid.sum() == 22
    state.edit(None)
    state.take_picture(picture([np.array(stroke) for stroke in SEVEN]))
    assert (state.strokes, state.edited, state.extent) == ((), None, 1.0)
    state.draw(SEVEN)
    assert state.picture is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9734, "97.3 %"), (0.99999, "> 99.9 %"), (1.0, "100 %"), (0.0001, "< 0.1 %")],
)
def test_percentages_never_round_to_certainty(value, text):
    assert percent(value) == text


@pytest.mark.parametrize(("value", "text"), [(1.234, "+1.23"), (-0.5, "−0.50"), (-0.001, "0.00")])
def test_amounts_have_a_true_minus_and_no_negative_zero(value, text):
    assert amount(value) == text


def test_ink_that_is_left_out_is_said_and_can_be_taken_back():
    at = draw(opened(), [*SEVEN, [(300.0, 300.0)]])
    assert code(at) == to_hex(grid_from_strokes(SEVEN))
    assert "One piece of ink is left out" in html(at)
    did(at, lambda state: state.read(everything=True))
    strokes = [*SEVEN, [(300.0, 300.0)]]
    assert code(at) == to_hex(prepare(strokes, everything=True).grid) != to_hex(prepare(SEVEN).grid)
    did(at, Session.undo)
    assert code(at) == to_hex(grid_from_strokes(SEVEN))


def training_grids():
    """Those of every set: the shipped models have learned from all of them."""
    return np.concatenate([load_dataset(name).train.grids for name in DATASETS])


def test_the_evidence_tells_the_score_as_a_change_from_the_average_digit():
    state = Session()
    state.draw(SEVEN)
    reading = Reading(state)
    scores = state.model.scores(state.grid)[0]
    assert [e.score for e in reading.evidence] == pytest.approx(scores)
    average = state.model.features(training_grids()).values.mean(axis=0)
    assert [e.bias for e in reading.evidence] == pytest.approx(state.model.weights @ average)


def test_the_nearest_digits_are_those_of_all_training_digits():
    state = Session()
    state.draw(SEVEN)
    differ = (training_grids() != state.grid).sum(axis=(1, 2))
    assert [near.distance for near in Reading(state).near] == sorted(differ)[:5]


@pytest.mark.parametrize("name", ["pixels", "pairs"])
def test_a_link_carries_the_weights_of_a_model_of_this_session(name):
    state, shipped = Session(), load_model(name)
    weights = shipped.weights + np.random.default_rng(0).normal(0, 0.01, shipped.weights.shape)
    state.model_name = state.keep(
        "mine", SoftmaxModel(shipped.classes, weights, shipped.features, shipped.preparation)
    )
    state.draw(SEVEN)
    query, cant = link_of(state)
    assert not cant
    at = opened(**{key: value for key, (value,) in parse_qs(query).items()})
    new = at.session_state["session"]
    assert new.strokes == SEVEN
    assert new.model_name == "from a link"
    assert np.abs(new.model.weights - weights).max() <= np.abs(weights).max() / 254 * 1.01


def test_a_link_says_what_it_can_not_carry():
    state = Session()
    letters = SoftmaxModel(("a", "b"), np.ones((2, 65)), load_model("pixels").features, "pen")
    state.model_name = state.keep("letters", letters)
    state.draw(tuple(tuple((float(x), float(x * y % 300)) for x in range(300)) for y in range(9)))
    query, (drawing, model) = link_of(state)
    assert "grid" in query
    assert "does not fit into a link" in drawing
    assert "'letters' does not fit" in model


@pytest.mark.parametrize(
    "weights", ["", "x", "pixels.pen.", "pixels.pen.AAAA", "nosuch.pen.AAAA", "..", "A" * 5000]
)
def test_damaged_weights_and_strokes_in_a_link_are_said(weights):
    at = opened(weights=weights, strokes="AAAA")
    assert "The link’s model can’t be used: " in problem(at)
    assert "The link’s drawing can’t be shown: " in problem(at)
    assert answer(draw(at, SEVEN))[1] == "7"


@pytest.mark.parametrize("name", ["CARD", "ONE_COLOUR"])
def test_the_browser_tells_ink_from_a_card_as_the_core_does(name):
    script = (Path(__file__).parents[2] / "pages" / "ui" / "draw" / "tools.js").read_text()
    (there,) = re.findall(rf"\b{name} = ([\d.]+)", script)
    assert float(there) == getattr(greys, name)
