"""The sections of the Weights page: layout only, the numbers come with the page's state."""

import streamlit as st

from pages.ui import gate
from pages.ui.cached import held_out, some_of_each
from pages.ui.cells import Group, cells, largest
from pages.ui.figures import palette
from pages.ui.model_choice import choose
from pages.ui.pictures import answer_html, bars_html, counts_html, digits_html, grid_html
from pages.ui.set_up import dark
from pages.ui.sources import next_sample
from pages.ui.tables import facts_html, table_html
from pages.ui.text import fixed, number, percent, plain
from pages.ui.weights.links import links_html
from pages.ui.weights.results import seen_ink
from pages.ui.weights.state import WeightsState
from softmax_core import unpack

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
        hatched=[place + 1 for place in hatched],
    )


def unlit(page: WeightsState, k: int | None):
    """The pixels that no training digit of class k lit, or none of any class."""
    return seen_ink(page.data.name).never(k) if page.data else ()


def all_classes(page: WeightsState) -> None:
    """K pictures on one scale."""
    model = page.model
    st.markdown(
        "The weights $w_k$ of every class, the bias on top, on one scale: **orange** pixels speak "
        "for the class if they are inked, **blue** ones against it. Press one to look at it."
    )
    groups = [
        group(page, k, row, name, unlit(page, None))
        for k, (row, name) in enumerate(zip(model.weights, model.classes, strict=True))
    ]
    scale = largest(model.features.weight_images(model.weights))
    cells("weights-all", groups, scale, page.pick, selected=page.entry)
    st.caption(f"Full colour: a weight of ±{number(scale, 2)} or more.")
    if page.data:
        never = len(unlit(page, None))
        st.caption(
            f"Pixels that no training digit of the {page.data.title.lower()} ever lit: "
            f"{f'{never}, hatched' if never else 'none'}."
        )


def one_class(page: WeightsState) -> None:
    """One class large, its mean digit, and the difference to another class."""
    model, (k, _) = page.model, page.entry
    classes, name = model.classes, model.classes[k]
    st.header(f"Class {plain(name)}")
    columns = st.columns(3, gap="large")
    with columns[0]:
        choose(
            "Class",
            range(len(classes)),
            k,
            page.look_at,
            "weights-class",
            format_func=lambda n: classes[n],
        )
        large(
            page, "weights-one", model.weights[k], f"w of {name}", page.pick_of(k), unlit(page, k)
        )
        if page.data:
            st.caption(
                f"Hatched: pixels without ink in every training digit of class {plain(name)}."
            )
    with columns[1]:
        choose(
            "Minus class",
            range(len(classes)),
            page.other,
            page.compare_with,
            "weights-other",
            format_func=lambda n: classes[n],
        )
        other = classes[page.other]
        difference = model.weights[k] - model.weights[page.other]
        large(page, "weights-difference", difference, f"{name} minus {other}", page.pick_of(k), ())
        st.caption(
            f"Orange pixels make {plain(name)} more probable than {plain(other)}, blue ones less."
        )
    with columns[2]:
        mean_digit(page, k)
    with st.expander("These weights as a table"):
        st.html(weights_table(page, k))


def large(page: WeightsState, key: str, values, name: str, pick, hatched) -> None:
    _, i = page.entry
    picture = group(page, 0, values, name, hatched, texts=True)
    scale = largest(page.model.features.weight_images(values))
    cells(key, [picture], scale, pick, selected=(0, i), across=1, largest=360, lead=24)


def mean_digit(page: WeightsState, k: int) -> None:
    if not page.data:
        st.info("The digits that this model has learned from are not here: no mean digit.")
        return
    ink = seen_ink(page.data.name)
    st.html(
        counts_html(
            ink.percent(k), 100, f"Mean digit: of {ink.totals[k]:,} training digits, % inked"
        )
    )


