"""What people name their files and classes is shown as text, on every page and in every message."""

import html
import io
import re

import numpy as np
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pages.ui.contents import PAGES
from pages.ui.gate import shown_name
from pages.ui.session import DEFAULT_MODEL, Session
from pages.ui.text import WORD_JOINER, plain
from softmax_core import SoftmaxModel, feature_map, load_model, save_model
from tests.pages.app import control, open_page, run, sent

PICTURE = "![](//h.example/x)"
TAG = "<img src=//h.example>"
NAMES = (PICTURE, TAG, "[a](//h.example)", "$x$ **b** `c`", "https://h.example", ":red[a]")
SEVEN = [[(100.0, 80.0), (160.0, 80.0), (220.0, 80.0), (190.0, 140.0), (160.0, 250.0)]]

# Streamlit shows these as they are; the components of this app set text, never HTML.
AS_THEY_ARE = ("selectbox", "bidi_component", "file_uploader")


def hostile_model(classes=NAMES):
    rng = np.random.default_rng(0)
    phi = feature_map("pixels")
    return SoftmaxModel(classes, rng.normal(size=(len(classes), phi.dimension)), phi, "pen")


def texts(message):
    """All texts in a message of the protocol."""
    for field, value in message.ListFields():
        repeated = not isinstance(value, str | bytes | Message) and hasattr(value, "__iter__")
        for each in value if repeated else [value]:
            if isinstance(each, Message):
                yield from texts(each)
            elif isinstance(each, str) and field.name not in ("id", "icon"):
                yield each


def shows_text_only(at):
    seen = 0
    for element in [*at._tree]:
        proto = getattr(element, "proto", None)
        if element.type in AS_THEY_ARE or not isinstance(proto, Message):
            continue
        for text in texts(proto):
            seen += 1
            assert TAG not in text, element
            for name in NAMES:
                assert element.type == "html" or name not in text, element
    assert seen > 5


@pytest.mark.parametrize(
    "name",
    [
        PICTURE,
        *(pytest.param(n, marks=pytest.mark.slow) for n in (TAG, "pairs", "a" * 500, "\n# a")),
        "🙂\u202e",
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_names_as_text(page, name, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/rooms.db")  # of the Workshop page
    at = open_page(page)
    session = at.session_state["session"]
    session.show(SEVEN)
    file = shown_name(name)
    session.model_name = session.keep(file, hostile_model())
    assert session.model is not load_model(DEFAULT_MODEL)
    session.keep(f"{file[:30]} of digits", load_model("pairs"))
    session.notice = f"{name}: not a model"
    if page in ("weights", "evaluate"):
        run(at)
        for model in list(session.trained):
            control(at, "selectbox", f"{page}-model").set_value(model)
            shows_text_only(run(at))
    shows_text_only(run(at))


@pytest.mark.parametrize("value", [PICTURE, TAG, "x" * 5000, ":material/home:"])
def test_a_link_is_shown_as_text(value):
    at = open_page("draw")
    at.query_params["grid"] = value
    at.query_params["model"] = value
    problem = sent(run(at), "tools")["said"]
    assert "The link" in problem and len(problem) < 500
    shows_text_only(at)


@pytest.mark.parametrize("page", ["weights", "evaluate"])
def test_a_file_is_named_as_text(page):
    at = open_page(page)
    file = io.BytesIO()
    save_model(hostile_model(), file)
    for content in (file.getvalue(), b"no model"):
        upload = (f"{PICTURE}.npz", content, "application/zip")
        at.file_uploader(key=f"{page}-model-file").set_value(upload)
        shows_text_only(run(at))


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@given(st.text(alphabet=st.sampled_from("ab1 \\`*_{}[]()#+-.!~|<>:$&@/^\n=\t;'\""), max_size=60))
def test_markdown_shows_plain_text_as_it_is(text):
    shown = MARKDOWN.render(plain(text))
    if not text.strip():
        return
    found = re.fullmatch(r"<p>(.*)</p>\n", shown)
    assert found, shown
    assert not re.search(r"<(?!/p>)", found[1]), shown
    assert html.unescape(found[1]).replace(WORD_JOINER, "") == " ".join(text.split())


def test_plain_text_is_short_and_printable():
    assert plain("a\x00b\u202ec\nd") == "a b c d"
    assert len(plain("a" * 10**6)) < 320
    assert plain("three, 3.5 (three and a half)") == "three, 3.5 (three and a half)"


def test_a_model_of_the_same_name_as_a_shipped_one_never_takes_its_place():
    session = Session()
    assert session.keep(DEFAULT_MODEL, hostile_model()) == f"{DEFAULT_MODEL} (own)"
    assert session.model is load_model(DEFAULT_MODEL) or session.model.classes[0] == "0"
