"""The landing page: draw a digit, see its class, what the model sees, and why."""

import streamlit as st

from pages.ui.address import follow_link
from pages.ui.canvas import answer_first, canvas, send_at_pen_up
from pages.ui.draw.controls import drawing_tools, model_choice
from pages.ui.draw.switches import grid_switches
from pages.ui.kept import keep_drawing
from pages.ui.pictures import (
    answer_html,
    bars_html,
    bitmap_html,
    counts_html,
    evidence_html,
    step_html,
)
from pages.ui.set_up import comes_next, set_up
from pages.ui.text import flip_sentence, plain
from softmax_core import prepare
from softmax_core.errors import InputError
from softmax_core.explain import answer, evidence_of, flips, scale_of

state = set_up("Draw a digit")
follow_link(state)
send_at_pen_up(key="send-at-pen-up")


def stations(prepared, grid, changes) -> None:
    st.subheader("What the model sees")
    drawing, switched = st.columns([2, 1], gap="medium")
    framed = bitmap_html(prepared.bitmap, "Framed: upright, 32×32")
    counted = counts_html(prepared.counts, 16, "Counted: inked of 16")
    drawing.html(f'<div class="side-by-side">{framed}{counted}</div>')
    with switched.container(gap=None):
        st.html(step_html("The grid: press a cell to switch it"))
        grid_switches(state, grid, changes[0].index if changes else None)
        if state.edited is not None and (state.strokes or state.picture):
            st.button("Back to the drawing", on_click=state.edit, args=(None,))


def reasons(model, grid, result, changes) -> None:
    st.markdown(
        f"**Which single pixel changes the answer?** "
        f"{plain(flip_sentence(changes, model.classes, result.label))}"
    )
    st.subheader("Why")
    st.markdown(
        r"The evidence $w_k \odot \varphi(x)$, cell by cell: orange speaks for, blue against. "
        "The numbers are the running sum, from the bias to the score."
    )
    evidence = evidence_of(model, grid)
    best, contrast = evidence[result.best], evidence[result.best] - evidence[result.second]
    scale, name = scale_of(best, contrast), model.classes[result.second]
    left, right = st.columns(2)
    left.html(evidence_html(best, scale, f"Evidence for {result.label}"))
    right.html(evidence_html(contrast, scale, f"{result.label} rather than {name}"))


@st.fragment
def board() -> None:
    top = st.container(horizontal=True, gap="large", key="board")
    left, right = top.container(width=322), top.container(key="result")
    with left:
        try:
            canvas(state)
            prepared, problem = state.prepared(), state.notice
        except InputError as error:
            prepared, problem = prepare([], state.model.preparation), str(error)
    model, grid = state.model, prepared.grid if state.edited is None else state.edited
    result = answer(model, grid, state.extent)
    with right:
        st.html(answer_html(result, len(state.strokes)))
        st.html(bars_html(result))
        if problem:
            st.error(plain(problem))
    answer_first()
    drawing_tools(state, left)
    with right:
        model_choice(state)
    changes = flips(model, grid) if result.has_class else ()
    stations(prepared, grid, changes)
    if result.has_class:
        reasons(model, grid, result, changes)
    keep_drawing(state)


board()
comes_next("draw")
