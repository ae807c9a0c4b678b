"""The derivation's tables: the numbers of each step -> HTML text.

A table shows the rows that matter, those of the label and of the followed class; the others are
there on demand.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike

from pages.ui.gradient.formulas import exponentials
from pages.ui.gradient.terms import term
from pages.ui.tables import table_html
from pages.ui.text import fixed, number
from softmax_core.derivation import Derivation


class Column(NamedTuple):
    """A vector with a number for each class; `head` is HTML of the app's own."""

    head: str
    values: ArrayLike
    term: str = ""

    def cell(self, c: int) -> str:
        text = number(np.asarray(self.values)[c])
        return term(self.term, text) if self.term else text

    @property
    def title(self) -> Markup:
        return term(self.term, Markup(self.head)) if self.term else Markup(self.head)

    @property
    def total(self) -> str:
        return number(round(float(np.sum(self.values)), 12))


def _table(
    d: Derivation, classes: Sequence[str], k: int, columns: Sequence[Column], caption: str, *sums
) -> str:
    """Rows of the label and of class k first; `sums` are the columns whose sum is of interest."""
    rows = [[name, *(column.cell(c) for column in columns)] for c, name in enumerate(classes)]
    first = sorted({d.label, k})
    foot = ["Σ", *(column.total if n in sums else "" for n, column in enumerate(columns))]
    return table_html(
        ["l", *(column.title for column in columns)],
        rows,
        caption=caption,
        strong=d.label,
        foot=foot if sums else (),
        first=first,
    )


def forward_table(d: Derivation, classes: Sequence[str], k: int) -> str:
    """From scores to probabilities, beside the label."""
    columns = (
        Column("a<sub>l</sub>", d.scores),
        Column("e<sup>a<sub>l</sub> − max a</sup>", exponentials(d)),
        Column("P<sub>l</sub>", d.probabilities, "P"),
        Column("y<sub>l</sub>", d.seen, "y"),
    )
    caption = "All exponentials are divided by that of the largest score: the quotient is the same"
    return _table(d, classes, k, columns, caption, 1, 2, 3)


def factors_table(d: Derivation, classes: Sequence[str], k: int) -> str:
    """The factors that the logarithm brings."""
    columns = (
        Column("y<sub>l</sub>", d.seen, "y"),
        Column("P<sub>l</sub>", d.probabilities, "P"),
        Column("y<sub>l</sub> / P<sub>l</sub>", d.factors),
    )
    return _table(d, classes, k, columns, "What the logarithm brings: 0 for all but the label")


def jacobian_table(d: Derivation, classes: Sequence[str], k: int) -> str:
    """∂P_l/∂a_k for all l and k, coloured: the diagonal framed, column k underlined."""
    scale = np.abs(d.jacobian).max() or 1
    rows = []
    for c, name in enumerate(classes):
        cells = []
        for column, (other, value) in enumerate(zip(classes, d.jacobian[c], strict=True)):
            case = "l = k: P_k (1 − P_k)" if c == column else "l ≠ k: −P_l P_k"
            kinds = [
                "favour" if value >= 0 else "against",
                "same" if c == column else "other",
                "column" if column == k else "",
            ]
            title = escape(f"∂P_{name} / ∂a_{other} = {number(value, 6)}, {case}")
            cells.append(
                Markup(
                    f'<span class="{" ".join(kinds)}" title="{title}" '
                    f'style="--share:{70 * abs(value) / scale:.0f}%">{fixed(value)}</span>'
                )
            )
        rows.append([name, *cells])
    caption = Markup(
        "∂P<sub>l</sub>/∂a<sub>k</sub>, row l, column k. "
        '<span class="same">Framed: l = k.</span> All others: l ≠ k. A row adds up to 0. '
        f'<span class="column">Underlined: the followed class {escape(classes[k])}.</span>'
    )
    return table_html(
        ["l \\ k", *classes],
        rows,
        caption=caption,
        strong=d.label,
        kind="jacobian",
        first=sorted({d.label, k}),
    )


