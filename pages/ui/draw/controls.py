"""The Draw page's buttons, and its choice of model."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.canvas import history_buttons
from pages.ui.model_choice import choose
from pages.ui.model_names import NOTES, title_of
from pages.ui.session import Session
from pages.ui.sources import next_sample, picture_upload
from pages.ui.text import plain


def drawing_tools(state: Session, place: DeltaGenerator) -> None:
    """Undo, clear, a sample, a picture."""
    row = place.container(horizontal=True, gap="xsmall")
    history_buttons(state, row)
    row.button("Clear", on_click=state.show, args=((),))
    row.button("Sample", on_click=next_sample, args=(state,), help="A digit of the test set")
    with row.popover("Picture"):
        picture_upload(state)


def model_choice(state: Session) -> None:
    """The shipped models and those trained in this session."""
    choose(
        "Model",
        state.model_names,
        state.model_name,
        lambda name: setattr(state, "model_name", name),
        "model",
        st.radio,
        format_func=lambda name: plain(title_of(state, name)),
        horizontal=True,
    )
    st.caption(NOTES.get(state.model_name, "Trained in this session."))
