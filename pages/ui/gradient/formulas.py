"""The derivation of ∂L/∂w_ij in words and formulas, and the same formulas with one's numbers."""

from typing import NamedTuple

from pages.ui.text import number
from softmax_core.derivation import Derivation


class Step(NamedTuple):
    """One step: what is done, its formula, and what its symbols mean."""

    title: str
    formula: str
    words: str


SYMBOLS = {
    r"x_n": "sample n of N: a grid of 8×8 pixels, 0 or 1",
    r"\varphi_j(x)": "feature j of a grid: pixel j, or 1 for the bias, j = 0. D of them",
    r"w_{ij}": "the weight of feature j in class i (other pages call it $w_{ki}$); W is all K×D",
    r"z_i = \sum_j w_{ij}\,\varphi_j(x)": "the score of class i, z = W φ; also called $a_i$",
    r"s_i = P(y_i \mid x) = e^{z_i} / \sum_k e^{z_k}": "softmax: the probability of class i",
    r"y_i": "1 if the sample's label is class i, else 0; $y_{ni}$ for sample n",
    r"L(W)": "the log-likelihood of all samples, in nats (natural logarithm)",
    r"\delta_{kl}": "1 if k = l, else 0",
    r"i,\ k,\ l": "each runs over the K classes; i is the class of the weight",
}

STEPS = (
    Step(
        "L is a sum over samples",
        r"L(W) = \sum_n \sum_k y_{nk} \ln P(y_k \mid x_n)",
        "The derivative of a sum is the sum of the derivatives. So take **one** sample x with its "
        "label y, and add up at the end. Of the inner sum one term is left, that of the label.",
    ),
    Step(
        "The chain rule on ln",
        r"\frac{\partial}{\partial w_{ij}} \sum_k y_k \ln s_k"
        r" = \sum_k \frac{y_k}{s_k}\, \frac{\partial s_k}{\partial w_{ij}}",
        "The derivative of $\\ln s$ is $1/s$. Every $s_k$ depends on $w_{ij}$, also those of other "
        "classes $k \\neq i$, because all of them share one denominator.",
    ),
    Step(
        "The derivative of softmax",
        r"\frac{\partial s_k}{\partial z_l} = s_k\,(\delta_{kl} - s_l)",
        "Two cases. **k = l**, on the diagonal: $s_k (1 - s_k)$, a class gains from its own score. "
        "**k ≠ l**, elsewhere: $-s_k s_l$, it loses to the scores of others. "
        "A row adds up to 0: what one class gains, the others lose.",
    ),
    Step(
        "Only the score of class i depends on its weight",
        r"\begin{gathered}\frac{\partial z_l}{\partial w_{ij}} = \delta_{li}\, \varphi_j\\"
        r"\Rightarrow\;\frac{\partial s_k}{\partial w_{ij}} = s_k\,(\delta_{ki} - s_i)\,\varphi_j"
        r"\end{gathered}",
        "$z_l = \\sum_j w_{lj} \\varphi_j$ has $w_{ij}$ in it only if $l = i$. That leaves column "
        "i of the Jacobian.",
    ),
    Step(
        "Put in, and cancel",
        r"\begin{gathered}"
        r"\sum_k \frac{y_k}{\cancel{s_k}}\; \cancel{s_k}\,(\delta_{ki} - s_i)\,\varphi_j\\"
        r"= \sum_k y_k\,(\delta_{ki} - s_i)\,\varphi_j\end{gathered}",
        "The $s_k$ of the logarithm cancels that of softmax: this is why the two belong together. "
        "A program need not divide by $s_k$, however small it is.",
    ),
    Step(
        "The sum over k collapses",
        r"\begin{gathered}\sum_k y_k \delta_{ki} - s_i \sum_k y_k = y_i - s_i\\"
        r"\text{because}\quad \sum_k y_k = 1\end{gathered}",
        "Often left out in text books. $s_i$ does not depend on k, so it moves in front of its "
        "sum, and the sum of the $y_k$ is 1: a sample has one label. In the first sum, "
        "$\\delta_{ki}$ keeps the term $k = i$ alone.",
    ),
    Step(
        "Every weight at once, then every sample",
        r"\frac{\partial L}{\partial w_{ij}} ="
        r" \sum_n \bigl(y_{ni} - P(y_i \mid x_n)\bigr)\,\varphi_j(x_n)",
        "What was seen minus what was expected, where there is ink. For this one sample it is "
        "$(y - P)\\,\\varphi^{\\mathsf T}$: one picture for each class.",
    ),
)


def live(d: Derivation, classes: tuple[str, ...], entry: tuple[int, int]) -> tuple[str, ...]:
    """Each step's formula with the numbers of one sample and of one weight w_ij."""
    i, j = entry
    own, name = (_text(classes[k]) for k in (d.label, i))
    s, y = rf"s_{{{own}}}", rf"y_{{{own}}}"
    s_own, s_i = number(d.probabilities[d.label]), number(d.probabilities[i])
    phi, y_i, delta = f"{d.features[j]:g}", f"{d.seen[i]:g}", int(i == d.label)
    slope = number(d.jacobian[d.label, i])
    result = number(d.gradient[i, j])
    return (
        rf"\ln {s} = \ln {s_own} = {number(d.log_likelihood)}",
        rf"\frac{{{y}}}{{{s}}} = \frac{{1}}{{{s_own}}} = {number(d.factors[d.label])}"
        r"\,,\quad\text{all others } 0",
        rf"\frac{{\partial {s}}}{{\partial z_{{{name}}}}} = {s_own}\,({delta} - {s_i}) = {slope}",
        rf"\frac{{\partial {s}}}{{\partial w_{{{name},{j}}}}} = {slope} \cdot {phi}"
        rf" = {number(d.jacobian[d.label, i] * d.features[j])}",
        rf"\frac{{1}}{{\cancel{{{s_own}}}}}\;\cancel{{{s_own}}}\,({delta} - {s_i})\cdot {phi}"
        rf" = {result}",
        rf"{y_i} - {s_i} \cdot 1 = {number(d.residual[i])}",
        rf"\bigl({y_i} - {s_i}\bigr)\cdot {phi} = {result}",
    )


def _text(name: str) -> str:
    """A class's name as part of a formula: whatever it is, it is shown and nothing else."""
    shown = "".join(c for c in name if c.isalnum() or c in " -+")
    return rf"\text{{{shown or '?'}}}"
