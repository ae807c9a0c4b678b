"""The live view: figures that are redrawn in place, many times a second, in a closed loop.

One component draws both what is seen while a run goes on and the interactive charts when it
rests, from the same Plotly figures. Its half in the browser is live.js. It reads the plotly.js
that comes with the plotly package, served by the app itself: nothing is fetched from elsewhere.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import plotly
import streamlit as st
from streamlit.components.v1 import declare_component

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
    js=(HERE / "live.js").read_text("utf-8"),
    isolate_styles=False,
)

# A component of the first kind is a folder that the app serves; this one is never shown.
library = declare_component("plotly", path=Path(plotly.__file__).parent / "package_data")


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
        on_tick(st.session_state["live"].get("tick"))

    url = f"component/{library.name}/plotly.min.js?{plotly.__version__}"
    data = json.dumps({**message, "plotly": url}, allow_nan=False, separators=(",", ":"))
    view(key="live", data=data.encode(), on_tick_change=tick)
