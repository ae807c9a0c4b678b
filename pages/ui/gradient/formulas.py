"""The derivation of ∂L/∂w_ki in words and formulas, and the same formulas with one's numbers.

k is the class and i the feature of the weight that is followed, l runs over all classes. Terms are
marked as `terms` says.
"""

from typing import NamedTuple

import numpy as np

from pages.ui.text import number
from softmax_core.derivation import Derivation


class Step(NamedTuple):
    """One step: what is done, its formula, and what its symbols mean."""

    title: str
    formula: str
    words: str


SYMBOLS = {
    r"x_n": "sample n of N: a grid of 8×8 pixels, 0 or 1",
    r"@f{\varphi_i(x)}": "feature i of a grid: a pixel, or 1 for the bias, i = 0; "
    "short $@f{\\varphi_i}$",
    r"w_{ki}": "the weight of feature i in class k; W is all of them, K×D",
    r"a_k = \sum_i w_{ki}\,@f{\varphi_i(x)}": "the score of class k",
    r"@P{P(y_k \mid x)} = e^{a_k} / \sum_l e^{a_l}": "softmax: the probability of class k; short "
    "$@P{P_k}$",
    r"@y{y_k}": "1 if the sample's label is class k, else 0; $@y{y_{nk}}$ for sample n",
    r"L(W)": "the log-likelihood of all samples, in nats (natural logarithm)",
    r"\delta_{lk}": "1 if l = k, else 0",
    r"k,\ l": "classes: k is that of the weight, l runs over all K",
}

STEPS = (
    Step(
        "Scores, and softmax",
        r"\begin{gathered}a_k = \sum_i w_{ki}\, @f{\varphi_i(x)}\\"
        r" @P{P(y_k \mid x)} = @P{P_k} = \frac{e^{a_k}}{\sum_l e^{a_l}}\end{gathered}",
        "The score of a class adds up its weights where there is ink, and its bias. Softmax makes "
        "probabilities of scores: all positive, their sum is 1.",
    ),
    Step(
        "L is a sum over samples",
        r"L(W) = \sum_n \sum_l @y{y_{nl}} \ln @P{P(y_l \mid x_n)}",
        "The derivative of a sum is the sum of the derivatives: take **one** sample, and add up at "
        "the end. Of the inner sum one term is left, that of the label.",
    ),
    Step(
        "The chain rule on ln",
        r"\frac{\partial}{\partial w_{ki}} \sum_l @y{y_l} \ln @P{P_l}"
        r" = \sum_l \frac{@y{y_l}}{@P{P_l}}\, \frac{\partial @P{P_l}}{\partial w_{ki}}",
        "The derivative of $\\ln P$ is $1/P$. Every $@P{P_l}$ depends on $w_{ki}$, also those of "
        "other classes $l \\neq k$: all of them share one denominator.",
    ),
    Step(
        "The derivative of softmax, by the quotient rule",
        r"\begin{gathered}@P{P_l} = \frac{u}{v},\quad u = e^{a_l},\; v = \sum_m e^{a_m},\;"
        r" v' = e^{a_k}\\[3pt]"
        r"\frac{\partial @P{P_l}}{\partial a_k} = \frac{u'\,v - u\,v'}{v^2}\\[5pt]"
        r"l = k:\; \frac{e^{a_k} v - e^{a_k} e^{a_k}}{v^2} = @P{P_k}\,(1 - @P{P_k})\\[5pt]"
        r"l \neq k:\; \frac{0 \cdot v - e^{a_l} e^{a_k}}{v^2} = -@P{P_l}\, @P{P_k}"
        r"\end{gathered}",
        "A prime is $\\partial/\\partial a_k$. Numerator and denominator both depend on $a_k$ if "
        "$l = k$; if $l \\neq k$ only the denominator does, so $u' = 0$. In one line: "
        "$@P{P_l}\\,(\\delta_{lk} - @P{P_k})$. "
        "A class gains from its own score and loses to the scores of others.",
    ),
    Step(
        "Only the score of class k depends on its weight",
        r"\begin{gathered}\frac{\partial a_l}{\partial w_{ki}} = \delta_{lk}\, @f{\varphi_i}"
        r"\\ \Rightarrow\;\frac{\partial @P{P_l}}{\partial w_{ki}}"
        r" = @P{P_l}\,(\delta_{lk} - @P{P_k})\,@f{\varphi_i}\end{gathered}",
        "$a_l = \\sum_i w_{li} @f{\\varphi_i}$ has $w_{ki}$ in it only if $l = k$, and then times "
        "$@f{\\varphi_i}$: where there is no ink, nothing changes.",
    ),
    Step(
        "Put in, and cancel",
        r"\begin{gathered}\sum_l \frac{@y{y_l}}{\cancel{@P{P_l}}}\; \cancel{@P{P_l}}\,"
        r"(\delta_{lk} - @P{P_k})\,@f{\varphi_i}\\"
        r" = \sum_l @y{y_l}\,(\delta_{lk} - @P{P_k})\,@f{\varphi_i}\end{gathered}",
        "The $@P{P_l}$ of the logarithm cancels that of softmax: this is why the two belong "
        "together. A program need not divide by $@P{P_l}$, however small it is.",
    ),
    Step(
        "The sum over l collapses",
        r"\begin{gathered}\sum_l @y{y_l} \delta_{lk} - @P{P_k} \sum_l @y{y_l} = @y{y_k} - @P{P_k}"
        r"\\ \text{because}\quad \sum_l @y{y_l} = 1\end{gathered}",
        "Often left out in text books. $@P{P_k}$ does not depend on l, so it moves in front of its "
        "sum, and the $@y{y_l}$ add up to 1: a sample has one label. In the first sum, "
        "$\\delta_{lk}$ keeps the term $l = k$ alone.",
    ),
    Step(
        "Every weight at once, then every sample",
        r"\frac{\partial L}{\partial w_{ki}} ="
        r" \sum_n \bigl(@y{y_{nk}} - @P{P(y_k \mid x_n)}\bigr)\,@f{\varphi_i(x_n)}",
        "What was **seen** minus what was **expected**, where there is **ink**. For one sample it "
        "is $(@y{y} - @P{P})\\,@f{\\varphi}^{\\mathsf T}$: one picture for each class.",
    ),
)


