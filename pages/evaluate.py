"""The Evaluate page: when a model is wrong, and why."""

import streamlit as st

from pages.ui.cached import held_out
from pages.ui.evaluate import sections as parts
from pages.ui.evaluate.state import evaluate_state
from pages.ui.link import follow, write
from pages.ui.model_choice import model_choice
from pages.ui.set_up import below, comes_next, set_up
from pages.ui.text import plain
from softmax_core.errors import InputError

state = set_up("Evaluate")
page = evaluate_state(state)
follow(page, ("model", "data", "label", "prediction"), page.follow)
model_choice(state, page.name, page.choose_model, "evaluate-model")
if state.notice:
    st.error(plain(state.notice))
try:
    data = page.data
except InputError as error:
    st.info(plain(str(error)))
    comes_next("evaluate")
    st.stop()
parts.data_choice(page)
write(page, page.leads_here)
found = held_out(page.model, data.name)
parts.result(page, data, found)
with below("sources"):
    parts.sources(page)
with below("confusion"):
    st.fragment(parts.confusion)(page, data, found)
with below("mistakes"):
    st.fragment(parts.mistakes)(page, data, found)
with below("preparation"):
    st.fragment(parts.preparation)(page)
with below("side-by-side"):
    st.fragment(parts.side_by_side)(page)
comes_next("evaluate")
