"""The live training dashboard: watch softmax regression learn, and look back at any epoch."""

import streamlit as st

from pages.ui.canvas import answer_first
from pages.ui.figures import palette
from pages.ui.set_up import comes_next, dark, set_up
from pages.ui.text import plain
from pages.ui.train import controls, screen
from pages.ui.train.live import leaf, live
from softmax_core.errors import InputError

state = set_up("Train")
lab = controls.laboratory(state)
top = st.container(horizontal=True, key="train-top")
said = st.container(horizontal=True, vertical_alignment="center", key="status")
place = st.container()
controls.lessons(lab)
view = controls.axes(lab)
try:
    lab.prepare(controls.settings(lab))
except InputError as error:
    st.error(plain(str(error)))
with top:
    controls.buttons(lab)
with said:
    controls.status(lab, state.notice)
laid_out = controls.moved(lab)


@st.fragment
def run() -> None:
    """The only part that runs while the browser draws, frame by frame."""
    live(screen.message(lab, palette(dark()), view), lab.tick, lab.look)
    if not lab.going:
        answer_first()
        leaf(screen.album(lab, view))
    if controls.moved(lab) != laid_out:
        st.rerun()


with place:
    run()
controls.runs(lab)
controls.take_away(lab, state, lambda: screen.figures(lab, palette(dark()), view))
comes_next("train")
