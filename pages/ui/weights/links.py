"""The weights of neighbour pairs as links between pixels: data -> HTML text."""

from base64 import b64encode
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from pages.ui.figures import Palette
from pages.ui.text import place
from softmax_core.grids import SIDE

CELL = 40  # units of the picture for a pixel
WIDEST = 14  # units: the link of the largest weight


def links_html(
    links: ArrayLike, weights: ArrayLike, scale: float, colours: Palette, caption: str
) -> str:
    """`links` (m, 2, 2) are the (row, column) of both ends, `weights` (m,) go with them.

    The wider and the stronger a link, the larger is |w|; `scale` is the widest.
    """
    order = np.argsort(np.abs(weights))
    lines = [
        _line(*np.asarray(links)[n].tolist(), float(np.asarray(weights)[n]) / scale, colours)
        for n in order
    ]
    dots = [
        f'<circle cx="{_at(c)}" cy="{_at(r)}" r="3" fill="{colours.muted}"/>'
        for r in range(SIDE)
        for c in range(SIDE)
    ]
    size = SIDE * CELL
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f"{''.join(lines)}{''.join(dots)}</svg>"
    )
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return (
        f'<figure class="picture"><p class="step">{escape(caption)}</p><div class="frame">'
        f'<img src="{source}" alt="{escape(_text(links, weights, order))}" width="100%"></div>'
        "</figure>"
    )


def _at(place: int) -> float:
    return CELL * (place + 0.5)


def _line(start: list[int], end: list[int], share: float, colours: Palette) -> str:
    (r, c), (down, right) = start, end
    colour = colours.favour if share >= 0 else colours.against
    strength = min(abs(share), 1)
    return (
        f'<line x1="{_at(c)}" y1="{_at(r)}" x2="{_at(right)}" y2="{_at(down)}" '
        f'stroke="{colour}" stroke-width="{WIDEST * strength:.1f}" '
        f'stroke-opacity="{strength**0.5:.2f}" stroke-linecap="round"/>'
    )


def _text(links: ArrayLike, weights: ArrayLike, order: ArrayLike) -> str:
    """The strongest links in words."""
    words = []
    for n in order[:-6:-1]:
        (r, c), (down, right) = np.asarray(links)[n].tolist()
        words.append(f"{place(r, c)} to {place(down, right)}: {weights[n]:+.2f}")
    return "Strongest links: " + "; ".join(words)
