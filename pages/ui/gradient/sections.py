"""The top of the Gradient page, and its steps: layout only, the numbers come with the state."""

import streamlit as st

from pages.ui.canvas import canvas, history_buttons, send_at_pen_up
from pages.ui.cells import Group, cells, largest
from pages.ui.gradient import tables
from pages.ui.gradient.followed import followed
from pages.ui.gradient.formulas import STEPS, SYMBOLS, live
from pages.ui.gradient.state import DIGIT, DRAWING, PHI, STARTS, GradientState
from pages.ui.gradient.terms import coloured
from pages.ui.model_choice import choose
from pages.ui.model_names import name_of
from pages.ui.pictures import grid_html
from pages.ui.set_up import below
from pages.ui.text import fixed, number, plain
from softmax_core.errors import InputError

TITLES = [PHI.title(i) for i in range(PHI.dimension)]


def choices(page: GradientState) -> None:
    """The sample, its label, and the weights W, in one row."""
    choose(
        "Sample",
        (DIGIT, DRAWING),
        page.source,
        page.choose_source,
        "gradient-source",
        st.segmented_control,
        required=True,
        label_visibility="collapsed",
        width="content",
    )
    if page.source == DIGIT:
        st.button("Another digit", on_click=page.next_digit)
    choose(
        "Its label y",
        range(len(page.classes)),
        page.label_now,
        lambda k: setattr(page, "label", k),
        "gradient-label",
        format_func=lambda k: f"label y: {page.classes[k]}",
        label_visibility="collapsed",
        width=130,
    )
    choose(
        "Weights W",
        page.starts,
        page.start,
        page.choose_start,
        "gradient-start",
        format_func=lambda name: f"W: {STARTS.get(name, name_of(name))}",
        label_visibility="collapsed",
        width=300,
    )


def drawing(page: GradientState) -> None:
    """The canvas, where the sample is the visitor's own; it stays when it is cleared."""
    page.chosen = DRAWING
    send_at_pen_up(key="send-at-pen-up")
    try:
        canvas(page.session)
    except InputError as error:
        st.error(plain(str(error)))
        return
    tools = st.container(horizontal=True, gap="xsmall")
    history_buttons(page.session, tools)
    tools.button("Clear", on_click=page.session.show, args=((),))
    if not page.grid.any():
        st.info("Draw a digit, here or on the Draw page: its numbers run through the steps.")


def gradient_pictures(page: GradientState, values, key: str, name: str) -> None:
    """K small pictures, one of which is enlarged below: there a cell is a weight to follow."""
    k, _ = page.place
    groups = [
        Group(label, row, [f"{name} of class {label}"], wide=True)
        for label, row in zip(page.classes, values.tolist(), strict=True)
    ]
    cells(
        key,
        groups,
        largest(values),
        lambda k, _: page.look_at(k),
        selected=(k, 0),
        across=len(groups),
        lead=8,
        whole=True,
    )


def large(page: GradientState, values, key: str, name: str) -> None:
    """The followed class's picture; a pressed cell is the weight that is followed."""
    k, i = page.place
    label, row = page.classes[k], values[k].tolist()
    titles = [
        f"{name}, class {label}, {title}: {number(value, 4)}"
        for title, value in zip(TITLES, row, strict=True)
    ]
    picture = Group(f"{name}, class {label}", row, titles, [fixed(v, 2) for v in row], wide=True)
    cells(
        key,
        [picture],
        largest(values),
        lambda _, i: page.pick(k, i),
        selected=(0, i),
        across=1,
        largest=360,
        lead=24,
    )


def result(page: GradientState) -> bool:
    """The sample, its gradient for every class, and for the followed one large; whether there is a
    sample. The canvas stays where it is, and is asked first: all the rest is of what is on it."""
    st.markdown(
        coloured(
            "For every class and pixel: **seen** $@y{y_k}$ minus **expected** $@P{P_k}$, times "
            "**ink** $@f{\\varphi_i}$. Press a class, then a pixel: its weight is followed."
        )
    )
    followed_weight, pictures = st.container(key="followed"), st.container()
    with st.container(key="gradient-top"):
        sample, picture, expected = st.columns([10, 12, 10], gap="medium")
    if page.source == DRAWING:
        with sample:
            drawing(page)
    d, (_, i) = page.derivation, page.place
    if page.source == DIGIT:
        grid = grid_html(page.grid, "The sample: ink φ", i - 1)
        sample.html(f'<div class="phi">{grid}</div>')
    with followed_weight:
        followed(d, page.classes, page.place, page.grid, [s.title for s in STEPS])
    with pictures:
        gradient_pictures(page, d.gradient, "gradient-sample", "Gradient")
    with picture:
        large(page, d.gradient, "gradient-one", "Derivative")
    with expected:
        st.html(tables.seen_and_expected(d, page.classes))
    return bool(page.grid.any())


def symbols() -> None:
    with st.expander("Symbols on this page"):
        st.markdown(
            coloured("\n\n".join(f"${symbol}$ — {meaning}" for symbol, meaning in SYMBOLS.items()))
        )


def steps(page: GradientState) -> None:
    """The steps: the formula and what it says, and beside it (style.css) this sample's numbers."""
    d, place, classes = page.derivation, page.place, page.classes
    k, _ = place
    shown = (
        tables.forward_table(d, classes, k),
        "",
        tables.factors_table(d, classes, k),
        tables.jacobian_table(d, classes, k),
        tables.column_table(d, classes, place),
        tables.cancelling_table(d, classes, place),
        tables.collapse_table(d, classes, k),
        tables.residual_table(d, classes, k),
    )
    numbers = live(d, classes, place, float(page.weights[k, 0]))
    for n, (step, table, with_numbers) in enumerate(zip(STEPS, shown, numbers, strict=True)):
        with below(f"step-{n}", border=True):
            st.markdown(
                coloured(f"### {n}. {step.title}\n\n$$\n{step.formula}\n$$\n\n{step.words}")
            )
            st.markdown(coloured(f"With this sample and weight:\n\n$$\n{with_numbers}\n$$"))
            if table:
                st.html(table)
