"""What every page does first: navigation, page config, theme; and sections below the screen."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page
from threadpoolctl import threadpool_limits

from pages.ui.session import Session, session

PAGES = ("draw", "train", "weights", "gradient", "evaluate")  # in the order of the navigation

ASSETS = Path(__file__).parents[2] / "assets"


def dark() -> bool:
    """Whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def navigation() -> Page:
    """Page config and navigation; the returned page is the one that the address names."""
    icon = str(ASSETS / "icon.png")
    st.set_page_config(page_title="Softmax regression", page_icon=icon, layout="wide")
    folder = Path(__file__).parents[1]
    pages = [
        st.Page(folder / f"{name}.py", title=name.capitalize(), url_path=name, default=not order)
        for order, name in enumerate(PAGES)
        if (folder / f"{name}.py").exists()
    ]
    session().has_navigation = True
    return st.navigation(pages, position="top")


@st.cache_resource(show_spinner=False)
def one_blas_thread() -> None:
    """Small matrices are slower with two BLAS threads, which also fight with other visitors'."""
    threadpool_limits(1, user_api="blas")


def set_up(title: str) -> Session:
    """What each page calls first; it may be called again. Returns the visitor's session.

    On a fresh server a link to a page runs the page's file without `app.py`: the navigation is
    then made here, and every later run goes through `app.py`.
    """
    state = session()
    if not state.has_navigation:
        navigation()
    one_blas_thread()
    st.html(ASSETS / "style.css")
    st.title(title)
    return state


def below(name: str, **options) -> DeltaGenerator:
    """A container that the browser need not lay out until it is scrolled to."""
    return st.container(key=f"below-{name}", **options)
