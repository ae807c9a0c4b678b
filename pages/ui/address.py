"""The link in the address bar: it restores the grid and the model."""

import streamlit as st

from pages.ui import gate
from pages.ui.session import Session
from softmax_core.errors import InputError
from softmax_core.grids import Grid, from_hex, to_hex


def follow_link(state: Session) -> None:
    """Takes grid and model from the address, unless the page itself wrote them there."""
    link = gate.link("grid", "model")
    if link == state.link:
        return
    state.link = link
    wrong = []
    try:
        if "grid" in link:
            state.show([])
            state.edit(from_hex(link["grid"]))
    except InputError as error:
        wrong.append(f"The link has no grid that can be restored: {error}.")
    name = link.get("model", state.model_name)
    if name in state.model_names:
        state.model_name = name
    else:
        there = ", ".join(state.model_names)
        wrong.append(f"The link asks for a model {name[:40]!r}; there are {there}.")
    state.notice = " ".join(wrong)


def write_link(state: Session, grid: Grid) -> None:
    """Makes the address in the browser one that restores this grid and the chosen model."""
    link = {"grid": to_hex(grid), "model": state.model_name}
    if not grid.any():
        del link["grid"]
    if link != state.link:
        st.query_params.from_dict({**link, **gate.link("view")})
        state.link = link
