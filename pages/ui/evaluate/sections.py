"""The sections of the Evaluate page: layout only, the numbers come from the core."""

import streamlit as st

from pages.ui.cached import digits, held_out, some_of_each
from pages.ui.cells import Group, cells, largest
from pages.ui.chart import chart
from pages.ui.evaluate import results
from pages.ui.evaluate.figures import (
    accuracies_bars,
    calibration_figure,
    robustness_figure,
    writers_figure,
)
from pages.ui.evaluate.state import EvaluateState
from pages.ui.figures import palette
from pages.ui.model_choice import choose
from pages.ui.model_names import name_of
from pages.ui.pictures import digits_html, evidence_html
from pages.ui.set_up import dark
from pages.ui.tables import table_html
from pages.ui.text import percent
from softmax_core import MODELS, Dataset, unpack
from softmax_core.datasets import available
from softmax_core.evaluation import (
    FLIPS,
    FURTHEST,
    VARIANTS,
    ByWriter,
    Evaluation,
    by_distance,
    dataset_for,
    variant_of,
)
from softmax_core.explain import evidence_of, scale_of

OPENED = 40  # digits of a cell of the confusion matrix
MISTAKES = 8


def result(page: EvaluateState, data: Dataset, found: Evaluation) -> None:
    """Held-out accuracy, its interval, and the writers that training has seen."""
    known = results.known_writers(page.model, data.name).accuracy
    unseen = found.accuracy
    st.html(
        f'<div class="answer"><div class="class pair">{percent(unseen.value)}</div><div>'
        f'<div class="probability">of {unseen.total:,} held-out digits are right</div>'
        f'<p class="remark">95 % interval {percent(unseen.low)} to {percent(unseen.high)}. '
        f"{data.title}, by writers of whom training has seen nothing.</p></div></div>"
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("By class")
        names = {data.classes[k]: a for k, a in found.by_class().items()}
        chart(accuracies_bars(names, palette(dark())), "evaluate-classes")
        st.caption("The share of each class that is recognised; the lines are 95 % intervals.")
    with right:
        st.subheader("Hands that are known, and new ones")
        groups = {"writers of the training part": known, "writers never seen": unseen}
        chart(accuracies_bars(groups, palette(dark())), "evaluate-writers")
        st.caption(
            "Digits by the writers of the training part, and by others. The difference is what "
            "new hands cost."
        )
        calibration(found)


def data_choice(page: EvaluateState) -> None:
    """The digits that the model is judged by."""
    choose(
        "Digits",
        available(),
        page.data.name,
        page.choose_data,
        "evaluate-data",
        format_func=lambda name: f"on {digits(name).title.lower()}",
        label_visibility="collapsed",
        width=320,
    )


def sources(page: EvaluateState) -> None:
    """Where digits come from makes more of a difference than a mean says; so does who draws."""
    st.header("By source, and by writer")
    left, right = st.columns(2, gap="large")
    with left:
        found = {title: e.accuracy for title, e in results.sources(page.model).items()}
        chart(accuracies_bars(found, palette(dark())), "evaluate-sources")
        st.caption("Held-out digits of every source; the lines are 95 % intervals.")
    with right:
        people = results.writers(page.model)
        if not people:
            st.info("Of the sets that are here, none says who wrote which digit.")
            return
        chart(writers_figure(people, palette(dark())), "evaluate-people")
        st.caption(
            "A dot is a writer, the larger the more digits; the line is the median. "
            + " ".join(spread(title, found) for title, found in people.items())
        )


def spread(title: str, found: ByWriter) -> str:
    """How differently a model does for different people, in a sentence."""
    return (
        f"{title.capitalize()}: {len(found.writers)} writers, the median is "
        f"{percent(found.quantile(0.5))}, and for one in ten it is "
        f"{percent(found.quantile(0.1))} or less."
    )


def calibration(found: Evaluation) -> None:
    st.subheader("Is it as sure as it should be?")
    chart(calibration_figure(found.calibration, palette(dark())), "evaluate-calibration")
    st.caption(
        "Of the digits to which the model gives the probability on the x axis, the share on the "
        "y axis is right. Below the dotted line it is too sure. Expected calibration error, the "
        f"mean distance from the line: {percent(found.calibration.error)}."
    )


def confusion(page: EvaluateState, data: Dataset, found: Evaluation) -> None:
    """The confusion matrix, and the digits of the cell that is pressed."""
    st.header("Which classes are confused")
    st.markdown("A row is a label, a column what the model says. **Press a cell for its digits.**")
    names, matrix = data.classes, found.confusion
    left, right = st.columns(2, gap="large")
    with left:
        picture = Group(
            "label ↓, prediction →",
            found.confused.ravel().tolist(),
            [
                f"{n} digits of class {names[k]} taken for {names[m]}"
                for k, row in enumerate(matrix.tolist())
                for m, n in enumerate(row)
            ],
            texts=[str(n or "") for row in matrix.tolist() for n in row],
            columns=len(names),
            framed=range(0, len(names) ** 2, len(names) + 1),
            rows=names,
            heads=names,
        )
        selected = page.cell and (0, page.cell[0] * len(names) + page.cell[1])
        cells(
            "evaluate-confusion",
            [picture],
            largest(found.confused),
            lambda _, place: page.open(*divmod(place, len(names))),
            selected=selected,
            across=1,
            largest=520,
        )
        st.caption("Framed: right. The stronger the colour, the more digits are confused.")
    with right:
        if page.cell is None:
            st.info("No cell is open. The strongest ones tell most.")
            return
        label, predicted = page.cell
        rows = found.cell(label, predicted)
        captions = [percent(float(found.confidence[n])) for n in rows[:OPENED]]
        shown = f", the {OPENED} most confident" if len(rows) > OPENED else ""
        title = f"{names[label]} taken for {names[predicted]}: {len(rows)} digits{shown}"
        st.html(digits_html(unpack(data.test.codes[rows[:OPENED]]), captions, title))


def mistakes(page: EvaluateState, data: Dataset, found: Evaluation) -> None:
    """The most confident mistakes, and the evidence of one of them."""
    st.header("Most confident mistakes")
    rows = found.mistakes[:MISTAKES]
    if not len(rows):
        st.info("There are none: every held-out digit is right.")
        return
    names, labels = data.classes, data.test.labels
    grids = unpack(data.test.codes[rows])
    said = [
        f"{names[labels[n]]} → {names[found.predicted[n]]}: {percent(float(found.confidence[n]))}"
        for n in rows
    ]
    st.html(digits_html(grids, said, "Label → prediction and its probability"))
    place = st.segmented_control(
        "Evidence of mistake",
        range(len(rows)),
        default=0,
        key=f"evaluate-mistake-{page.name}",
        required=True,
        format_func=lambda m: str(m + 1),
        wrap=True,
    )
    label, predicted = int(labels[rows[place]]), int(found.predicted[rows[place]])
    evidence = evidence_of(page.model, grids[place])
    shown = {
        f"Evidence for {names[predicted]}, which the model says": evidence[predicted],
        f"Evidence for {names[label]}, the label": evidence[label],
        f"{names[predicted]} rather than {names[label]}": evidence[predicted] - evidence[label],
    }
    scale = scale_of(*shown.values())
    columns = st.columns(3)
    for column, (caption, part) in zip(columns, shown.items(), strict=True):
        column.html(evidence_html(part, scale, caption))


def preparation(page: EvaluateState) -> None:
    """What each step of the preparation is worth, on the same digits."""
    st.header("How a drawing is prepared")
    st.markdown(
        "The same held-out pen digits, drawn again with **one step of the preparation changed**: "
        "the model has not been trained for that, so the loss is what the step is worth."
    )
    worth = results.preparations(page.model)
    titles = {VARIANTS[name].title: accuracy for name, accuracy in worth.items()}
    own = variant_of(page.model).title
    chart(accuracies_bars(titles, palette(dark()), marked=own), "evaluate-preparation")
    codes = results.variants()
    rows = some_of_each(results.DATA, 1)
    classes = digits(results.DATA).classes
    labels = digits(results.DATA).test.labels
    for name, variant in VARIANTS.items():
        predicted = page.model.predict(codes[name][rows])
        said = [classes[k] for k in predicted]
        wrong = [k != labels[n] for k, n in zip(predicted, rows, strict=True)]
        title = f"{variant.title}: {percent(worth[name].value)}"
        st.html(digits_html(unpack(codes[name][rows]), said, title, wrong, across=10))
    st.caption("One digit of each class; below it what the model says, in colour if it is wrong.")


def side_by_side(page: EvaluateState) -> None:
    """The shipped models, and the one that is chosen, in one table and on the same axes."""
    st.header("Models side by side")
    models = {name: page.session.model_of(name) for name in dict.fromkeys((*MODELS, page.name))}
    rows = []
    near, spoiled = {}, {}
    for name, model in models.items():
        data = digits(dataset_for(model))
        found = held_out(model, data.name)
        pen = results.preparations(model)[variant_of(model).name]
        near[name] = by_distance(results.shifts(model, data.name))
        spoiled[name] = [a.value for a in results.flips(model, data.name)]
        rows.append(
            [
                name_of(name),
                model.features.name,
                f"{model.weights.size:,}",
                data.title.lower(),
                percent(found.accuracy.value),
                percent(pen.value),
                percent(found.calibration.error),
            ]
        )
    head = [
        "model",
        "features",
        "weights",
        "held-out digits",
        "right",
        "right on pen drawings",
        "calibration error",
    ]
    st.html(table_html(head, rows, caption="Each on the digits prepared as it has learned"))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Shifted digits")
        chart(
            robustness_figure(near, range(FURTHEST + 1), palette(dark()), x="cells"),
            "evaluate-shifts",
        )
        st.caption(
            "The mean accuracy over all shifts by so many cells, in every direction. This is why "
            "a drawing is framed by its own bounding box."
        )
    with right:
        st.subheader("Flipped pixels")
        chart(
            robustness_figure(spoiled, FLIPS, palette(dark()), x="pixels of 64"),
            "evaluate-flips",
        )
        st.caption("So many pixels of every grid, chosen at random, are switched.")
