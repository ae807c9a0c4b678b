"""The page's elements in the browser: the board of a participant, the pulse, the wall.

The board stands outside of every fragment, since a press inside one is lost where the session is
new; it asks until it is answered. Pulse and wall ask on and on, each in a fragment of its own.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import gate
from softmax_core.take_home import SCRIPT

HERE = Path(__file__).parent

FIELDS = (
    ("asked", "kind", "me", "label", "strokes", "nickname", "purpose", "predicted", "token"),
    ("kind", "id"),
)


def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")


_board = st.components.v2.component(
    "workshop_board",
    html=_read("board.html"),
    css=_read("board.css"),
    js=SCRIPT + _read("board.js"),
)
_pulse = st.components.v2.component(
    "workshop_pulse", html='<div class="pulse" hidden></div>', js=_read("pulse.js")
)
_wall = st.components.v2.component(
    "workshop_wall",
    html='<div class="wall"><div class="numbers" role="status"><b class="total"></b><span></span>'
    '<b class="lacks"></b></div><div class="rows"></div></div>',
    css=_read("wall.css"),
    js=_read("wall.js"),
)


def asked() -> dict[str, Any] | None:
    """What the board asks in this run of the page."""
    return gate.fields("workshop-board", "ask", FIELDS[0])


def board(about: dict[str, Any]) -> None:
    """The participant's board."""
    _board(
        key="workshop-board",
        data=json.dumps(about, separators=(",", ":")).encode(),
        on_ask_change=lambda: None,
    )


def pulse(beat: int, on_beat: Callable[[], None]) -> None:
    """Calls `on_beat` again and again, while the page is seen."""
    _pulse(key="workshop-pulse", data=json.dumps({"beat": beat}).encode(), on_beat_change=on_beat)


def wall(
    about: bytes,
    *,
    beat: int,
    version: Sequence[Any],
    leads: bool,
    on_beat: Callable[[], None],
    on_act: Callable[[dict[str, Any] | None], None],
) -> None:
    """The wall; `about` is the JSON of `service.wall`."""
    head = json.dumps({"beat": beat, "version": list(version), "leads": leads})
    _wall(
        key="workshop-wall",
        data=head[:-1].encode() + b',"room":' + about + b"}",
        on_beat_change=on_beat,
        on_act_change=lambda: on_act(gate.fields("workshop-wall", "act", FIELDS[1])),
    )


_keeper = st.components.v2.component(
    "workshop_keeper", html='<div class="keeper" hidden></div>', js=_read("keeper.js")
)
_learning = st.components.v2.component(
    "workshop_learning",
    html='<div class="learning"><div class="weights"></div><div><div class="big"></div>'
    '<p class="what"></p><svg viewBox="0 0 300 200" preserveAspectRatio="none" role="img" '
    'aria-label="Accuracy by epoch"><path class="learned"/><path class="unseen"/></svg>'
    '<p><b class="learned">on what it learns from</b>, <b class="unseen">on people it has not '
    'seen</b>; from 0 % to 100 %</p><p class="from"></p></div></div>',
    css=_read("learning.css"),
    js=_read("learning.js"),
)


def keeper(code: str, key: str) -> str | None:
    """Keeps a key in the browser's tab, so that a reload leads on; gives one that was kept."""
    _keeper(key="workshop-keeper", data={"code": code, "key": key}, on_key_change=lambda: None)
    return gate.text("workshop-keeper", "key")


def learning(about: bytes, on_epoch: Callable[[int], None]) -> None:
    """The picture of a run, which asks for its next epoch."""

    def take() -> None:
        epoch = gate.serial("workshop-learning", "epoch")
        if epoch is not None:
            on_epoch(epoch)

    _learning(key="workshop-learning", data=about, on_epoch_change=take)
