"""The sections of the Weights page: layout only, the numbers come with the page's state."""

from html import escape

import streamlit as st

from pages.ui import gate
from pages.ui.cached import held_out, some_of_each
from pages.ui.canvas import history_buttons
from pages.ui.cells import Group, cells, largest
from pages.ui.figures import palette
from pages.ui.model_choice import choose, showing
from pages.ui.pictures import answer_html, bars_html, counts_html, digits_html, grid_html
from pages.ui.set_up import dark
from pages.ui.sources import next_sample
from pages.ui.tables import table_html
from pages.ui.text import fixed, number, percent, plain, signed
from pages.ui.weights.links import links_html
from pages.ui.weights.results import seen_ink
from pages.ui.weights.state import WeightsState
from softmax_core import unpack
from softmax_core.inspection import Ink

EACH = 5  # digits of every class in the grid of predictions
SHOWN = 65  # the bias and the pixels: what the pictures show


def group(page: WeightsState, k: int, values, name: str, hatched, *, texts: bool = False) -> Group:
    """One picture of a bias and 64 pixels."""
    phi = page.model.features
    values = values[:SHOWN].tolist()
    return Group(
        name,
        values,
        [f"{name}, {phi.title(i)}: {number(v, 4)}" for i, v in enumerate(values)],
        texts=[fixed(v, 1) for v in values] if texts else (),
        wide=True,
        hatched=[pixel + 1 for pixel in hatched],
    )


def ink_of(page: WeightsState, k: int) -> Ink | None:
    """The ink of the training digits; None where there are none of class k."""
    ink = seen_ink(page.original)
    return ink if ink is not None and ink.totals[k] else None


def unlit(page: WeightsState, k: int):
    """The pixels that no training digit of class k lit."""
    ink = ink_of(page, k)
    return () if ink is None else ink.never(k)


def all_classes(page: WeightsState) -> None:
    """K pictures on one scale; the one that is pressed is enlarged below."""
    st.markdown(
        "One number for each class and pixel: **orange** speaks for the class where there is ink, "
        "**blue** against it. Press a class, then a pixel, and move its weight."
    )
    model, (k, _) = page.model, page.entry
    groups = [
        Group(name, row[:SHOWN].tolist(), [f"Weights of class {name}"], wide=True)
        for row, name in zip(model.weights, model.classes, strict=True)
    ]
    cells(
        "weights-all",
        groups,
        page.scale,
        lambda k, _: page.look_at(k),
        selected=(k, 0),
        across=len(groups),
        lead=8,
        whole=True,
    )


def one_weight(page: WeightsState) -> None:
    """The class that is looked at, large; beside it the weight that is pressed, and its effect."""
    with st.container(key="weight"):
        picture, slider, effect = st.columns([12, 11, 10], gap="medium")
    with picture:
        name = page.model.classes[page.entry[0]]
        large(
            page,
            "weights-one",
            page.model.weights[page.entry[0]],
            f"w of {name}",
            unlit(page, page.entry[0]),
            page.scale,
        )
    with slider:
        editor(page)
    with effect:
        drawing(page)


def large(page: WeightsState, key: str, values, name: str, hatched, scale: float) -> None:
    k, i = page.entry
    picture = group(page, k, values, name, hatched, texts=True)
    cells(
        key,
        [picture],
        scale,
        page.pick_of(k),
        selected=(0, i),
        across=1,
        largest=360,
        lead=24,
    )


def editor(page: WeightsState) -> None:
    """A slider for the weight that is pressed, and what a change does to held-out digits."""
    model, (k, i) = page.model, page.entry
    with st.container(key="slider", gap="xsmall"):
        label = f"Weight of class {plain(model.classes[k])}, {model.features.title(i)}"
        choose_value(page, label, page.bound)
        accuracies(page)
    row = st.container(horizontal=True, gap="xsmall")
    history_buttons(page, row)
    row.button("Reset", on_click=page.reset, disabled=not page.changed)
    row.button("Keep as a model", on_click=page.keep, disabled=not page.changed)
    st.html(f'<p class="remark" role="status">{escape(page.kept)}</p>')


def accuracies(page: WeightsState) -> None:
    """Held-out accuracy now, and before the changes."""
    if not page.data:
        st.info(plain(page.why_no_data))
        return
    before, after = (held_out(m, page.data.name).accuracy for m in (page.original, page.model))
    change = after.correct - before.correct
    moved = f"{signed(change)} by your changes" if page.changed else "as it was learned"
    st.html(
        f'<div class="effect"><b>{percent(after.value)}</b> '
        f'<span class="rest">of {after.total:,} digits by other hands are </span>right: '
        f"{after.correct:,}, {moved}</div>"
    )


