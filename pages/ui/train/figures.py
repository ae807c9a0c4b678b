"""The two figures of the Train page: the curves of the runs, and the weights of every class.

They are drawn many times a second, so they are made of what Plotly draws fast: names are one text
trace where annotations would cost several times as much.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pages.ui.figures import Palette, describe_images, layout
from pages.ui.text import place
from softmax_core.grids import SIDE
from softmax_core.runs import Figures, Run, thinned

HEIGHT = 420
POINTS = 300  # that are drawn of a curve
COLUMNS = 5
STEP = SIDE + 1  # from picture to picture: a gap of one column
HEAD = 2  # rows for the name above a picture
BLOCK = HEAD + SIDE + 2  # rows a picture takes: its name, its cells, a gap, its bias

# What is drawn: the figure, its axis, its line, whose samples it is measured on.
SERIES = (
    ("log_likelihood", "y", "solid", "training"),
    ("held_out_log_likelihood", "y", "dot", "held out"),
    ("accuracy", "y2", "solid", "training"),
    ("held_out_accuracy", "y2", "dot", "held out"),
)


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


def curves(
    runs: Sequence[Curves],
    classes: int,
    colours: Palette,
    *,
    per_sample: bool = False,
    logarithmic: bool = False,
    marked: int | None = None,
) -> dict:
    """L(W) above, accuracy below, by epoch; the first run is the one that grows.

    `per_sample` draws L/N. `marked` is an epoch with a vertical line.
    """
    first_epoch = 1 if logarithmic else 0
    last_epoch = max(int(run.figures["accuracy"][0][-1]) for run in runs)
    end = _round_up(max(last_epoch, 10))
    lowest, traces = 0.0, []
    for order, run in enumerate(runs):
        colour = colours.series[order % len(colours.series)]
        for name, axis, dash, samples in SERIES:
            epochs, values = run.figures[name]
            if logarithmic:
                epochs, values = epochs[epochs > 0], values[epochs > 0]
            if per_sample and axis == "y":
                values = values / run.samples[samples]
            lowest = min(lowest, values.min(initial=0) if axis == "y" else 0)
            full = f"{run.name}, {samples}" if run.name else samples
            short = run.name if run.name and samples == "training" else samples
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": short,
                    "x": epochs.tolist(),
                    "y": np.round(values, 5).tolist(),
                    "yaxis": axis,
                    "line": {"color": colour, "dash": dash, "width": 2 if order == 0 else 1.5},
                    "legendgroup": str(order),
                    "showlegend": axis == "y" and (order == 0 or samples == "training"),
                    "meta": {"grows": order == 0},
                    "hovertemplate": f"{full}<br>epoch %{{x}}: "
                    + ("%{y:,.4~f}" if axis == "y" else "%{y:.2%}")
                    + "<extra></extra>",
                }
            )
    levels = {-math.log(classes) * (1 if per_sample else n) for n in runs[0].samples.values()}
    lowest = min(lowest, *levels)
    traces += [_reference(level, first_epoch, end, per_sample, colours) for level in levels]
    grid = {"gridcolor": colours.line, "zeroline": False}
    unit = "L/N, nats per sample" if per_sample else "L(W), nats"
    return {
        "data": traces,
        "layout": layout(
            colours,
            height=HEIGHT,
            margin={"l": 62, "r": 8, "t": 8, "b": 44},
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
                "anchor": "y2",
                "type": "log" if logarithmic else "linear",
                "dtick": 1 if logarithmic else None,
                "range": [0, math.log10(end)] if logarithmic else [0, end],
            },
            yaxis={
                **grid,
                "title": _title(unit),
                "domain": [0.4, 1],
                "range": [1.05 * lowest, 0],
                "tickformat": "" if per_sample else "~s",
            },
            yaxis2={
                **grid,
                "title": _title("accuracy"),
                "domain": [0, 0.34],
                "range": [0, 1.02],
                "tickformat": ".0%",
            },
            shapes=[] if marked is None else [_mark(marked, logarithmic, colours)],
        ),
    }


def weights(
    images: ArrayLike,
    biases: ArrayLike,
    names: Sequence[str],
    colours: Palette,
    *,
    hover: bool = True,
) -> dict:
    """K weight vectors (K, 8, 8) with their biases (K,): one heatmap on one shared ± scale.

    Below each picture, the bar is the bias. Without `hover` the cells' names are left out.
    """
    columns, rows = _table(len(names))
    tops, lefts = _corners(len(names))
    heatmap = {
        "type": "heatmap",
        **cells(images, biases),
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
    if hover:
        heatmap["text"] = _cell_names(names)
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
            height=None,
            meta={"aspect": columns * STEP / (rows * BLOCK + 7)},
            margin={"l": 0, "r": 0, "t": 0, "b": 56},
            uirevision="kept",
            xaxis={**bare, "range": [-0.5, columns * STEP - 1.5]},
            yaxis={
                **bare,
                "range": [rows * BLOCK - 0.5, -0.5],
                "scaleanchor": "x",
                "constraintoward": "bottom",
            },
        ),
    }


def cells(images: ArrayLike, biases: ArrayLike) -> dict:
    """What changes in the mosaic from epoch to epoch: the values and their scale.

    The scale is that of the pictures; a bias beyond it has full colour.
    """
    images, biases = np.asarray(images, float), np.asarray(biases, float)
    columns, rows = _table(len(images))
    z = np.full((rows * BLOCK, columns * STEP - 1), None)
    for image, bias, top, left in zip(images, biases, *_corners(len(images)), strict=True):
        z[top : top + SIDE, left : left + SIDE] = np.round(image, 4)
        z[top + SIDE + 1, left : left + SIDE] = round(float(bias), 4)
    scale = float(np.abs(images).max()) or 1.0
    return {"z": z.tolist(), "zmin": -scale, "zmax": scale}


def describe_weights(images: ArrayLike, biases: ArrayLike, names: Sequence[str]) -> str:
    """The mosaic as text, for a screen reader."""
    biased = ", ".join(f"{n} {b:+.2f}" for n, b in zip(names, np.asarray(biases), strict=True))
    return f"Weights by class. {describe_images(images, names)} Biases: {biased}."


def describe_curves(figures: Figures) -> str:
    """The end of the curves as text, for a screen reader."""
    return (
        f"Curves by epoch. At epoch {figures.epoch}, L is {figures.log_likelihood:,.1f} nats on "
        f"training data and {figures.held_out_log_likelihood:,.1f} on held-out data; accuracy is "
        f"{figures.accuracy:.1%} and {figures.held_out_accuracy:.1%}."
    )


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


def _mark(epoch: int, logarithmic: bool, colours: Palette) -> dict:
    x = max(epoch, 1) if logarithmic else epoch
    line = {"color": colours.text, "width": 1}
    return {"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


def _title(text: str) -> dict:
    return {"text": text, "font": {"size": 13}}


def _round_up(number: int) -> int:
    """The next of 10, 20, 50, 100, …: an axis that need not move with every epoch."""
    power = 10 ** (len(str(number)) - 1)
    return next(m * power for m in (1, 2, 5, 10) if m * power >= number)