def exponentials(d: Derivation) -> np.ndarray:
    """e^(a_l − max a) (K,): of the size of numbers that people read; the factor cancels in P."""
    return np.exp(d.scores - d.scores.max())


def other_class(d: Derivation, k: int) -> int:
    """A class l ≠ k to show the second case with: the label, or what is most probable besides."""
    if d.label != k:
        return d.label
    return int(np.argmax(np.where(np.arange(len(d.scores)) == k, -1, d.probabilities)))


def live(
    d: Derivation, classes: tuple[str, ...], entry: tuple[int, int], bias: float
) -> tuple[str, ...]:
    """Each step's formula with the numbers of one sample and of one weight w_ki."""
    k, i = entry
    c = other_class(d, k)  # l in the second case
    label, name, other = (_text(classes[n]) for n in (d.label, k, c))
    e = exponentials(d)
    u_k, u_l, v = (number(float(value)) for value in (e[k], e[c], e.sum()))
    p_label, p_k, p_l = (rf"@P{{{number(d.probabilities[n])}}}" for n in (d.label, k, c))
    phi, y_k = rf"@f{{{d.features[i]:g}}}", rf"@y{{{d.seen[k]:g}}}"
    delta = int(k == d.label)
    slope, result = d.jacobian[d.label, k], number(d.gradient[k, i])
    score = float(d.scores[k])
    return (
        rf"\begin{{gathered}}a_{{{name}}} = \underbrace{{{number(bias)}}}_{{\text{{bias}}}}"
        rf" + \underbrace{{{_signed(score - bias)}}}_{{\text{{ink}}}} = {number(score)}"
        rf"\\ @P{{P_{{{name}}}}} = \frac{{{u_k}}}{{{v}}} = {p_k}\end{{gathered}}",
        rf"@y{{1}} \cdot \ln @P{{P_{{{label}}}}} = \ln {p_label} = {number(d.log_likelihood)}",
        rf"\frac{{@y{{y_{{{label}}}}}}}{{@P{{P_{{{label}}}}}}} = \frac{{@y{{1}}}}{{{p_label}}}"
        rf" = {number(d.factors[d.label])}\,,\quad\text{{all others }} 0",
        rf"\begin{{aligned}} l = {name} = k:\;&"
        rf" \frac{{{u_k} \cdot {v} - {u_k} \cdot {u_k}}}{{{v}^2}}"
        rf"\\ &= {p_k}\,(1 - {p_k}) = {number(d.jacobian[k, k])}\\[4pt]"
        rf" l = {other} \neq k:\;& \frac{{0 \cdot {v} - {u_l} \cdot {u_k}}}{{{v}^2}}"
        rf"\\ &= -{p_l} \cdot {p_k} = {number(d.jacobian[c, k])}\end{{aligned}}",
        rf"\begin{{aligned}}\frac{{\partial @P{{P_{{{label}}}}}}}{{\partial w_{{{name},{i}}}}}"
        rf" &= {p_label}\,({delta} - {p_k}) \cdot {phi}\\ &= {number(slope)} \cdot {phi}"
        rf" = {number(slope * d.features[i])}\end{{aligned}}",
        rf"\frac{{@y{{1}}}}{{\cancel{{{p_label}}}}}\;\cancel{{{p_label}}}\,({delta} - {p_k})"
        rf" \cdot {phi} = {result}",
        rf"{y_k} - {p_k} \cdot 1 = {number(d.residual[k])}",
        rf"\bigl({y_k} - {p_k}\bigr) \cdot {phi} = {result}",
    )


def _signed(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"


def _text(name: str) -> str:
    """A class's name as part of a formula: whatever it is, it is shown and nothing else."""
    shown = "".join(c for c in name if c.isalnum() or c in " -+")
    return rf"\text{{{shown or '?'}}}"
