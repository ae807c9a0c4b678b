"""The landing page: draw a digit, see the grid, its class, what was done to it, and why."""

import streamlit as st

from pages.ui.address import follow_link
from pages.ui.canvas import answer_first, canvas, send_at_pen_up
from pages.ui.draw.chain import chain
from pages.ui.draw.home import take_home
from pages.ui.draw.photo import photo
from pages.ui.draw.reading import Reading
from pages.ui.draw.sections import sections
from pages.ui.draw.tools import tools
from pages.ui.kept import keep_drawing
from pages.ui.set_up import comes_next, set_up
from softmax_core.errors import InputError

state = set_up("Draw a digit")
follow_link(state)
send_at_pen_up(key="send-at-pen-up")


@st.fragment
def board() -> None:
    row = st.container(horizontal=True, key="board")
    left, right = row.container(key="board-left", width=322), row.container(key="board-right")
    refused = ""
    with left:
        try:
            if state.picture is None:
                canvas(state)
            else:
                photo(state)
        except InputError as error:
            refused = str(error)
    reading = Reading(state, refused)
    with right:
        chain(state, reading)
    answer_first()
    with left:
        tools(state)
    sections(state, reading)
    keep_drawing(state)


board()
take_home(state)
comes_next("draw")
