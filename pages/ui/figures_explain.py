"""Figures of the pages that explain: data -> a plotly figure as a plain dictionary."""

import numpy as np
from numpy.typing import ArrayLike

from pages.ui.figures import Palette, layout
from softmax_core.derivation import DifferenceErrors


def lines(
    curves: dict[str, tuple[ArrayLike, ArrayLike]],
    colours: Palette,
    *,
    x: str,
    y: str,
    height: int = 280,
    markers: bool = False,
    **axes,
) -> dict:
    """Curves by name, (x, y) each, with the legend above; `axes` goes into the layout."""
    series = colours.series * (1 + len(curves) // len(colours.series))
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers" if markers else "lines",
            "name": name,
            "x": np.asarray(xs, dtype=float).tolist(),
            "y": np.asarray(ys, dtype=float).tolist(),
            "line": {"color": colour, "width": 2},
        }
        for (name, (xs, ys)), colour in zip(curves.items(), series, strict=False)
    ]
    axis = {
        "gridcolor": colours.line,
        "zerolinecolor": colours.line,
        "fixedrange": True,
    }
    more = {name: axes.pop(name, {}) for name in ("xaxis", "yaxis")}
    return {
        "data": data,
        "layout": layout(
            colours,
            height=height,
            xaxis={"title": {"text": x}, **axis, **more["xaxis"]},
            yaxis={"title": {"text": y}, **axis, **more["yaxis"]},
            showlegend=len(curves) > 1,
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            hovermode="x unified",
            margin={"l": 72, "r": 8, "t": 32, "b": 48},
            **axes,
        ),
    }


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
