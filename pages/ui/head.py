"""The top of a page: its title, a switch for light and dark, and one for the projector's view."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.ui import gate
from pages.ui.link import PROJECTOR, VIEW, named, not_there
from pages.ui.session import Session
from pages.ui.text import plain

component = st.components.v2.component(
    "head",
    html='<div class="switches"><button aria-label="Switch to the other theme"></button>'
    '<button class="view"></button></div>',
    js=(Path(__file__).parent / "head.js").read_text("utf-8"),
    isolate_styles=False,
)


def follow_view(state: Session) -> None:
    """Takes the view from the address, or writes it there, so that it outlives a change of page."""
    asked = gate.link(VIEW).get(VIEW)
    if asked == PROJECTOR:
        state.projector = True
    elif asked is not None:
        del st.query_params[VIEW]
        said = plain(not_there([named(VIEW, asked)]))
        st.toast(said, duration="long")  # outlives the page, which may begin anew at once
    if state.projector and asked != PROJECTOR:
        st.query_params[VIEW] = PROJECTOR


def head(state: Session, title: str, theme: str, paths: Sequence[str]) -> None:
    """The title, and the switches: `theme` is the one that is shown, as far as the server knows,
    `paths` are the addresses for which a browser keeps one."""

    def take() -> None:
        state.projector = gate.text("head", VIEW) == PROJECTOR
        if not state.projector and VIEW in st.query_params:
            del st.query_params[VIEW]

    with st.container(horizontal=True, vertical_alignment="center", key="title"):
        st.title(title, anchor=False, width="stretch")
        component(
            key="head",
            data={
                "page": title,
                "theme": theme,
                "projector": state.projector,
                "paths": paths,
            },
            width="content",
            on_view_change=take,
            on_theme_change=lambda: None,
        )
