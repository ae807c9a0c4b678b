"""The model that answers on the Draw page, as one file that draws and classifies by itself."""

import streamlit as st

from pages.ui.session import Session
from softmax_core.take_home import to_html


def take_home(state: Session) -> None:
    """A page that needs no server and no network; made when it is asked for."""
    with st.expander("Take the model home"):
        st.write(
            "The model that answers above, as one HTML file: it draws, prepares and classifies in "
            "the browser, with no server and no network."
        )
        st.download_button(
            "The model as a page (HTML)",
            lambda: to_html(state.model, "Softmax regression"),
            "softmax-regression.html",
            on_click="ignore",
        )
