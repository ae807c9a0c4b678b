"""The live training dashboard: watch softmax regression learn, and look back at any epoch."""

import streamlit as st

from pages.ui.figures import palette
from pages.ui.set_up import comes_next, dark, set_up
from pages.ui.text import plain
from pages.ui.train import controls, screen
from pages.ui.train.live import live
from softmax_core.errors import InputError

state = set_up("Train")
st.write(
    "Press Start and watch the weights of every class become a digit while the log-likelihood "
    "L(W) rises. Or take a lesson:"
)
lab = controls.laboratory(state)
controls.lessons(lab)
view, side = st.columns([7, 2], gap="large")
with side:
    settings = controls.settings(lab)
    try:
        lab.prepare(settings)
    except InputError as error:
        st.error(plain(str(error)))


@st.fragment
def run() -> None:
    """The only part that runs while the browser draws, frame by frame."""
    live(screen.message(lab, palette(dark()), **drawn), lab.tick)
    if controls.moved(lab) != laid_out:
        st.rerun()


with view:
    controls.buttons(lab)
    controls.verdict(lab)
    place = st.container()
    drawn = controls.axes()
    laid_out = controls.moved(lab)
    with place:
        run()
    controls.rewind(lab)
    controls.runs(lab)
    controls.take_away(lab, state, lambda: screen.figures(lab, palette(dark()), **drawn))
comes_next("train")
