"""What every page does first and last: navigation, page config, theme, title, what comes next."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page
from streamlit.runtime.pages_manager import PagesManager
from threadpoolctl import threadpool_limits

from pages.ui.contents import PAGES, PATHS
from pages.ui.head import follow_view, head
from pages.ui.kept import keep_all, keep_left
from pages.ui.link import PROJECTOR, VIEW
from pages.ui.session import Session, session

ICON = Path(__file__).parents[2] / "assets" / "icon.png"


def dark() -> bool:
    """Whether the browser shows the dark theme."""
    return st.context.theme.type == "dark"


def navigation() -> Page:
    """Page config and navigation; the returned page is the one that the address names."""
    st.set_page_config(page_title="Softmax regression", page_icon=str(ICON), layout="wide")
    folder = Path(__file__).parents[1]
    pages = [
        st.Page(folder / f"{name}.py", title=name.capitalize(), url_path=name, default=not order)
        for order, name in enumerate(PAGES)
    ]
    session().has_navigation = True
    by_folder = PagesManager.uses_pages_directory
    page = st.navigation(pages, position="top")
    if by_folder:
        st.rerun()  # the process's first run named its elements in another way than all later ones
    return page


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
    if state.title != title:
        state.title, state.notice = title, ""
    one_blas_thread()
    follow_view(state)
    keep_all(state)
    head(state, title, "dark" if dark() else "light", PATHS)
    return state


def comes_next(name: str) -> None:
    """What each page ends with: what is kept of it, and the way to the page that follows."""
    keep_left(session())
    names = list(PAGES)
    following = names[(names.index(name) + 1) % len(names)]
    st.divider()
    link_to(following, f"**Next: {following.capitalize()}.** {PAGES[following]}")


def link_to(name: str, label: str, settings: Mapping[str, str] | None = None) -> None:
    """A link to a page with its settings, in the view that is shown."""
    view = {VIEW: PROJECTOR} if session().projector else {}
    st.page_link(
        f"pages/{name}.py",
        label=label,
        icon=":material/arrow_forward:",
        query_params={**(settings or {}), **view},
    )


def below(name: str, **options) -> DeltaGenerator:
    """A container that the browser need not lay out until it is scrolled to."""
    return st.container(key=f"below-{name}", **options)
