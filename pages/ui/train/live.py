"""The live view: figures that are redrawn in place, many times a second, in a closed loop.

One component draws both what is seen while a run goes on and the interactive charts when it
rests, from the same Plotly figures. Its half in the browser is live.js.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import streamlit as st

from pages.ui import gate
from pages.ui.plotly_library import LOADER, URL

HERE = Path(__file__).parent

HTML = """
<div id="live" data-epoch="-1" role="group" aria-label="Training">
  <dl class="live-numbers"></dl>
  <progress value="0" aria-label="Epochs"></progress>
  <div class="live-figures">
    <div class="live-figure" role="img"></div>
    <div class="live-figure" role="img"></div>
  </div>
</div>
"""

view = st.components.v2.component(
    "live",
    html=HTML,
    css=(HERE / "live.css").read_text("utf-8"),
    js=LOADER + (HERE / "live.js").read_text("utf-8"),
    isolate_styles=False,
)


class Frame(TypedDict):
    """One drawing: what differs from the figures of its message.

    `data[i][t]` are the properties that trace t of figure i has in this frame; the curves that
    grow are cut at `epoch` by the browser.
    """

    epoch: int
    numbers: list[tuple[str, str]]
    data: list[list[dict]]


class Message(TypedDict):
    """What the browser draws next. `serial` is new whenever there is something new to draw.

    `pace` is the time in ms that each frame is shown for; `labels` are the figures as text.
    """

    serial: int
    running: bool
    pace: float
    goal: int
    figures: list[dict]
    frames: list[Frame]
    labels: list[str] | None


def live(message: Message, on_tick: Callable[[int | None], None]) -> None:
    """Shows a message; while it is running, the browser asks for the next by its serial.

    To be called in a fragment, so that a tick runs nothing else.
    """

    def tick() -> None:
        on_tick(gate.serial("live", "tick"))

    data = json.dumps({**message, "plotly": URL}, allow_nan=False, separators=(",", ":"))
    view(key="live", data=data.encode(), on_tick_change=tick)
