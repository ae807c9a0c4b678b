"""Figures that pages share: data -> a plotly figure as a plain dictionary (JSON types only).

Orange is "for", blue is "against"; the middle of the diverging scale is the theme's own
background, so that a weight of zero can't be seen. Row 0 is on top, and cells are square.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from softmax_core.grids import SIDE

FONT = '"Source Sans", sans-serif'  # as the page around it


@dataclass(frozen=True)
class Palette:
    """The colours of one theme. `series` is safe for colour-vision deficiency (Okabe and Ito)."""

    against: str
    middle: str
    favour: str
    text: str
    muted: str
    line: str
    series: tuple[str, ...]

    @property
    def diverging(self) -> list[list]:
        return [[0, self.against], [0.5, self.middle], [1, self.favour]]


LIGHT = Palette(
    against="#0b62a4",
    middle="#ffffff",
    favour="#d95f02",
    text="#1c2024",
    muted="#667080",
    line="#d5d9de",
    series=("#d95f02", "#0072b2", "#009e73", "#cc79a7", "#9a7d0a", "#56b4e9", "#555555"),
)
DARK = Palette(
    against="#5aaef0",
    middle="#101317",
    favour="#ff9d47",
    text="#e9ebee",
    muted="#9aa4b1",
    line="#363d47",
    series=("#ff9d47", "#5aaef0", "#2fc49a", "#e59ac4", "#e6c229", "#a5d8ff", "#b0b6bf"),
)


def palette(dark: bool) -> Palette:
    """The colours of the dark or the light theme."""
    return DARK if dark else LIGHT


def layout(colours: Palette, *, height: int, **more) -> dict:
    """The layout that all figures start from: transparent, no tools, small margins."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.text, "size": 13, "family": FONT},
        "dragmode": False,
        "showlegend": False,
        **more,
    }


def picture_axes() -> dict:
    """Axes for pictures made of cells: no ticks, square cells, row 0 on top."""
    bare = {"visible": False, "fixedrange": True}
    return {
        "xaxis": {**bare, "constrain": "domain"},
        "yaxis": {**bare, "constrain": "domain", "scaleanchor": "x", "autorange": "reversed"},
    }


def mosaic(
    images: ArrayLike,
    names: Sequence[str],
    colours: Palette,
    *,
    columns: int = 5,
    scale: float | None = None,
    height: int | None = None,
    unit: str = "weight",
) -> dict:
    """K pictures (K, 8, 8), each under its name, in one heatmap on one shared ± scale.

    `scale` is the value of full colour; without it, the largest |value| of all pictures.
    """
    images = np.asarray(images, dtype=float)
    scale = scale or float(np.abs(images).max(initial=0)) or 1.0
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    step, head = SIDE + 1, SIDE + 2  # a gap of one column, a gap of two rows for the name
    z = np.full((rows * head, columns * step - 1), np.nan)
    hover = np.full(z.shape, "", dtype=object)
    labels = []
    for k, (image, name) in enumerate(zip(images, names, strict=True)):
        top, left = k // columns * head + 2, k % columns * step
        z[top : top + SIDE, left : left + SIDE] = image
        hover[top : top + SIDE, left : left + SIDE] = [
            [f"{name}, row {r}, column {c}: {image[r, c]:+.3f}" for c in range(SIDE)]
            for r in range(SIDE)
        ]
        labels.append(
            {
                "x": left + (SIDE - 1) / 2,
                "y": top - 1.1,
                "text": f"<b>{name}</b>",
                "showarrow": False,
                "font": {"size": 14, "color": colours.text},
            }
        )
    heatmap = {
        "type": "heatmap",
        "z": [[None if np.isnan(v) else round(v, 4) for v in row] for row in z.tolist()],
        "text": hover.tolist(),
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        "zmin": -scale,
        "zmax": scale,
        "colorscale": colours.diverging,
        "colorbar": {"title": {"text": unit}, "thickness": 10, "len": 0.9, "outlinewidth": 0},
    }
    return {
        "data": [heatmap],
        "layout": layout(
            colours,
            height=height or 60 + 150 * rows,
            annotations=labels,
            **picture_axes(),
        ),
    }


def bars(values: ArrayLike, names: Sequence[str], colours: Palette, *, title: str) -> dict:
    """One horizontal bar a class, the first class on top; positive orange, negative blue."""
    values = np.asarray(values, dtype=float)
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": values.tolist(),
        "y": list(names),
        "marker": {"color": [colours.favour if v >= 0 else colours.against for v in values]},
        "hovertemplate": "%{y}: %{x:.4f}<extra></extra>",
    }
    return {
        "data": [bar],
        "layout": layout(
            colours,
            height=48 + 26 * len(values),
            xaxis={"title": {"text": title}, "fixedrange": True, "gridcolor": colours.line},
            yaxis={"type": "category", "autorange": "reversed", "fixedrange": True},
        ),
    }


def describe_images(images: ArrayLike, names: Sequence[str]) -> str:
    """The content of a mosaic as text, for a screen reader: each picture's strongest cells."""
    sentences = []
    for image, name in zip(np.asarray(images, dtype=float), names, strict=True):
        (up, right), (down, left) = (
            np.unravel_index(index, image.shape) for index in (image.argmax(), image.argmin())
        )
        sentences.append(
            f"{name}: highest {image[up, right]:+.2f} at row {up}, column {right}, "
            f"lowest {image[down, left]:+.2f} at row {down}, column {left}."
        )
    return " ".join(sentences)
