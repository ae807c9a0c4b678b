"""The canvas to draw on, and what makes it answer as soon as the pen goes up."""

import time

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages.ui.session import CANVAS, Session
from pages.ui.set_up import dark
from pages.ui.strokes import PEN, drawing_of, strokes_of

PAUSE = 0.02  # seconds
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


def answer_first() -> None:
    """Lets the browser paint what it has, before the rest of the page keeps it busy.

    It draws everything that reaches it within 10 ms in one go; a pause, in which the server is
    free for others, makes the answer a batch of its own: 30 ms sooner at the median.
    """
    time.sleep(PAUSE)
