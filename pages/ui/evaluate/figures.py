"""Figures of the Evaluate page: data -> a plotly figure as a plain dictionary."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pages.ui.figures import Palette, layout, lines
from pages.ui.text import percent
from softmax_core.evaluation import ByWriter
from softmax_core.metrics import Accuracy, Calibration

LONG_NAME = 24  # characters
LARGEST_DOT = 24  # pixels: of one writer there are 504 digits, of every other 40 at most
GOLDEN = 0.618034  # its multiples spread dots evenly, whatever their number
PERCENT = {"tickformat": ".0%"}


def calibration_figure(found: Calibration, colours: Palette) -> dict:
    """The share that is right against the probability that was given; on the diagonal all is well.

    A bin's point is as large as the number of its digits.
    """
    used = found.counts > 0
    sizes = 6 + 24 * np.sqrt(found.counts[used] / found.counts.max())
    figure = lines({"": ([0, 1], [0, 1])}, colours, x="probability given", y="share right")
    figure["data"][0].update(
        line={"color": colours.muted, "dash": "dot", "width": 1}, hoverinfo="skip"
    )
    figure["data"].append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": found.confidence[used].tolist(),
            "y": found.accuracy[used].tolist(),
            "marker": {"size": sizes.tolist(), "color": colours.favour, "opacity": 0.9},
            "line": {"color": colours.favour, "width": 1},
            "cliponaxis": False,
            "text": [f"{count:,} digits" for count in found.counts[used].tolist()],
            "hovertemplate": "given %{x:.1%}, right %{y:.1%}, %{text}<extra></extra>",
        }
    )
    figure["layout"].update(hovermode="closest", showlegend=False)
    figure["layout"]["xaxis"].update(PERCENT, range=[0, 1.05])
    figure["layout"]["yaxis"].update(PERCENT, range=[0, 1.05])
    return figure


def accuracies_bars(found: dict[str, Accuracy], colours: Palette, *, marked: str = "") -> dict:
    """One bar for each accuracy with its 95 % interval; the `marked` one is orange."""
    values = [a.value for a in found.values()]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(found),
        "text": [percent(v) for v in values],
        "textposition": "inside",
        "insidetextanchor": "start",
        "insidetextfont": {"color": colours.middle},
        "marker": {"color": [colours.favour if n == marked else colours.muted for n in found]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [a.high - a.value for a in found.values()],
            "arrayminus": [a.value - a.low for a in found.values()],
            "color": colours.text,
            "thickness": 1.5,
            "width": 4,
        },
        "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
    }
    return {
        "data": [bar],
        "layout": layout(
            colours,
            height=50 + 34 * len(values),
            margin={"l": 8, "r": 20, "t": 8, "b": 8},  # room for half of "100 %"
            xaxis={
                "range": [0, 1.02],
                "fixedrange": True,
                "automargin": True,
                "gridcolor": colours.line,
                **PERCENT,
            },
            yaxis={
                "type": "category",
                "tickvals": list(found),
                "ticktext": [_in_two_lines(name) for name in found],
                "ticklabelstandoff": 6,
                "autorange": "reversed",
                "fixedrange": True,
                "automargin": True,
                "ticksuffix": "  ",
            },
        ),
    }


def _in_two_lines(name: str) -> str:
    """A long name broken after its comma, so that it leaves room for its bar on a phone."""
    return name.replace(", ", ",<br>", 1) if len(name) > LONG_NAME else name


def writers_figure(found: dict[str, ByWriter], colours: Palette) -> dict:
    """A dot for each writer at the share of right digits, a row for each group of writers.

    Dots have no length to compare, so the axis begins at the tenth below the lowest of them.
    """
    data = []
    lowest = np.floor(10 * min(people.shares.min() for people in found.values())) / 10
    for row, (title, people) in enumerate(found.items()):
        places = row + 0.6 * (np.arange(len(people.writers)) * GOLDEN % 1 - 0.5)
        median = people.quantile(0.5)
        data += [
            {
                "type": "scatter",
                "mode": "markers",
                "name": title,
                "x": people.shares.tolist(),
                "y": places.tolist(),
                "marker": {
                    "size": np.minimum(4 + 1.5 * np.sqrt(people.counts), LARGEST_DOT).tolist(),
                    "color": colours.muted,
                    "opacity": 0.7,
                },
                "text": people.counts.tolist(),
                "hovertemplate": "%{x:.1%} of %{text} digits<extra></extra>",
                "cliponaxis": False,
                "meta": {
                    "told": f"{len(people.writers)} writers, the lowest "
                    f"{percent(people.shares.min())}, the median {percent(median)}, "
                    f"the highest {percent(people.shares.max())}"
                },
            },
            {
                "type": "scatter",
                "mode": "lines",
                "x": [median, median],
                "y": [row - 0.4, row + 0.4],
                "line": {"color": colours.favour, "width": 3},
                "hoverinfo": "skip",
            },
        ]
    names = list(found)
    return {
        "data": data,
        "layout": layout(
            colours,
            height=50 + 100 * len(names),
            xaxis={
                "range": [lowest - 0.02, 1.02],
                "fixedrange": True,
                "gridcolor": colours.line,
                **PERCENT,
            },
            yaxis={
                "tickvals": list(range(len(names))),
                "ticktext": [name.replace(" ", "<br>", 1) for name in names],
                "range": [len(names) - 0.5, -0.5],
                "fixedrange": True,
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
                "ticksuffix": "  ",
            },
            hovermode="closest",
            margin={"l": 8, "r": 12, "t": 8, "b": 36},
        ),
    }


def robustness_figure(
    curves: dict[str, ArrayLike], at: Sequence[int], colours: Palette, *, x: str
) -> dict:
    """The accuracy of several models against what was done to the digits."""
    return lines(
        {name: (at, values) for name, values in curves.items()},
        colours,
        x=x,
        y="accuracy",
        markers=True,
        xaxis={"tickvals": list(at)},
        yaxis={"range": [0, 1], **PERCENT},
    )
