"""The Weights page: what a model has learned, and what one weight does."""

import streamlit as st

from pages.ui import weights_parts as parts
from pages.ui.model_choice import model_choice
from pages.ui.session import below, set_up
from pages.ui.weights_state import weights_state

state = set_up("Weights")
page = weights_state(state)
model_choice(state, page.name, page.choose_model, "weights-model")
if state.notice:
    st.error(state.notice)


@st.fragment
def weights() -> None:
    parts.all_classes(page)
    parts.one_class(page)
    with below("pairs"):
        parts.pairs(page)
    with below("editor"):
        parts.editor(page)


weights()
