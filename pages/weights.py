"""The Weights page: what a model has learned, and what one weight does."""

import streamlit as st

from pages.ui.link import follow, write
from pages.ui.model_choice import model_choice
from pages.ui.set_up import below, comes_next, set_up
from pages.ui.text import plain
from pages.ui.weights import sections as parts
from pages.ui.weights.state import weights_state

state = set_up("Weights")
page = weights_state(state)
follow(page, ("model", "class", "minus", "row", "column"), page.follow)
model_choice(state, page.name, page.choose_model, "weights-model")
if state.notice:
    st.error(plain(state.notice))
chosen = page.name


@st.fragment
def weights() -> None:
    if page.name != chosen:
        st.rerun()  # one was kept: the choice above, and what the browser keeps, have to follow
    parts.all_classes(page)
    parts.one_weight(page)
    write(page, page.leads_here)
    with below("class"):
        parts.more_of_the_class(page)
    with below("pairs"):
        parts.pairs(page)
    with below("predictions"):
        parts.predictions(page)


weights()
comes_next("weights")
