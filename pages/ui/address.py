"""A link to the Draw page: what it restores, and how it is made."""

import hashlib
from urllib.parse import urlencode

from pages.ui import budget, gate
from pages.ui.session import Input, Session
from pages.ui.strokes import from_code, to_code
from softmax_core.errors import InputError
from softmax_core.grids import from_hex, to_hex

NAMES = ("strokes", "grid", "model")  # what a link may hold


def follow_link(state: Session) -> None:
    """Takes drawing, grid and model from the address, once."""
    link = gate.link("grid", "model") | gate.link("strokes", most=budget.LINK + 1)
    mark = hashlib.sha256(repr(link).encode()).hexdigest() if link else ""
    if mark in ("", state.link):
        return
    state.link = mark
    wrong, strokes, edited = [], (), None
    try:
        strokes = from_code(link.get("strokes", ""), budget.LINK)
    except InputError as error:
        wrong.append(f"The link has no drawing that can be restored: {error}.")
    try:
        edited = to_hex(from_hex(link["grid"])) if "grid" in link else None
    except InputError as error:
        wrong.append(f"The link has no grid that can be restored: {error}.")
    name = link.get("model", state.model_name)
    if name in state.model_names:
        state.model_name = name
    else:
        there = ", ".join(state.model_names)
        wrong.append(f"The link asks for a model {name[:40]!r}; there are {there}.")
    if strokes or edited:
        state.take(Input(strokes, edited=edited))
    state.notice = " ".join(wrong)


def link_of(state: Session) -> str:
    """The query of a link that restores the drawing, a switched grid, and the model.

    A drawing that is too long for a link, and a picture, are in it as their grid.
    """
    code, edited = to_code(state.strokes), state.input.edited
    if len(code) > budget.LINK or state.picture is not None:
        code, edited = "", to_hex(state.grid)
    query = {"strokes": code, "grid": edited, "model": state.model_name}
    return urlencode({name: value for name, value in query.items() if value})
