"""The Gradient page: the derivation step by step, with the numbers of one's own drawing."""

import streamlit as st

from pages.ui.canvas import answer_first
from pages.ui.gradient import more
from pages.ui.gradient import sections as parts
from pages.ui.gradient.state import gradient_state
from pages.ui.gradient.terms import point_at_terms
from pages.ui.link import follow
from pages.ui.set_up import below, comes_next, set_up
from pages.ui.text import plain

PICTURES = 0.06  # seconds that a browser draws at the pictures of all classes

state = set_up("The gradient, step by step")
page = gradient_state(state)
follow(page, ("weights", "class", "row", "column"), page.follow)
if state.notice:
    st.error(plain(state.notice))
point_at_terms()


@st.fragment
def derivation() -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom", key="gradient-choices")
    there_is_a_sample = parts.result(page)
    with row:
        parts.choices(page)
    if not there_is_a_sample:
        return
    answer_first(PICTURES)
    parts.steps(page)
    with below("total"):
        more.total(page)
    page.shown = page.followed
    with below("more"):
        go_on()


@st.fragment
def go_on() -> None:
    """Runs by itself; where it changes what is followed, the page follows when it has shown it."""
    more.go_on(page)
    if page.shown != page.followed:
        answer_first()
        st.rerun()


derivation()
parts.symbols()
comes_next("gradient")