def weights_table(page: WeightsState, k: int) -> str:
    values = page.model.weights[k]
    rows = [
        [str(row), *(number(float(v), 3) for v in line)]
        for row, line in enumerate(page.model.features.weight_images(values))
    ]
    caption = f"w of {page.model.classes[k]} by row and column; bias {number(float(values[0]), 3)}"
    return table_html(["", *map(str, range(8))], rows, caption=caption)


def pairs(page: WeightsState) -> None:
    """The weights of neighbour pairs, which pictures of pixels can't show."""
    phi, (k, _) = page.model.features, page.entry
    if not len(phi.links):
        return
    st.subheader("Neighbouring pixels together")
    st.markdown(
        f"This model also weighs pairs: the product of two neighbouring pixels is 1 if both are "
        f"inked. A link is drawn for each of the {len(phi.links)} pairs, as wide as its weight is "
        "large; orange speaks for the class."
    )
    weights = phi.pair_weights(page.model.weights)
    scale, colours, name = largest(weights), palette(dark()), page.model.classes[k]
    left, right = st.columns(2, gap="large")
    left.html(links_html(phi.links, weights[k], scale, colours, f"Pairs of {name}"))
    difference = weights[k] - weights[page.other]
    other = page.model.classes[page.other]
    right.html(links_html(phi.links, difference, scale, colours, f"Pairs of {name} minus {other}"))


def editor(page: WeightsState) -> None:
    """A slider for one weight, and what it does at once."""
    model, (k, i) = page.model, page.entry
    st.header("Change a weight")
    bound = page.bound
    name = plain(model.classes[k])
    choose_value(page, f"Weight of class {name}, {model.features.title(i)}", bound)
    row = st.container(horizontal=True)
    row.button("Undo", on_click=page.undo, disabled=not page.changed)
    row.button("Reset", on_click=page.reset, disabled=not page.changed)
    row.button("Keep as a model", on_click=page.keep, disabled=not page.changed)
    left, right = st.columns([1, 2], gap="large")
    with left:
        drawing(page)
    with right:
        predictions(page)


def drawing(page: WeightsState) -> None:
    """What the model as it is now says to the visitor's drawing."""
    st.subheader("Your drawing")
    grid = page.grid
    if grid.any():
        result = page.answer
        st.html(answer_html(result, len(page.session.strokes)))
        st.html(bars_html(result))
        st.html(grid_html(grid, "Your drawing, as the model reads it"))
    else:
        st.info("There is no drawing yet. Draw a digit, and watch what a weight does to it.")
        st.page_link("pages/draw.py", label="Draw a digit")
        st.button("Try a sample", on_click=next_sample, args=(page.session,))


def choose_value(page: WeightsState, label: str, bound: float) -> None:
    key = "weights-value"

    def take() -> None:
        value = gate.number(key, -bound, bound)
        if value is not None:
            page.change(value)

    st.session_state[key] = page.value
    st.slider(label, -bound, bound, key=key, on_change=take, step=bound / 200, format="%.2f")


def predictions(page: WeightsState) -> None:
    """Held-out accuracy before and after, and the same digits of every class."""
    st.subheader("Held-out digits")
    if not page.data:
        st.info(plain(page.why_no_data))
        return
    split = page.data.test
    before = held_out(page.original, page.data.name)
    after = held_out(page.model, page.data.name)
    st.html(
        facts_html(
            {
                "accuracy now": percent(after.accuracy.value),
                "before your changes": percent(before.accuracy.value),
                "digits right now": f"{after.accuracy.correct:,} of {after.accuracy.total:,}",
            }
        )
    )
    rows = some_of_each(page.data.name, EACH)
    names = page.model.classes
    said = [(names[before.predicted[n]], names[after.predicted[n]]) for n in rows]
    captions = [now if now == was else f"{was} → {now}" for was, now in said]
    wrong = [after.predicted[n] != split.labels[n] for n in rows]
    title = "Predictions; wrong ones in colour"
    st.html(digits_html(unpack(split.codes[rows]), captions, title, wrong, across=2 * EACH))
