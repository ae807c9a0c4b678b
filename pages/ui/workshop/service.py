"""The rooms of this server, and what of them all visitors share: asked for once, not by each.

The database is the one of the secret `DATABASE_URL`, else of the variable of that name, else a
SQLite file beside the app.
"""

import json
import time
from collections.abc import Sequence
from threading import Lock
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from softmax_core.rooms import Drawing, Facilitator, Room, Rooms, missing
from softmax_core.rooms.database import database_url
from softmax_core.rooms.limits import limits_of
from softmax_core.rooms.records import StoredModel

SHOWN = 240  # drawings of the wall, as many of each class
FEWEST = 12  # of a class
HIDDEN = 200  # hidden drawings that are listed
FRESH = 0.4  # seconds for which a room's state is not asked for again
REMEMBERED = 50  # rooms


@st.cache_resource(show_spinner=False)
def rooms() -> Rooms:
    """The rooms, one for the process."""
    return Rooms(_url(), limits_of())


def _url() -> str:
    try:
        secret = st.secrets.get("DATABASE_URL")
    except StreamlitSecretNotFoundError:
        secret = None
    return secret or database_url()


class Now:
    """What rooms are like now: a question to the database every `FRESH` seconds, for all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rooms: dict[str, tuple[float, Room]] = {}

    def room(self, code: str) -> Room:
        """The room. Raises `RoomError`, `UnavailableError`."""
        with self._lock:
            then, room = self._rooms.get(code, (0.0, None))
            if room is None or time.monotonic() - then > FRESH:
                room = rooms().room(code)
                self._rooms[code] = time.monotonic(), room
                while len(self._rooms) > REMEMBERED:
                    del self._rooms[min(self._rooms, key=lambda c: self._rooms[c][0])]
            return room

    def forget(self, code: str) -> None:
        """After a change of one's own, so that it is seen at once."""
        with self._lock:
            self._rooms.pop(code, None)


@st.cache_resource(show_spinner=False)
def now() -> Now:
    return Now()


keep = st.cache_resource(show_spinner=False, max_entries=REMEMBERED)


@keep
def wall(code: str, version: int, _who: Facilitator) -> bytes:
    """What the wall shows of a version of a room to who leads it, as JSON."""
    room = rooms().room(code)
    drawings = rooms().newest(code, max(FEWEST, SHOWN // len(room.classes)))
    counts, people = rooms().counts(code), rooms().participants(code)
    about = {
        "code": code,
        "title": room.title,
        "classes": room.classes,
        "counts": [counts[k] for k in range(len(room.classes))],
        "total": sum(counts.values()),
        "people": people,
        "missing": missing(counts, room.classes, people),
        "open": room.open,
        "stage": room.stage,
        "drawings": [_tile(d, room.classes) for d in drawings],
        "hidden": [_tile(d, room.classes) for d in rooms().hidden(_who, HIDDEN)],
    }
    return json.dumps(about).encode()


def _tile(d: Drawing, classes: Sequence[str]) -> dict[str, Any]:
    return {
        "id": d.id,
        "grid": d.grid,
        "class": classes[d.label],
        "name": d.nickname,
        "said": None if d.predicted is None else classes[d.predicted],
    }


@keep
def counted(code: str, version: int) -> tuple[int, int]:
    """How many drawings a room has, and by how many people."""
    return sum(rooms().counts(code).values()), rooms().participants(code)


@keep
def model(code: str, version: int) -> StoredModel | None:
    """The newest model of a version of a room."""
    return rooms().newest_model(code)
