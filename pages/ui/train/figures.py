"""The two figures of the Train page: the curves of the runs, and the weights of every class.

The curves are drawn many times a second, so they are made of what Plotly draws fast. The weights
on the page are drawn by live.js; the figure of them here is for the file that a visitor takes away.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pages.ui.figures import Palette, describe_images, layout
from pages.ui.text import place
from softmax_core.grids import SIDE
from softmax_core.runs import Figures, Run, thinned

POINTS = 300  # that are drawn of a curve
COLUMNS = 5
STEP = SIDE + 1  # from picture to picture: a gap of one column
HEAD = 2  # rows for the name above a picture
BLOCK = HEAD + SIDE + 2  # rows a picture takes: its name, its cells, a gap, its bias

# What is drawn: the figure, its axis, its line, whose samples it is measured on.
SERIES = {
    "log_likelihood": ("y", "solid", "training"),
    "held_out_log_likelihood": ("y", "dot", "held out"),
    "accuracy": ("y2", "solid", "training"),
    "held_out_accuracy": ("y2", "dot", "held out"),
}


@dataclass(frozen=True)
class View:
    """How a run is drawn: L or L/N, the axis of epochs, what is left out, the colours' scale.

    `epochs` is where the axis ends (None: it follows the run); `lowest` and `highest` are the ends
    of the axis of L, per sample (None: it holds every value). `scale` is the weight that has full
    colour (None: `figures.SCALE`, and more once a weight is larger).
    """

    per_sample: bool = False
    logarithmic: bool = False
    epochs: int | None = None
    lowest: float | None = None
    highest: float = 0.0
    series: tuple[str, ...] = tuple(SERIES)
    scale: float | None = None


SCALE = 0.75  # a weight with full colour: weights begin at zero, and are seen to grow


class Curves(NamedTuple):
    """A run as curves: each figure's epochs and values, and N by "training" and "held out"."""

    name: str
    figures: Mapping[str, tuple[NDArray, NDArray]]
    samples: Mapping[str, int]


def curves_of(run: Run) -> Curves:
    """A run as curves, thinned to what can be seen."""
    figures = {}
    for name in Figures._fields[1:]:
        epochs, values = run.curve(name)
        kept = thinned(values, POINTS)
        figures[name] = epochs[kept], values[kept]
    return Curves("", figures, {"training": len(run.objective), "held out": len(run.held_out)})


def last_epoch(runs: Sequence[Curves], view: View, shortest: int = 10) -> int:
    """Where the axis of epochs ends: at a round number, so that it rarely moves."""
    measured = [epochs for run in runs for epochs, _ in run.figures.values()]
    last = max(int(epochs[-1]) for epochs in measured if len(epochs))
    return view.epochs or _round_up(max(last, shortest))


def curves(
    runs: Sequence[Curves],
    classes: int,
    colours: Palette,
    view: View,
    end: int,
    present: int = 0,
) -> dict:
    """L above, accuracy below, by epoch; `present` is the run that grows.

    Sums over different numbers of samples can't be compared: every L is scaled to as many samples
    as the present run is trained on, or with `per_sample` to one.
    """
    first_epoch = 1 if view.logarithmic else 0
    size = 1 if view.per_sample else runs[present].samples["training"]
    level = -math.log(classes) * size
    lowest, traces = level, []
    for order, run in enumerate(runs):
        colour = colours.series[order % len(colours.series)]
        named = False
        for name in view.series:
            axis, dash, samples = SERIES[name]
            epochs, values = run.figures[name]
            shown = epochs >= first_epoch
            epochs, values = epochs[shown], values[shown]
            if axis == "y":
                values = values * (size / run.samples[samples])
                lowest = min(lowest, values.min(initial=0))
            words = _sample_words(run, samples, size)
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": (run.name or words) if not named else words,
                    "x": epochs.tolist(),
                    "y": np.round(values, 5).tolist(),
                    "yaxis": axis,
                    "line": {
                        "color": colour,
                        "dash": dash,
                        "width": 2 if order == present else 1.5,
                    },
                    "legendgroup": str(order),
                    "showlegend": axis == "y" and (order == present or not named),
                    "meta": {"grows": order == present},
                    "hovertemplate": f"{run.name + ', ' if run.name else ''}{words}<br>"
                    + "epoch %{x}: "
                    + ("%{y:,.4~f}" if axis == "y" else "%{y:.2%}")
                    + "<extra></extra>",
                }
            )
            named = True
    traces.append(_reference(level, first_epoch, end, view.per_sample, colours))
    if view.lowest is not None:
        lowest = view.lowest * size
    grid = {"gridcolor": colours.line, "zeroline": False}
    both = any(SERIES[name][0] == "y2" for name in view.series)
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=None,
            margin={"l": 58, "r": 8, "t": 30, "b": 44},
            hovermode="closest",
            showlegend=True,
            legend={
                "orientation": "h",
                "traceorder": "normal",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
            },
            uirevision="kept",
            xaxis={
                **grid,
                "title": _title("epoch"),
                "anchor": "y2" if both else "y",
                "type": "log" if view.logarithmic else "linear",
                "dtick": 1 if view.logarithmic else None,
                "range": [0, math.log10(end)] if view.logarithmic else [0, end],
            },
            yaxis={
                **grid,
                "title": _title("L/N, nats per sample" if view.per_sample else "L(W), nats"),
                "domain": [0.4 if both else 0, 1],
                "range": [lowest * (1.05 if view.lowest is None else 1), view.highest * size],
                "tickformat": "" if view.per_sample else "~s",
            },
            yaxis2={
                **grid,
                "title": _title("accuracy"),
                "domain": [0, 0.34],
                "range": [0, 1.02],
                "tickformat": ".0%",
                "visible": both,
            },
        ),
    }


