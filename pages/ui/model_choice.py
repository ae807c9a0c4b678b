"""Which model a page shows: a shipped one, one trained here, or one from a file."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui import budget, gate
from pages.ui.model_names import title_of
from pages.ui.session import Session, session
from softmax_core import load_model, prepare
from softmax_core.errors import InputError
from softmax_core.grids import Grid

KEYS = 16  # of one control, taken in turn: no message is that late


def choose(label: str, options, value: Any, act: Callable, name: str, widget=None, **more) -> None:
    """A choice whose value the page's own state keeps, so that it survives a page change.

    What was not offered changes nothing.
    """
    key, take = showing(name, value, lambda key: gate.offered(key, options), act)
    (widget or st.selectbox)(label, options, key=key, on_change=take, **more)


def showing(
    name: str, value: Any, read: Callable[[str], Any], act: Callable[[Any], None]
) -> tuple[str, Callable[[], None]]:
    """The key of a control that shows `value`, and what it calls when it has been moved.

    With every message a browser sends the values of all controls. One that was sent before it
    heard of a value that the page gave would take that back: so a control that is given another
    value gets another key, and what comes for the former one changes nothing. `read` takes from
    the gate what was chosen under a key, or None.
    """
    state = session()
    controls = state.controls
    number, last = controls.get(name, (0, value))
    if value != last:
        number = (number + 1) % KEYS
    controls[name] = number, value
    key = f"{name}-{number}" if number else name
    st.session_state[key] = value

    def take() -> None:
        chosen = read(key) if controls[name][0] == number else None
        if chosen is not None:
            controls[name], state.notice = (number, chosen), ""
            act(chosen)

    return key, take


def model_choice(session: Session, value: str, act: Callable[[str], None], key: str) -> None:
    """A choice of models, and a file that adds one; what a file lacks is said."""
    row = st.container(horizontal=True, vertical_alignment="bottom", key="model-row")
    with row:
        choose(
            "Model",
            session.model_names,
            value,
            act,
            key,
            label_visibility="collapsed",
            format_func=lambda name: title_of(session, name),
        )
        with st.popover("From a file"):
            _upload(session, act, f"{key}-file")


def _upload(session: Session, act: Callable[[str], None], key: str) -> None:
    def take() -> None:
        name = take_model(session, key)
        if name:
            act(name)

    st.file_uploader("Weights as an NPZ file", "npz", key=key, on_change=take)


def take_model(session: Session, key: str) -> str | None:
    """Makes an uploaded model one of the session's; its name, or None, the reason in `notice`."""
    session.notice = ""
    try:
        sent = gate.upload(key, budget.MODEL_FILE)
        return sent and session.keep(sent.name, load_model(sent.file))
    except InputError as error:
        session.notice = f"The file holds no model that can be used: {error}"
        return None


def drawn_grid(session: Session, preparation: str) -> Grid:
    """The visitor's drawing as a model of that preparation reads it; all false without one."""
    if session.edited is not None:
        return session.edited
    drawing = session.strokes if session.picture is None else session.picture
    return prepare(drawing, preparation, everything=session.input.everything).grid
