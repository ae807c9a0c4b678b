"""The gate: of whatever a browser may send, only what was asked for passes."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui import budget, gate
from softmax_core.errors import FileError
from tests.pages.app import open_page, run

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def sent(value):
    """The gate, as if the browser had sent this value of the widget "w"."""
    gate.st = SimpleNamespace(session_state={"w": value}, query_params={"grid": value})
    return gate


@pytest.fixture(autouse=True)
def _streamlit_comes_back():
    streamlit = gate.st
    yield
    gate.st = streamlit


@given(JSON)
def test_a_choice_is_one_of_those_offered(value):
    found = sent(value).offered("w", ["a", 1, "b"])
    assert (found is None) or (type(found) is type(value) and found == value)
    assert sent("b").offered("w", ["a", "b"]) == "b"
    assert sent(True).offered("w", [0, 1]) is None
    assert gate.offered("nosuch", ["a"]) is None


@given(JSON)
def test_a_number_is_finite_and_in_its_range(value):
    found = sent(value).number("w", -2, 2)
    assert found is None or (math.isfinite(found) and -2 <= found <= 2)
    assert sent(1.5).number("w", -2, 2) == 1.5
    assert sent(10**400).number("w", 0, 9) is None


@given(JSON, JSON)
def test_an_event_brings_a_place_a_text_or_a_serial(value, other):
    for raw in (value, {"e": value}, {"e": [value, other]}):
        place = sent(raw).place("w", "e", (2, 3))
        assert place is None or place in [(g, c) for g in (0, 1) for c in range(2 + g)]
        text = gate.text("w", "e")
        assert text is None or (isinstance(text, str) and len(text) <= budget.TEXT)
        serial = gate.serial("w", "e")
        assert serial is None or (type(serial) is int and serial >= 0)
    assert sent({"e": [1, 2]}).place("w", "e", (2, 3)) == (1, 2)
    assert sent({"e": [True, False]}).place("w", "e", (2, 3)) is None
    assert sent({"e": "ff"}).text("w", "e") == "ff"
    assert sent({"e": 7}).serial("w", "e") == 7


@given(st.text(alphabet=st.characters(categories=None), max_size=300))
def test_names_are_short_printable_and_never_empty(name):
    shown = gate.shown_name(name)
    assert 0 < len(shown) <= budget.NAME
    assert shown.isprintable()
    shown.encode()


def test_a_file_is_measured_before_it_is_read():
    file = SimpleNamespace(name="a\nb\u202e.npz", getvalue=lambda: bytes(10))
    assert sent(file).upload("w", 10).name == "a b .npz"
    assert sent(file).upload("w", 10).file.getvalue() == bytes(10)
    assert sent(None).upload("w", 10) is None
    with pytest.raises(FileError, match="10 bytes, accepted are 9"):
        sent(file).upload("w", 9)


def test_a_link_is_cut_to_what_can_be_of_use():
    assert sent("a" * 1000).link("grid", "model") == {"grid": "a" * budget.TEXT}


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e999", "Infinity", "9" * 400])
def test_a_number_that_no_control_holds_leaves_the_address(value):
    assert gate.tidied(f"data=pen&epochs={value}&l2=1") == "data=pen&l2=1"


@given(st.text(max_size=40))
def test_other_addresses_stay_as_they_are(query):
    kept = gate.tidied(query)
    assert kept == query or any(name in query.lower() for name in ("inf", "nan", "e"))


@pytest.mark.parametrize(
    "value",
    [
        "1e300",
        "x" * 5000,
        *(pytest.param(v, marks=pytest.mark.slow) for v in ("", "-1", "0.5", "[1, 2]", "true")),
    ],
)
@pytest.mark.parametrize("name", ["epochs", "seed", "data", "batch", "speed", "per_sample"])
def test_a_link_with_what_a_control_does_not_offer(name, value):
    at = open_page("train")
    at.query_params[name] = value
    run(at)