def column_table(d: Derivation, classes: Sequence[str], entry: tuple[int, int]) -> str:
    """Column k of the Jacobian times φ_i."""
    k, i = entry
    columns = (
        Column("∂P<sub>l</sub>/∂a<sub>k</sub>", d.jacobian[:, k]),
        Column("φ<sub>i</sub>", np.full(len(classes), d.features[i]), "f"),
        Column("∂P<sub>l</sub>/∂w<sub>ki</sub>", d.jacobian[:, k] * d.features[i]),
    )
    return _table(d, classes, k, columns, f"The column of class {classes[k]}, times the ink")


def cancelling_table(d: Derivation, classes: Sequence[str], entry: tuple[int, int]) -> str:
    """The terms of the chain rule, with the factor that cancels struck out."""
    k, i = entry
    rows = []
    for c, name in enumerate(classes):
        p = Markup("<s>{}</s>").format(number(d.probabilities[c]))
        product = Markup("{} / {} · {} ({} − {}) · {}").format(
            term("y", f"{d.seen[c]:g}"),
            p,
            p,
            int(c == k),
            term("P", number(d.probabilities[k])),
            term("f", f"{d.features[i]:g}"),
        )
        rows.append([name, product, number(d.terms[c, k] * d.features[i])])
    head = Markup("{} / P<sub>l</sub> · P<sub>l</sub> (δ<sub>lk</sub> − {}) · {}").format(
        term("y", Markup("y<sub>l</sub>")),
        term("P", Markup("P<sub>k</sub>")),
        term("f", Markup("φ<sub>i</sub>")),
    )
    return table_html(
        ["l", head, "term"],
        rows,
        caption="Struck out: what cancels. Every term but the label's is 0",
        strong=d.label,
        foot=["Σ", "", number(d.gradient[k, i])],
        first=[d.label],
    )


def collapse_table(d: Derivation, classes: Sequence[str], k: int) -> str:
    """Both halves of the sum over l, and what Σ y = 1 makes of them."""
    columns = (
        Column("y<sub>l</sub>", d.seen, "y"),
        Column("y<sub>l</sub> δ<sub>lk</sub>", d.seen_terms[:, k]),
        Column("y<sub>l</sub> P<sub>k</sub>", d.expected_terms[:, k]),
        Column("difference", d.terms[:, k]),
    )
    return _table(d, classes, k, columns, f"The sum over l, for k = {classes[k]}", 0, 1, 2, 3)


def residual_table(d: Derivation, classes: Sequence[str], k: int) -> str:
    """What was seen minus what was expected."""
    columns = (
        Column("y<sub>k</sub>", d.seen, "y"),
        Column("P<sub>k</sub>", d.probabilities, "P"),
        Column("y<sub>k</sub> − P<sub>k</sub>", d.residual),
    )
    return _table(d, classes, k, columns, "Seen minus expected, for every class", 0, 1, 2)


def seen_and_expected(d: Derivation, classes: Sequence[str]) -> str:
    """For every class a bar of what was expected, a mark where it was seen, and the difference."""
    rows = []
    for c, name in enumerate(classes):
        seen = '<i class="seen" data-term="y"></i>' if d.seen[c] else ""
        rows.append(
            f'<tr><th scope="row">{escape(name)}</th><td><div class="track">'
            f'<div class="bar" data-term="P" style="width:{100 * d.probabilities[c]:.2f}%"></div>'
            f'{seen}</div></td><td class="value">{fixed(d.residual[c], 3)}</td></tr>'
        )
    y, p = term("y", Markup("y<sub>k</sub>")), term("P", Markup("P<sub>k</sub>"))
    return (
        f'<p class="step"><b>Seen {y}</b> minus <b>expected {p}</b></p>'
        f'<table class="bars expected" aria-label="Seen minus expected by class">'
        f"{''.join(rows)}</table>"
    )
