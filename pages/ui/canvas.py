"""The canvas to draw on, and what makes it answer as soon as the pen goes up."""

import time
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_drawable_canvas import st_canvas

from pages.ui.history import History
from pages.ui.session import Session
from pages.ui.strokes import CANVAS, INK, PEN, drawing_of, steps_of
from softmax_core.errors import DrawingError

PAUSE = 0.02  # seconds

# The canvas waits 200 ms after a change before it sends. Its toolbar has a button that sends at
# once and cancels the wait: this listener presses it when the pen goes up, after the canvas has
# heard of it, and without a timer, which would fire after the next frame. The toolbar itself is
# taken away, from mouse and keyboard: the page offers its tools. Without the button nothing
# breaks; the 200 ms stay.
# The canvas knows no cancelled touch (a call, a gesture of the system, a palm): its stroke would
# neither end nor let the next one begin. It is told that the touch ended instead.
SEND_AT_PEN_UP = """
const label = 'button[aria-label="Update the app with this drawing"]';
const away = new CSSStyleSheet();
away.replaceSync(`.dc-toolbar { display: none !important }
                  .dc-canvas { outline: none !important }`);
const hosts = '[class*="st-key-canvas-"] [data-testid=stBidiComponentIsolated]';

function take_toolbar_away() {
  for (const host of document.querySelectorAll(hosts)) {
    const root = host.shadowRoot;
    if (root && !root.adoptedStyleSheets.includes(away)) root.adoptedStyleSheets.push(away);
  }
}

let stop = null;

export default () => {
  if (stop) return stop;
  let pressed = null;
  const down = e => { pressed = e.composedPath().find(n => n.classList?.contains("dc-root")) };
  const up = () => {
    pressed?.querySelector(label)?.click();
    pressed = null;
  };
  const cancel = e => {
    const [target, ...around] = e.composedPath();
    if (!around.some(n => n.classList?.contains("dc-root"))) return;
    const lists = ["touches", "targetTouches", "changedTouches"].map(name => [name, [...e[name]]]);
    const how = { bubbles: true, cancelable: true, composed: true, ...Object.fromEntries(lists) };
    target.dispatchEvent(new TouchEvent("touchend", how));
  };
  document.addEventListener("touchcancel", cancel, true);
  for (const type of ["mousedown", "touchstart"]) document.addEventListener(type, down, true);
  for (const type of ["mouseup", "touchend"]) window.addEventListener(type, up);
  const seen = new MutationObserver(take_toolbar_away);
  seen.observe(document.body, { childList: true, subtree: true });
  take_toolbar_away();
  return stop = () => {
    stop = null;
    seen.disconnect();
    document.removeEventListener("touchcancel", cancel, true);
    for (const type of ["mousedown", "touchstart"]) document.removeEventListener(type, down, true);
    for (const type of ["mouseup", "touchend"]) window.removeEventListener(type, up);
  };
}
"""

send_at_pen_up = st.components.v2.component("send_at_pen_up", js=SEND_AT_PEN_UP)


def canvas(state: Session) -> None:
    """Shows the canvas with the session's drawing on it, and takes what is drawn.

    Its key changes when other strokes are to be seen, and at no other time: neither theme nor
    model nor size touches what is on it. The style sheet turns white ink into the theme's.
    """
    key = f"canvas-{state.canvas_version}"
    if key not in st.session_state and not state.canvas_stays:
        state.canvas_start = state.strokes
    try:
        result = st_canvas(
            key=key,
            width=CANVAS,
            height=CANVAS,
            stroke_width=PEN,
            stroke_color=INK,
            background_color="",
            initial_drawing=drawing_of(state.canvas_start),
        )
    except (AttributeError, KeyError, TypeError):  # it takes apart what a browser has sent
        raise DrawingError("the browser sent a state that the canvas does not have") from None
    state.canvas_stays = False
    steps = steps_of(result.json_data)
    if steps[-1] != state.strokes:
        state.draw(*steps)


class Undoable(Protocol):
    """What has a history, and goes back and forth in it."""

    history: History

    def undo(self) -> None: ...

    def redo(self) -> None: ...


def history_buttons(state: Undoable, place: DeltaGenerator) -> None:
    """One step back of anything, and forth again; with the keys that people know for it."""
    history = state.history
    place.button("Undo", on_click=state.undo, disabled=not history.past, shortcut="Mod+Z")
    place.button("Redo", on_click=state.redo, disabled=not history.future, shortcut="Mod+Shift+Z")


def answer_first(pause: float = PAUSE) -> None:
    """Lets the browser paint what it has, before the rest of the page keeps it busy.

    It draws everything that reaches it within 10 ms in one go; a pause, in which the server is
    free for others, makes the answer a batch of its own: 30 ms sooner at the median. It is as
    long (seconds) as the browser takes to draw that batch.
    """
    time.sleep(pause)
