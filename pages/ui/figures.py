"""What all figures share: their colours, where their layout starts, and what they show in words.

A figure is a plotly figure as a plain dictionary (JSON types only). Orange is "for", blue is
"against"; the middle of the diverging scale is the theme's own background, so that a weight of
zero can't be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape

import numpy as np
from numpy.typing import ArrayLike

from pages.ui.text import place

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
            "name": escape(name, quote=False),  # Plotly reads some HTML in names
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


def describe(figure: dict) -> str:
    """What a figure shows as text, for a screen reader: every bar; of every curve its ends, and
    where it is lowest and highest."""
    axes = [figure["layout"][axis].get("title", {}).get("text", "") for axis in ("yaxis", "xaxis")]
    sentences = [" against ".join(axes) + "."] if all(axes) else []
    for trace in figure["data"]:
        x, y, name = trace["x"], trace["y"], unescape(trace.get("name") or "")
        if trace.get("hoverinfo") == "skip":
            continue
        if "told" in trace.get("meta", {}):
            told = trace["meta"]["told"]
        elif trace["type"] == "bar":
            told = ", ".join(map("{}: {}".format, y, trace["text"]))
        else:
            places = (0, int(np.argmin(y)), int(np.argmax(y)), len(y) - 1)
            told = ", ".join(f"{y[n]:.3g} at {x[n]:.3g}" for n in sorted(set(places)))
        sentences.append(f"{name}: {told}." if name else f"{told}.")
    return " ".join(sentences)


def describe_images(images: ArrayLike, names: Sequence[str]) -> str:
    """The content of a mosaic as text, for a screen reader: each picture's strongest cells."""
    sentences = []
    for image, name in zip(np.asarray(images, dtype=float), names, strict=True):
        (up, right), (down, left) = (
            np.unravel_index(index, image.shape) for index in (image.argmax(), image.argmin())
        )
        sentences.append(
            f"{name}: highest {image[up, right]:+.2f} at {place(up, right)}, "
            f"lowest {image[down, left]:+.2f} at {place(down, left)}."
        )
    return " ".join(sentences)
