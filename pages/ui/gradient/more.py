"""What follows the derivation: the sum over all samples, and four ways to go on from there."""

import inspect

import streamlit as st

from pages.ui.cached import digits
from pages.ui.cells import largest
from pages.ui.chart import chart
from pages.ui.figures import palette
from pages.ui.gradient import results
from pages.ui.gradient.figures import accuracies_figure, difference_figure, likelihoods_figure
from pages.ui.gradient.sections import gradient_pictures
from pages.ui.gradient.state import PHI, GradientState
from pages.ui.gradient.wrong import PROGRAMS
from pages.ui.model_choice import choose
from pages.ui.pictures import digits_html, signed_html
from pages.ui.set_up import dark
from pages.ui.tables import facts_html, table_html
from pages.ui.text import number, place
from softmax_core import model, unpack
from softmax_core.derivation import derive
from softmax_core.gradient_check import GradientReport, OneHotReport

CONTRIBUTORS = 8
RATES = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)  # times the safe rate


def total(page: GradientState) -> None:
    """The sum over the training digits, for the weight that is followed."""
    value, slope = results.gradient_at(page.weights)
    k, i = page.place
    name = page.classes[k]
    sums = results.sum_over_samples(page.weights, (k, i))
    st.markdown(
        "## The sum over all samples\n\n"
        rf"$\partial L / \partial w_{{ki}}$, added up over all {len(sums.terms):,} training "
        f"digits: orange weights are to grow, blue ones to shrink. L(W) = {number(value, 1)}."
    )
    gradient_pictures(page, slope, "gradient-total", "∂L/∂w")
    facts = facts_html(
        {
            f"∂L/∂w for class {name}, {PHI.title(i)}": number(sums.value, 4),
            f"digits of class {name} not sure enough": number(sums.pull_up, 4),
            f"other digits taken too much for {name}": number(sums.pull_down, 4),
            "digits with ink there": f"{sums.contributing:,}",
        }
    )
    most = contributors(page, sums, sums.largest(CONTRIBUTORS), "Largest positive terms")
    least = contributors(page, sums, sums.smallest(CONTRIBUTORS), "Largest negative terms")
    st.html(f'{facts}<div class="contributors">{most}{least}</div>')


def contributors(page: GradientState, sums, rows, title: str) -> str:
    split = page.data.train
    captions = [
        f"{page.classes[split.labels[n]]}: {number(float(sums.terms[n]))}" for n in rows.tolist()
    ]
    return digits_html(unpack(split.codes[rows]), captions, title)