def _sample_words(run: Curves, samples: str, size: int) -> str:
    """Whose samples, and whether L was scaled."""
    words = "unseen digits" if samples == "held out" else "training"
    scaled = size != 1 and run.samples[samples] != size
    return f"{words}, scaled to N = {size:,}" if scaled else words


def weights(
    images: ArrayLike,
    biases: ArrayLike,
    names: Sequence[str],
    colours: Palette,
    scale: float,
) -> dict:
    """K weight vectors (K, 8, 8) with their biases (K,): one heatmap on one shared ± scale.

    Below each picture, the bar is the bias.
    """
    columns, rows = _table(len(names))
    tops, lefts = _corners(len(names))
    heatmap = {
        "type": "heatmap",
        "z": _cells(images, biases),
        "zmin": -scale,
        "zmax": scale,
        "text": _cell_names(names),
        "colorscale": colours.diverging,
        "colorbar": {
            "orientation": "h",
            "y": 0,
            "yanchor": "top",
            "ypad": 4,
            "thickness": 8,
            "len": 0.8,
            "outlinewidth": 0,
            "nticks": 5,
            "title": {**_title("weight; below each picture, the bias"), "side": "bottom"},
        },
        "hoverongaps": False,
        "hovertemplate": "%{text}: %{z:+.4~f}<extra></extra>",
    }
    labels = {
        "type": "scatter",
        "mode": "text",
        "x": [left + (SIDE - 1) / 2 for left in lefts],
        "y": [top - 1.1 for top in tops],
        "text": [f"<b>{name}</b>" for name in names],
        "textfont": {"size": 14, "color": colours.text},
        "hoverinfo": "skip",
    }
    bare = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return {
        "data": [heatmap, labels],
        "layout": layout(
            colours,
            height=rows * 220 + 60,
            margin={"l": 0, "r": 0, "t": 0, "b": 56},
            xaxis={**bare, "range": [-0.5, columns * STEP - 1.5]},
            yaxis={
                **bare,
                "range": [rows * BLOCK - 0.5, -0.5],
                "scaleanchor": "x",
                "constraintoward": "bottom",
            },
        ),
    }


def scale_of(images: ArrayLike, view: View) -> float:
    """The weight that has full colour: a larger one makes it larger, unless the view fixes it."""
    return view.scale or max(SCALE, float(np.abs(images).max()))


def _cells(images: ArrayLike, biases: ArrayLike) -> list[list]:
    """The mosaic's values, None between the pictures."""
    images, biases = np.asarray(images, float), np.asarray(biases, float)
    columns, rows = _table(len(images))
    z = np.full((rows * BLOCK, columns * STEP - 1), None)
    for image, bias, top, left in zip(images, biases, *_corners(len(images)), strict=True):
        z[top : top + SIDE, left : left + SIDE] = np.round(image, 4)
        z[top + SIDE + 1, left : left + SIDE] = round(float(bias), 4)
    return z.tolist()


def describe_weights(images: ArrayLike, biases: ArrayLike, names: Sequence[str]) -> str:
    """The mosaic as text, for a screen reader."""
    biased = ", ".join(f"{n} {b:+.2f}" for n, b in zip(names, np.asarray(biases), strict=True))
    return f"Weights by class. {describe_images(images, names)} Biases: {biased}."


def describe_curves(figures: Figures) -> str:
    """The end of the curves as text, for a screen reader."""
    return (
        f"Curves by epoch. At epoch {figures.epoch}, L is {figures.log_likelihood:,.1f} nats on "
        f"training data and {figures.held_out_log_likelihood:,.1f} on held-out data; accuracy is "
        f"{_share(figures.accuracy)} and {_share(figures.held_out_accuracy)}."
    )


def _share(value: float) -> str:
    return "not measured" if math.isnan(value) else f"{value:.1%}"


def _table(pictures: int) -> tuple[int, int]:
    columns = min(COLUMNS, pictures)
    return columns, -(-pictures // columns)


def _corners(pictures: int) -> tuple[list[int], list[int]]:
    places = [divmod(k, COLUMNS) for k in range(pictures)]
    return [row * BLOCK + HEAD for row, _ in places], [column * STEP for _, column in places]


def _cell_names(names: Sequence[str]) -> list[list[str]]:
    columns, rows = _table(len(names))
    text = np.full((rows * BLOCK, columns * STEP - 1), "", dtype=object)
    for name, top, left in zip(names, *_corners(len(names)), strict=True):
        text[top : top + SIDE, left : left + SIDE] = [
            [f"{name}, {place(row, column)}" for column in range(SIDE)] for row in range(SIDE)
        ]
        text[top + SIDE + 1, left : left + SIDE] = f"{name}, bias"
    return text.tolist()


def _reference(level: float, start: int, end: int, per_sample: bool, colours: Palette) -> dict:
    name = "−ln K" if per_sample else "−N ln K"
    return {
        "type": "scatter",
        "mode": "lines+text",
        "name": "constant model",
        "x": [start, end],
        "y": [level, level],
        "text": ["", name],
        "textposition": "top left",
        "textfont": {"color": colours.muted, "size": 12},
        "line": {"color": colours.muted, "dash": "dash", "width": 1},
        "hovertemplate": f"constant model, {name} = {level:,.4g}<extra></extra>",
        "showlegend": False,
    }


def _title(text: str) -> dict:
    return {"text": text, "font": {"size": 13}}


def _round_up(number: int) -> int:
    """The next of 10, 20, 50, 100, …: an axis that need not move with every epoch."""
    power = 10 ** (len(str(number)) - 1)
    return next(m * power for m in (1, 2, 5, 10) if m * power >= number)