def choose_value(page: WeightsState, label: str, bound: float) -> None:
    def read(key: str) -> float | None:
        value = gate.number(key, -bound, bound)
        return None if value is None else page.as_weight(value)

    key, take = showing("weights-value", page.value, read, page.change)
    st.slider(label, -bound, bound, key=key, on_change=take, step=bound / 200, format="%.2f")


def drawing(page: WeightsState) -> None:
    """What the model as it is now says to the visitor's drawing."""
    grid = page.grid
    if grid.any():
        st.html(
            f'<div class="drawn">{grid_html(grid, "Your drawing")}'
            f"{answer_html(page.answer, len(page.session.strokes))}</div>{bars_html(page.answer)}"
        )
    else:
        st.info("No drawing yet: draw a digit, and see here what a weight does to its class.")
        st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
        st.button("Try a sample", on_click=next_sample, args=(page.session,))


def more_of_the_class(page: WeightsState) -> None:
    """Its mean digit, what tells it from another class, and what the hatched pixels are."""
    model, (k, _) = page.model, page.entry
    classes, name = model.classes, model.classes[k]
    other = classes[page.other]
    st.subheader(f"Class {plain(name)}, and what tells it from {plain(other)}")
    left, right = st.columns(2, gap="large")
    with left:
        mean_digit(page, k)
        if len(unlit(page, k)):
            st.caption(f"Hatched above: no training digit of class {plain(name)} has ink there.")
    with right:
        choose(
            "Minus class",
            range(len(classes)),
            page.other,
            page.compare_with,
            "weights-other",
            format_func=lambda n: classes[n],
            width=160,
        )
        difference = model.weights[k] - model.weights[page.other]
        learned = page.original.weights[k] - page.original.weights[page.other]
        scale = largest(model.features.weight_images(learned))
        large(page, "weights-difference", difference, f"{name} minus {other}", (), scale)
        st.caption(
            f"Orange pixels make {plain(name)} more probable than {plain(other)}, blue ones less."
        )
    with st.expander("These weights as a table"):
        st.html(weights_table(page, k))


def mean_digit(page: WeightsState, k: int) -> None:
    ink = ink_of(page, k)
    if ink is None:
        st.info("The digits that this model has learned from are not here: no mean digit.")
        return
    st.html(
        counts_html(
            ink.percent(k), 100, f"Mean digit: of {ink.totals[k]:,} training digits, % inked"
        )
    )


def weights_table(page: WeightsState, k: int) -> str:
    values = page.model.weights[k]
    rows = [
        [str(row), *(number(float(v), 3) for v in line)]
        for row, line in enumerate(page.model.features.weight_images(values), 1)
    ]
    caption = f"w of {page.model.classes[k]} by row and column; bias {number(float(values[0]), 3)}"
    return table_html(["", *map(str, range(1, 9))], rows, caption=caption)


def pairs(page: WeightsState) -> None:
    """The weights of pairs of pixels, which pictures of pixels can't show."""
    phi, (k, _) = page.model.features, page.entry
    if not len(phi.links):
        return
    st.subheader("Pixels together")
    apart = int(abs(phi.links[:, 0] - phi.links[:, 1]).max())
    near = "neighbouring pixels" if apart == 1 else f"pixels up to {apart} apart"
    st.markdown(
        f"This model also weighs pairs of {near}: their product is 1 if both are inked. A link is "
        f"drawn for each of the {len(phi.links)} pairs, as wide as its weight is large; orange "
        "speaks for the class."
    )
    weights = phi.pair_weights(page.model.weights)
    scale, colours, name = largest(weights), palette(dark()), page.model.classes[k]
    left, right = st.columns(2, gap="large")
    left.html(links_html(phi.links, weights[k], scale, colours, f"Pairs of {name}"))
    difference = weights[k] - weights[page.other]
    other = page.model.classes[page.other]
    right.html(links_html(phi.links, difference, scale, colours, f"Pairs of {name} minus {other}"))


def predictions(page: WeightsState) -> None:
    """Held-out accuracy before and after, and the same digits of every class."""
    if not page.data:
        return
    st.subheader("Five digits of each class, before and after")
    split = page.data.test
    before = held_out(page.original, page.data.name)
    after = held_out(page.model, page.data.name)
    rows = some_of_each(page.data.name, EACH)
    names = page.model.classes
    said = [(names[before.predicted[n]], names[after.predicted[n]]) for n in rows]
    captions = [now if now == was else f"{was} → {now}" for was, now in said]
    wrong = [after.predicted[n] != split.labels[n] for n in rows]
    title = "Predictions; wrong ones in colour"
    st.html(digits_html(unpack(split.codes[rows]), captions, title, wrong, across=2 * EACH))
