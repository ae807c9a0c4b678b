"""Workshop rooms: a class draws its own symbols, and the model learns from them."""

import streamlit as st

from pages.ui.set_up import comes_next, set_up
from pages.ui.text import plain
from pages.ui.workshop import sections as parts
from pages.ui.workshop.state import workshop_state
from softmax_core.errors import InputError, UnavailableError

session = set_up("Workshop")
page = workshop_state(session)
parts.follow_link(page)
parts.notice(page)
try:
    if not page.code:
        parts.welcome(page)
    elif page.leads is not None:
        parts.lead(page)
    else:
        parts.participate(page)
        parts.take_home(page, session)
except UnavailableError as error:
    st.error(plain(str(error)))
    parts.ask_again()
except InputError as error:
    st.error(plain(str(error)))
    st.button("Back", on_click=parts.leave, args=(page,))
comes_next("workshop")
