"""The page's elements in the browser: the board of a participant, the wall, the picture of a run.

The board asks the server by itself (see `api`); the wall and the run ask by runs of a fragment.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import gate
from softmax_core.rooms import Room
from softmax_core.take_home import SCRIPT

HERE = Path(__file__).parent

ACT = ("kind", "id")  # what is done to a drawing of the wall


def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")


_board = st.components.v2.component(
    "workshop_board",
    html=_read("board.html"),
    css=_read("board.css"),
    js=SCRIPT + _read("board.js"),
)
_wall = st.components.v2.component(
    "workshop_wall",
    html='<div class="wall"><div class="numbers" role="status"><b class="total"></b><span></span>'
    '<b class="lacks"></b></div><div class="rows"></div>'
    '<details class="hidden"><summary></summary><div class="tiles"></div></details></div>',
    css=_read("wall.css"),
    js=_read("wall.js"),
)


def board(room: Room) -> None:
    """The participant's board; where the room has another model, the page runs anew."""
    about = {"code": room.code, "title": room.title, "classes": room.classes}
    _board(key="workshop-board", data=about, on_changed_change=lambda: None)


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
        on_act_change=lambda: on_act(gate.fields("workshop-wall", "act", ACT)),
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


def keeper(code: str, key: str, left: str = "") -> str | None:
    """Keeps a key in the browser's tab, so that a reload leads on; gives one that was kept. That
    of the room that was left is forgotten."""
    about = {"code": code, "key": key, "left": left}
    _keeper(key="workshop-keeper", data=about, on_key_change=lambda: None)
    return gate.text("workshop-keeper", "key")


def learning(about: bytes, on_epoch: Callable[[int], None]) -> None:
    """The picture of a run, which asks for its next epoch."""

    def take() -> None:
        epoch = gate.serial("workshop-learning", "epoch")
        if epoch is not None:
            on_epoch(epoch)

    _learning(key="workshop-learning", data=about, on_epoch_change=take)
