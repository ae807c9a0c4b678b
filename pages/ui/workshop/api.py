"""What a phone asks of its room, by plain HTTP beside the pages: nothing hangs on a session.

    GET  room/CODE          what the room is like now, asked every second or two
    POST room/CODE          a question of the board: hello, contribute, take back
    GET  room/CODE/model    the room's model, for the browser to classify with

A run of a page would cost ten times as much, and its answer can be lost with the connection. These
answers come from any process, and a question that was not answered is asked again: the drawing
names itself, so that asking twice stores once.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.ui import budget
from pages.ui.purse import Purse
from pages.ui.workshop import files, service
from softmax_core import from_hex
from softmax_core.errors import InputError, RoomError, UnavailableError
from softmax_core.rooms import Room
from softmax_core.rooms.given import drawing
from softmax_core.rooms.keys import CODE, contributor_of, plain
from softmax_core.take_home import for_browser

OWN = 60  # of one's own drawings that are given back


def about(code: str) -> dict[str, Any]:
    """What a room is like now. Raises `RoomError`, `UnavailableError`."""
    room = room_of(code)
    stored = service.model(room.code, room.version)
    return {
        "stage": room.stage,
        "open": room.open,
        "model": stored and stored.version,
        "counts": service.counted(room.code, room.version),
    }


def answer(code: str, question: Any) -> dict[str, Any]:
    """Does what a board asks. Raises `RoomError`, `UnavailableError`, `DrawingError`."""
    room, rooms = room_of(code), service.rooms()
    asked = question if isinstance(question, Mapping) else {}
    secret, kind, words = asked.get("me"), asked.get("kind"), ""
    contributor_of(secret)
    if kind == "contribute":
        names = ("label", "strokes", "nickname", "purpose")
        given = {name: asked.get(name) for name in names}
        if given["purpose"] == "test":
            given["predicted"] = said_of(room, given["strokes"])
        receipt = rooms.contribute(room.code, secret=secret, **given)
        fooled = given.get("predicted") not in (None, given["label"])
        tried = "predicted" in given
        what = "You fooled it. " if fooled else "It was right. " if tried else ""
        words = f"Stored. {what}You have given {receipt.own}."
    elif kind == "take_back":
        rooms.take_back(room.code, asked.get("token"), secret)
        words = "Taken back."
    elif kind != "hello":
        raise RoomError("a board says hello, contributes, or takes back")
    if kind != "hello":
        service.now().forget(room.code)
    own = rooms.own(room.code, secret)[:OWN]
    tiles = [{"token": d.token, "grid": d.grid, "class": room.classes[d.label]} for d in own]
    return {"ok": True, "text": words, "own": tiles, **about(room.code)}


def model(code: str) -> dict[str, Any]:
    """The room's model as the browser takes it; empty while it has none."""
    room = room_of(code)
    stored = service.model(room.code, room.version)
    if stored is None:
        return {}
    return {"version": stored.version, **for_browser(files.model_of(stored))}


def said_of(room: Room, strokes: Any) -> int | None:
    """What the room's model says of a drawing: not what a phone says that it said."""
    stored = service.model(room.code, room.version)
    if stored is None:
        raise RoomError("this room has no model yet that could be tried")
    _, grid = drawing(strokes, service.rooms().limits)
    return int(files.model_of(stored).predict([from_hex(grid)])[0])


def room_of(code: str) -> Room:
    """The room of a code in an address; wrong codes are counted."""
    code = plain(code, CODE, "room's code")
    try:
        return service.now().room(code)
    except UnavailableError:
        raise
    except InputError:
        return service.rooms().join(code)


class Pace:
    """How much the boards of each address may ask; who has not asked for long is forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.purses: dict[str, Purse] = {}

    def allows(self, address: str) -> bool:
        purse = self.purses.pop(address, None)
        purse = purse or Purse(budget.ASK_BURST, budget.ASKS, self.clock)
        self.purses[address] = purse
        while len(self.purses) > budget.ASKERS:
            del self.purses[next(iter(self.purses))]
        return purse.affords(1)


@st.cache_resource(show_spinner=False)
def pace() -> Pace:
    return Pace()


async def _get(request: Request) -> JSONResponse:
    return await _said(request, about)


async def _get_model(request: Request) -> JSONResponse:
    return await _said(request, model)


async def _post(request: Request) -> JSONResponse:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > budget.QUESTION:
            return JSONResponse({"ok": False, "text": "this drawing is too large"}, 413)
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        return JSONResponse({"ok": False, "text": "this is no question of a board"}, 400)
    return await _said(request, answer, question)


async def _said(request: Request, act: Any, *given: Any) -> JSONResponse:
    """What was done, or why not; `again` where the same question may be answered later."""
    if not pace().allows(request.client.host if request.client else ""):
        wait = {"ok": False, "again": True, "text": "Too much is asked from here at once"}
        return JSONResponse(wait, 429, {"retry-after": "1"})
    try:
        said = await run_in_threadpool(act, request.path_params["code"], *given)
    except UnavailableError as error:
        return JSONResponse({"ok": False, "again": True, "text": str(error)}, 503)
    except InputError as error:
        return JSONResponse({"ok": False, "text": str(error)}, 409)
    return JSONResponse(said, headers={"cache-control": "no-store"})


routes = (
    Route("/room/{code}", _get, methods=["GET"]),
    Route("/room/{code}", _post, methods=["POST"]),
    Route("/room/{code}/model", _get_model, methods=["GET"]),
)