def go_on(page: GradientState) -> None:
    """One of the ways to go on: only what is looked at is computed."""
    st.header("And then")
    choose(
        "Go on with",
        list(WAYS),
        page.way or next(iter(WAYS)),
        lambda way: setattr(page, "way", way),
        "gradient-way",
        st.segmented_control,
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    WAYS[page.way or next(iter(WAYS))](page)


def differences(page: GradientState) -> None:
    """The same number without calculus."""
    weights, place = page.weights, page.place
    sums = results.sum_over_samples(weights, place)
    errors = results.differences(weights, place)
    left, right = st.columns([2, 3], gap="large")
    left.latex(r"\frac{\partial L}{\partial w_{ki}} \approx \frac{L(w_{ki}+h) - L(w_{ki}-h)}{2h}")
    left.html(
        facts_html(
            {
                "by the formula": number(sums.value, 6),
                "by central differences": number(float(errors.central_values[errors.best]), 6),
                "with h": number(float(errors.steps[errors.best])),
                "error": number(float(errors.central[errors.best])),
            }
        )
    )
    left.markdown(
        "A large h misses the curve: an error of order h², one-sided h. A small h subtracts two "
        "nearly equal numbers of which only 16 digits are kept: the error grows as 1/h."
    )
    with right:
        chart(difference_figure(errors, palette(dark())), "gradient-differences")


def one_step(page: GradientState) -> None:
    """W + η ∇L, and what moved."""
    st.markdown(r"All weights at once, a little uphill: $W \leftarrow W + \eta\, \nabla L(W)$")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        multiple = st.select_slider(
            "Learning rate η, times the safe rate",
            RATES,
            value=1.0,
            key="gradient-rate",
            format_func=lambda m: f"{m:g}×",
        )
        st.button("Take one step", type="primary", on_click=page.take_step, args=(multiple,))
        st.button("Back to the start", on_click=page.back, disabled=not page.steps)
    st.caption(f"The safe rate here is η = {number(results.safe_rate())}: with it, L can't fall.")
    if not page.steps:
        return
    taken = page.steps[-1]
    (before, after), (wrong, right) = taken.log_likelihoods, taken.accuracies
    label = page.derivation.label
    sample = PHI(page.grid)
    moved = [derive(w, sample, label).probabilities for w in (taken.before, taken.after)]
    chances = [number(float(p[label])) for p in moved]
    st.html(
        table_html(
            ["", "before", "after", "change"],
            [
                ["L(W)", number(before, 1), number(after, 1), number(taken.gained, 1)],
                ["promised by the gradient, η ‖∇L‖²", "", "", number(taken.promised, 1)],
                ["accuracy on the training digits", number(wrong), number(right), ""],
                [f"P(y = {page.classes[label]}) of the sample", *chances, ""],
            ],
            caption=f"Step {len(page.steps)}, η = {number(taken.rate)}",
        )
    )
    if taken.gained < 0:
        st.warning("L fell: the step went past the top. Go back and try a smaller learning rate.")
    st.markdown(r"What moved, $\eta\,\nabla L$:")
    gradient_pictures(page, taken.change, "gradient-moved", "change")


def bug(_page: GradientState) -> None:
    """Two runs: likelihood and gradient read the same features, and different ones."""
    st.markdown(
        "The formula is right and the program still fails: its gradient reads **other features** "
        "than its likelihood. Choose what it reads."
    )
    name = st.segmented_control(
        "The wrong program",
        list(PROGRAMS),
        default=next(iter(PROGRAMS)),
        key="gradient-bug",
        required=True,
        format_func=lambda key: PROGRAMS[key].title,
    )
    wrong = PROGRAMS[name]
    st.markdown(f"**{wrong.title}.** {wrong.fault}")
    runs = {"right": results.course("right"), wrong.title.lower(): results.course(name)}
    colours = palette(dark())
    left, right = st.columns(2, gap="large")
    with left:
        likelihoods = {key: run.log_likelihood for key, run in runs.items()}
        chart(likelihoods_figure(likelihoods, colours), "gradient-bug-likelihood")
    with right:
        accuracies = {key: run.accuracy for key, run in runs.items()}
        chart(accuracies_figure(accuracies, colours), "gradient-bug-accuracy")
    st.subheader("What finds it")
    verdicts(wrong.title, *results.checks(name))


def verdicts(title: str, gradient: GradientReport, one_hot: OneHotReport) -> None:
    """What the gradient check and the one-hot test say about a wrong program."""
    (k, i), classes = gradient.worst, digits("optdigits").classes
    left, right = st.columns(2, gap="large")
    left.markdown(
        f"**Gradient check: {'passed' if gradient.passed else 'failed'}.** The worst entry is "
        f"class {classes[k]}, {PHI.title(i)}: the program says "
        f"{number(float(gradient.analytic[k, i]), 4)}, finite differences of its likelihood say "
        f"{number(float(gradient.numeric[k, i]), 4)}. Relative error {number(gradient.error)}."
    )
    said = {"said by the program": gradient.analytic, "measured": gradient.numeric}
    images = {caption: PHI.weight_images(values)[k] for caption, values in said.items()}
    scale = largest(*images.values())
    pictures = [
        signed_html(image, scale, caption, "derivative") for caption, image in images.items()
    ]
    left.html(f'<div class="side-by-side">{"".join(pictures)}</div>')
    wrong = [place(r, c) for r, c in one_hot.wrong]
    right.markdown(
        f"**One-hot test: {'passed' if one_hot.passed else 'failed'}.** For a grid with the single "
        "pixel (r, c) on, the score of class k must be its bias plus its weight at (r, c). "
        + (
            f"It is not for {len(wrong)} of 64 pixels, e.g. {wrong[0]}."
            if wrong
            else "It is, for all 64 pixels."
        )
    )
    right.markdown(WHAT_FINDS_IT[gradient.passed, one_hot.passed].format(title=title))


WHAT_FINDS_IT = {
    (False, True): "The likelihood reads the right pixels, so the one-hot test has nothing to "
    "say. The derivative of the likelihood is not what the program takes for it: the gradient "
    "check sees that, whatever the formula looks like.",
    (True, False): "Likelihood and gradient agree with each other, so the gradient check can't "
    "see that both read the picture the wrong way round, and L rises as it should. Only the "
    "accuracy and the one-hot test tell.",
}


def code(_page: GradientState) -> None:
    """The lines that run, not a copy of them."""
    st.markdown(
        "This is the source of the functions that computed the numbers above: shapes W (K, D), "
        "features.values Φ (N, D), labels (N,)."
    )
    parts = (model.gradient, model.scores, model.softmax, model.one_hot)
    st.code("\n\n".join(map(inspect.getsource, parts)), language="python", wrap_lines=True)


WAYS = {
    "One step uphill": one_step,
    "Check without calculus": differences,
    "The bug, on purpose": bug,
    "The answer as code": code,
}
