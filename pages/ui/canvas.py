"""The canvas: what is drawn on it, as strokes, and how strokes are put on it.

Strokes are in canvas pixels, x right, y down. Fabric, the canvas's library, stores a freehand
stroke as a path of quadratic curves whose control points are where the pen was: reading them
back gives the recorded points, and writing strokes the same way draws them smoothly.
"""

from itertools import groupby, pairwise
from typing import Any

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.ui.session import CANVAS, Session, Stroke, dark
from softmax_core.errors import DrawingError

PEN = 16  # pixels
INK = {False: "#1c2024", True: "#f2f3f5"}  # by theme
PAPER = {False: "#fbfbf8", True: "#1b2027"}

# The canvas waits 200 ms after a change before it sends. Its toolbar has a button that sends at
# once and cancels the wait: this listener presses it when the pen goes up, and hides the toolbar,
# whose tools the page offers itself. Without the button nothing breaks; the 200 ms stay.
SEND_AT_PEN_UP = """
const label = 'button[aria-label="Update the app with this drawing"]';
export default () => {
  let pressed = null;
  const canvas = e => e.composedPath().find(n => n.classList?.contains("dc-root")) ?? null;
  const over = e => {
    const root = canvas(e);
    if (root?.querySelector(label)) root.querySelector(".dc-toolbar").style.display = "none";
  };
  const down = e => { pressed = canvas(e) };
  const up = () => {
    const root = pressed;
    pressed = null;
    if (root) setTimeout(() => root.querySelector(label)?.click(), 0);
  };
  const listeners = [["pointerover", over], ["mousedown", down], ["touchstart", down],
                     ["mouseup", up], ["touchend", up]];
  listeners.forEach(([type, f]) => document.addEventListener(type, f, true));
  return () => listeners.forEach(([type, f]) => document.removeEventListener(type, f, true));
}
"""

send_at_pen_up = st.components.v2.component("send_at_pen_up", js=SEND_AT_PEN_UP)


def canvas(state: Session) -> None:
    """Shows the canvas with the session's drawing on it, and takes what is drawn."""
    key = f"canvas-{state.canvas_version}-{'dark' if dark() else 'light'}"
    if key not in st.session_state:  # a new canvas starts with the drawing as it is now
        state.canvas_start = state.strokes
    result = st_canvas(
        key=key,
        width=CANVAS,
        height=CANVAS,
        stroke_width=PEN,
        stroke_color=INK[dark()],
        background_color=PAPER[dark()],
        initial_drawing=drawing_of(state.canvas_start, INK[dark()]),
    )
    strokes = strokes_of(result.json_data)
    if strokes != state.strokes:
        state.draw(strokes)


def strokes_of(drawing: Any) -> list[Stroke]:
    """The strokes in the canvas's JSON.

    Raises `DrawingError` for JSON that is not the canvas's: it comes from a browser.
    """
    try:
        paths = [item["path"] for item in drawing["objects"] if item["type"] == "Path"]
        return [_points(path) for path in paths]
    except (KeyError, TypeError, ValueError, IndexError):
        raise DrawingError("the browser sent a drawing that the canvas does not make") from None


def _points(path: list) -> Stroke:
    """M start, Q control end, …, L last -> the points where the pen was, no point twice running."""
    points = [(float(x), float(y)) for _, x, y, *_ in path]
    return [point for point, _ in groupby(points)]


def drawing_of(strokes: list[Stroke], ink: str) -> dict[str, Any]:
    """The canvas's JSON for strokes: the inverse of `strokes_of`."""
    return {"objects": [_path_object(stroke, ink) for stroke in strokes]}


def _path_object(stroke: Stroke, ink: str) -> dict[str, Any]:
    curves = [
        ["Q", *point, (point[0] + after[0]) / 2, (point[1] + after[1]) / 2]
        for point, after in pairwise(stroke)
    ]
    return {
        "type": "Path",
        "path": [["M", *stroke[0]], *curves, ["L", *stroke[-1]]],
        "fill": None,
        "stroke": ink,
        "strokeWidth": PEN,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }
