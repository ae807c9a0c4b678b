"""A room's files: its model to keep and to take home, its drawings out and in."""

import io

import streamlit as st

from pages.ui.workshop import service
from softmax_core import SoftmaxModel, load_model, save_model
from softmax_core.rooms import Facilitator, Room
from softmax_core.rooms.exchange import read_ndjson, to_csv, to_ndjson
from softmax_core.rooms.records import StoredModel
from softmax_core.take_home import to_html


@st.cache_resource(
    show_spinner=False, max_entries=50, hash_funcs={StoredModel: lambda m: m.weights}
)
def model_of(stored: StoredModel) -> SoftmaxModel:
    """The model of a room's NPZ file."""
    return load_model(io.BytesIO(stored.weights))


def npz(model: SoftmaxModel) -> bytes:
    """The file that every page and the library load."""
    file = io.BytesIO()
    save_model(model, file)
    return file.getvalue()


def html(model: SoftmaxModel, title: str) -> str:
    """One page that draws and classifies by itself."""
    return to_html(model, title)


def grids_csv(who: Facilitator) -> str:
    return to_csv(*service.rooms().give_out(who))


def strokes_ndjson(who: Facilitator) -> str:
    return to_ndjson(*service.rooms().give_out(who))


def take_in(who: Facilitator, room: Room, data: bytes) -> tuple[int, int]:
    """Adds the drawings of a file: how many were new, how many there already. Raises `FileError`,
    `RoomError`."""
    rooms = service.rooms()
    drawings = read_ndjson(data, room.classes, rooms.limits)
    new = rooms.take_in(who, drawings)
    return new, len(drawings) - new
