"""The Gradient page: the derivation in seven steps, with the numbers of one's own drawing."""

import streamlit as st

from pages.ui.gradient import sections as parts
from pages.ui.gradient.state import gradient_state
from pages.ui.set_up import below, comes_next, set_up

page = gradient_state(set_up("The gradient, step by step"))
st.write(
    "How does the log-likelihood change when one weight changes? Take a digit, press a weight, and "
    "follow it from the scores to the answer."
)
parts.symbols()


@st.fragment
def derivation() -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        parts.weights_choice(page)
        has_sample = parts.sample(page)
    if not has_sample:
        return
    with right:
        parts.result(page)
    parts.steps(page)
    with below("total"):
        parts.total(page)
    with below("differences"):
        parts.differences(page)
    with below("one-step"):
        parts.one_step(page)


derivation()
with below("bug"):
    st.fragment(parts.bug)(page)
with below("code"):
    parts.code()
comes_next("gradient")
