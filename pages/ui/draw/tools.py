"""Under the canvas: undo, redo, clear, a sample, a picture, a link; and what went wrong.

That stands before the lower rim of the canvas, where it moves nothing, and goes with the next step.
"""

from base64 import b64decode
from binascii import Error
from pathlib import Path

import streamlit as st

from pages.ui import budget, gate
from pages.ui.address import link_of
from pages.ui.draw.qr import qr_code
from pages.ui.session import NOTHING, Session
from pages.ui.sources import next_sample, take_picture
from softmax_core.errors import InputError

KEY = "tools"

ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>'
BACK = ICON.format("M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3")
FORTH = ICON.format("M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3")
PICTURE = ICON.format("M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.5 9v.01")
CAMERA = ICON.format("M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7")
SHARE = ICON.format("M12 15V3M8 7l4-4 4 4M5 12v8h14v-8")

component = st.components.v2.component(
    KEY,
    html=f"""
<div class="tools">
  <button data-act="undo" title="Undo (Ctrl+Z)" aria-label="Undo">{BACK}</button>
  <button data-act="redo" title="Redo (Ctrl+Shift+Z)" aria-label="Redo">{FORTH}</button>
  <button data-act="clear">Clear</button>
  <button data-act="sample" title="A digit by someone whom no model has seen">Sample</button>
  <label class="file" title="A picture of a digit">
    <input type="file" accept="image/*" aria-label="Picture">{PICTURE}</label>
  <label class="file camera" title="Take a photograph">
    <input type="file" accept="image/*" capture="environment" aria-label="Camera">{CAMERA}</label>
  <button data-act="share" title="Share" aria-label="Share">{SHARE}</button>
  <div class="said" hidden><p role="alert"></p><button aria-label="Close">×</button></div>
</div>
<dialog class="share" aria-label="Share">
  <h2>Share this drawing</h2>
  <p class="notes"></p>
  <p class="copied" role="status"></p>
  <textarea readonly aria-label="The link"></textarea>
  <img alt="The link as a QR code">
  <div class="row">
    <button class="sheet">Send …</button>
    <button class="copy">Copy the link</button>
    <button class="close">Close</button>
  </div>
</dialog>
""",
    js=(Path(__file__).parent / "tools.js").read_text("utf-8"),
    isolate_styles=False,
)


def tools(state: Session) -> None:
    """Shows the buttons, and does what is pressed."""

    def press() -> None:
        state.presses += 1
        act = gate.text(KEY, "act")
        if act == "undo":
            state.undo()
        elif act == "redo":
            state.redo()
        elif act == "clear":
            state.show(())
        elif act == "sample":
            next_sample(state)
        elif act == "share":
            state.shares += 1
            state.sharing = True

    def take() -> None:
        state.presses += 1
        try:
            content = b64decode(gate.text(KEY, "picture", budget.PICTURE_TEXT) or "", validate=True)
            take_picture(state, content)
        except (InputError, Error) as error:
            stays = "" if state.input == NOTHING else " What was there before stays."
            state.notice = f"The picture can’t be used: {error}.{stays}"

    ways = {"undo": state.history.past, "redo": state.history.future}
    component(
        key=KEY,
        data={
            "presses": state.presses,
            "said": state.notice,
            "off": [name for name, there in ways.items() if not there],
            "share": _shared(state),
        },
        on_act_change=press,
        on_picture_change=take,
    )


def _shared(state: Session) -> dict | None:
    """The link, once after it was asked for."""
    if not state.sharing:
        return None
    state.sharing = False
    query, notes = link_of(state)
    return {
        "serial": state.shares,
        "query": query,
        "notes": " ".join(notes),
        "code": qr_code(f"{st.context.url or ''}?{query}"),
    }
