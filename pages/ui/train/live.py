"""The live view: weights and curves that are redrawn in place, many times a second, in a closed
loop.

One component draws both what is seen while a run goes on and what can be explored when it rests.
Its half in the browser is live.js.
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
<div class="live-room"><div id="live" data-epoch="-1" role="group" aria-label="Training">
  <p class="live-number"><b class="live-large"></b>
    <span>right, on <span class="live-unseen"></span>; epoch <b class="live-when"></b></span></p>
  <table class="live-table" hidden></table>
  <div class="live-weights">
    <div class="live-pictures" role="img"></div>
    <p class="live-scale"><span class="live-low"></span><i class="live-ramp"></i><span
      class="live-high"></span><span class="live-cell">below each picture, its bias</span></p>
  </div>
  <div class="live-curves"><div class="live-plot" role="figure"></div>
    <i class="live-mark" hidden></i></div>
  <label class="live-back"><span>Look at epoch</span><input type="range" min="0" max="1" value="0"
    disabled></label>
  <details class="live-more"><summary>All numbers</summary><dl class="live-numbers"></dl></details>
</div></div>
"""

view = st.components.v2.component(
    "live",
    html=HTML,
    css=(HERE / "live.css").read_text("utf-8"),
    js=LOADER + (HERE / "live.js").read_text("utf-8"),
    isolate_styles=False,
)

# What peek in live.js looks through.
pages = st.components.v2.component(
    "live-album",
    html='<i class="live-album" hidden></i>',
    js="""export default ({ parentElement, data }) => {
  const album = JSON.parse(new TextDecoder().decode(data))
  parentElement.querySelector("i").album = album
}""",
    isolate_styles=False,
)


class Frame(TypedDict):
    """One drawing. The curves that grow are cut at `epoch` by the browser.

    `weights` are 16-bit whole numbers (little-endian, base64), class after class the picture and
    the bias: 32767 stands for `reach`. `scale` is the weight that has full colour.
    """

    epoch: int
    accuracy: str
    numbers: list[str]
    weights: str
    reach: float
    scale: float


class Message(TypedDict):
    """What the browser draws next. `serial` is new whenever there is something new to draw.

    `running` says that it shall ask for more, `pace` is the time in ms that each frame is shown
    for, `first` and `last` are the ends of the axis and of the slider; `names` are those of the
    numbers and what they mean, `unseen` says which digits are held out, `labels` are the curves and
    the pictures as text. `table` is that of a lesson, head and rows, and stands in the place of the
    number.
    """

    serial: int
    running: bool
    pace: float
    first: int
    last: int
    classes: list[str]
    colours: list[str]
    names: list[tuple[str, str]]
    unseen: str
    figure: dict
    frames: list[Frame]
    labels: tuple[str, str] | None
    table: list[list[str]]


class Album(TypedDict):
    """Earlier epochs, to be shown while the slider is dragged over the message of that serial."""

    serial: int
    frames: list[Frame]


def live(
    message: Message,
    on_tick: Callable[[int | None], None],
    on_look: Callable[[int | None], None],
) -> None:
    """Shows a message; while it is running, the browser asks for the next by its serial.

    At rest the slider asks for an epoch. To be called in a fragment: a tick runs nothing else.
    """

    def tick() -> None:
        on_tick(gate.serial("live", "tick"))

    def look() -> None:
        on_look(gate.serial("live", "look"))

    view(
        key="live",
        data=_sent({**message, "plotly": URL}),
        on_tick_change=tick,
        on_look_change=look,
    )


def leaf(album: Album) -> None:
    """Gives the browser the album to a message at rest, which is shown without it."""
    pages(key="live-album", data=_sent(album))


def _sent(content: Message | Album) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
