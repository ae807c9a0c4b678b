"""Figures of the Gradient page: data -> a plotly figure as a plain dictionary."""

import numpy as np
from numpy.typing import ArrayLike

from pages.ui.figures import Palette, lines
from softmax_core.derivation import DifferenceErrors


def difference_figure(errors: DifferenceErrors, colours: Palette) -> dict:
    """The error of finite differences against the step h, both axes logarithmic."""
    tiny = np.finfo(float).tiny
    curves = {
        "central": (errors.steps, np.maximum(errors.central, tiny)),
        "one-sided": (errors.steps, np.maximum(errors.forward, tiny)),
    }
    scale = {"type": "log", "exponentformat": "power", "dtick": 2}
    figure = lines(
        curves,
        colours,
        x="step h",
        y="|difference − derivative|",
        markers=True,
        xaxis=scale,
        yaxis=scale,
    )
    figure["layout"]["annotations"] = [
        {
            "xref": "paper",
            "yref": "paper",
            "x": x,
            "y": 0.98,
            "xanchor": anchor,
            "text": text,
            "showarrow": False,
            "font": {"color": colours.muted},
        }
        for x, anchor, text in ((0.02, "left", "← rounding"), (0.98, "right", "truncation →"))
    ]
    return figure


def likelihoods_figure(runs: dict[str, ArrayLike], colours: Palette) -> dict:
    """L(W) by step. A run that falls below twice the first value leaves the figure."""
    lowest = 2 * float(next(iter(runs.values()))[0])
    return lines(_by_step(runs), colours, x="step", y="L(W)", yaxis={"range": [lowest, 0]})


def accuracies_figure(runs: dict[str, ArrayLike], colours: Palette) -> dict:
    """Accuracy by step."""
    return lines(_by_step(runs), colours, x="step", y="accuracy", yaxis={"range": [0, 1]})


def _by_step(runs: dict[str, ArrayLike]) -> dict[str, tuple[ArrayLike, ArrayLike]]:
    return {name: (np.arange(len(values)), values) for name, values in runs.items()}
