"""The derivation's tables: the numbers of each step -> HTML text. Names are escaped."""

from collections.abc import Sequence
from html import escape

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike

from pages.ui.tables import table_html
from pages.ui.text import fixed, number
from softmax_core.derivation import Derivation


def _columns(
    classes: Sequence[str],
    columns: dict[str, ArrayLike],
    caption: str,
    strong: int,
    total: Sequence[int] = (),
) -> str:
    """One row a class, one column a vector; `total` says which columns get their sum below."""
    arrays = [np.asarray(values) for values in columns.values()]
    rows = [[name, *(number(values[k]) for values in arrays)] for k, name in enumerate(classes)]
    foot = [
        "Σ",
        *(number(round(float(a.sum()), 12)) if c in total else "" for c, a in enumerate(arrays)),
    ]
    return table_html(
        ["k", *map(Markup, columns)],
        rows,
        caption=caption,
        strong=strong,
        foot=foot if total else (),
    )


def forward_table(d: Derivation, classes: Sequence[str]) -> str:
    """From scores to probabilities, beside the label."""
    exponentials = np.exp(d.scores - d.scores.max())
    columns = {
        "z<sub>k</sub>": d.scores,
        "e<sup>z<sub>k</sub> − max z</sup>": exponentials,
        "s<sub>k</sub>": d.probabilities,
        "y<sub>k</sub>": d.seen,
    }
    caption = "Score, exponential, probability and label of every class"
    return _columns(classes, columns, caption, d.label, total=(1, 2, 3))


def factors_table(d: Derivation, classes: Sequence[str]) -> str:
    """The factors that the logarithm brings."""
    columns = {
        "y<sub>k</sub>": d.seen,
        "s<sub>k</sub>": d.probabilities,
        "y<sub>k</sub> / s<sub>k</sub>": d.factors,
    }
    return _columns(classes, columns, "What the logarithm brings", d.label)


def jacobian_table(d: Derivation, classes: Sequence[str], i: int) -> str:
    """∂s_k/∂z_l, coloured: the diagonal k = l framed, column i underlined."""
    scale = np.abs(d.jacobian).max() or 1
    rows = []
    for k, name in enumerate(classes):
        cells = []
        for column, (other, value) in enumerate(zip(classes, d.jacobian[k], strict=True)):
            case = "k = l: s_k (1 − s_k)" if k == column else "k ≠ l: −s_k s_l"
            kinds = [
                "favour" if value >= 0 else "against",
                "same" if k == column else "other",
                "column" if column == i else "",
            ]
            title = escape(f"∂s_{name} / ∂z_{other} = {number(value, 6)}, {case}")
            cells.append(
                f'<span class="{" ".join(kinds)}" title="{title}" '
                f'style="--share:{70 * abs(value) / scale:.0f}%">{fixed(value)}</span>'
            )
        rows.append([name, *map(Markup, cells)])
    caption = Markup(
        "∂s<sub>k</sub>/∂z<sub>l</sub>, row k, column l. "
        '<span class="same">Framed: k = l.</span> All others: k ≠ l. '
        f'<span class="column">Underlined: column i = {escape(classes[i])}.</span>'
    )
    head = ["k \\ l", *classes]
    return table_html(head, rows, caption=caption, strong=d.label, kind="jacobian")


def column_table(d: Derivation, classes: Sequence[str], entry: tuple[int, int]) -> str:
    """Column i of the Jacobian times φ_j."""
    i, j = entry
    columns = {
        "∂s<sub>k</sub>/∂z<sub>i</sub>": d.jacobian[:, i],
        "φ<sub>j</sub>": np.full(len(classes), d.features[j]),
        "∂s<sub>k</sub>/∂w<sub>ij</sub>": d.jacobian[:, i] * d.features[j],
    }
    return _columns(classes, columns, f"Column i = {classes[i]} times φ", d.label)


def cancelling_table(d: Derivation, classes: Sequence[str], entry: tuple[int, int]) -> str:
    """The terms of the chain rule, with the factor that cancels struck out."""
    i, j = entry
    phi = f"{d.features[j]:g}"
    rows = []
    for k, name in enumerate(classes):
        s = f"<s>{number(d.probabilities[k])}</s>"
        product = (
            f"{d.seen[k]:g} / {s} · {s} ({int(k == i)} − {number(d.probabilities[i])}) · {phi}"
        )
        rows.append([name, Markup(product), number(d.terms[k, i] * d.features[j])])
    factors = "y<sub>k</sub> / s<sub>k</sub> · s<sub>k</sub> (δ<sub>ki</sub> − s<sub>i</sub>)"
    return table_html(
        ["k", Markup(f"{factors} · φ<sub>j</sub>"), "term"],
        rows,
        caption="Term k of the sum: what is struck out cancels",
        strong=d.label,
        foot=["Σ", "", number(d.gradient[i, j])],
    )


def collapse_table(d: Derivation, classes: Sequence[str], i: int) -> str:
    """Both halves of the sum over k, and what Σ y = 1 makes of them."""
    columns = {
        "y<sub>k</sub>": d.seen,
        "y<sub>k</sub> δ<sub>ki</sub>": d.seen_terms[:, i],
        "y<sub>k</sub> s<sub>i</sub>": d.expected_terms[:, i],
        "y<sub>k</sub> (δ<sub>ki</sub> − s<sub>i</sub>)": d.terms[:, i],
    }
    caption = f"The sum over k for i = {classes[i]}"
    return _columns(classes, columns, caption, d.label, total=(0, 1, 2, 3))


def residual_table(d: Derivation, classes: Sequence[str]) -> str:
    """What was seen minus what was expected."""
    columns = {
        "y<sub>k</sub>": d.seen,
        "P(y<sub>k</sub> | x)": d.probabilities,
        "y<sub>k</sub> − P(y<sub>k</sub> | x)": d.residual,
    }
    return _columns(classes, columns, "Seen minus expected", d.label, total=(0, 1, 2))
