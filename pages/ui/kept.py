"""What a visitor made stays in their browser, and comes back after a reload, a sleep, a restart.

The session writes three short texts, each bounded and with a version; a new session gets them
back once. They come from a browser: everything in them is checked like any input.
"""

import io
import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import streamlit as st
from PIL.Image import Image

from pages.ui import budget, gate
from pages.ui.address import NAMES as LINK_NAMES
from pages.ui.cached import keep_by_model
from pages.ui.session import Input, Session
from pages.ui.strokes import from_code, to_code
from softmax_core import (
    SoftmaxModel,
    from_hex,
    load_model,
    read_picture,
    save_model,
    to_hex,
)
from softmax_core.errors import InputError

VERSION = 1
MOST_PICTURE = 100_000  # bytes

component = st.components.v2.component(
    "kept", js=(Path(__file__).parent / "kept.js").read_text(), html="<i hidden></i>"
)


def keep_all(state: Session) -> None:
    """On every page, outside fragments: takes what the browser kept, and gives it what there is."""
    state.runs += 1
    _hear(state)
    about = {
        "session": state.token,
        "serial": state.runs,
        "heard": state.heard,
        "parts": _parts(state) if state.heard else None,
    }
    component(key="kept", data=about, on_kept_change=lambda: None)
    _hear(state)  # a new session knows what was sent only now


def _hear(state: Session) -> None:
    kept = gate.texts("kept", "kept", budget.KEPT)
    if kept is not None and not state.heard:
        state.heard = True
        take_back(state, kept)


def keep_left(state: Session) -> None:
    """At the end of every page: gives the browser what pages leave, which may take a while."""
    if state.heard:
        parts = {page: leave() for page, leave in state.leaves.items()}
        component(key="kept-left", data={"heard": True, "parts": _short(parts)})


def keep_drawing(state: Session) -> None:
    """On Draw, within its fragment: gives the browser the drawing, and frees the address of it."""
    if state.heard:
        parts = {"drawing": _drawing_text(state)}
        data = {"heard": True, "parts": parts, "forget": LINK_NAMES}
        component(key="kept-drawing", data=data)


def take_back(state: Session, kept: dict[str, str]) -> None:
    """A new session takes what an earlier one left; what can't be used is left aside, and said."""
    for part, take in (("models", _take_models), ("drawing", _take_drawing)):
        if part not in kept:
            continue
        try:
            take(state, _content(kept[part]))
        except (InputError, ValueError, TypeError, KeyError, RecursionError):
            state.notice = f"The {part} of an earlier visit can’t be read any more."
    if kept.get("canvas", "").isdecimal():
        # The page was not loaded anew: the canvas is there, perhaps with strokes drawn meanwhile.
        state.canvas_version, state.canvas_stays = int(kept["canvas"]), True
    if "train" in kept:
        state.left["train"] = kept["train"]


def _parts(state: Session) -> dict[str, str]:
    return _short({"drawing": _drawing_text(state), "models": _models_text(state)})


def _short(parts: dict[str, str]) -> dict[str, str]:
    """Those that there is room for."""
    return {part: text for part, text in parts.items() if len(text) <= budget.KEPT[part]}


def _content(text: str) -> dict[str, Any]:
    content = json.loads(text)
    if content["version"] != VERSION:
        raise ValueError("another version")
    return content


def _drawing_text(state: Session) -> str:
    """The input, what it is read by, and what the canvas started with."""
    now = state.input
    about = {
        "version": VERSION,
        "strokes": to_code(now.strokes),
        "picture": _picture_text(now.picture),
        "edited": now.edited,
        "everything": now.everything,
        "model": state.model_name,
        "sample": state.sample,
        "start": to_code(state.canvas_start),
        "link": state.link,
    }
    return json.dumps(about)


def _take_drawing(state: Session, about: dict[str, Any]) -> None:
    strokes, start = from_code(about["strokes"]), from_code(about["start"])
    edited, picture = about["edited"], about["picture"]
    edited = None if edited is None else to_hex(from_hex(edited))
    picture = None if picture is None else _picture(picture)
    if about["model"] in state.model_names:
        state.model_name = about["model"]
    if type(about["sample"]) is int and 0 <= about["sample"] < 1 << 31:
        state.sample = about["sample"]
    state.recall(Input(strokes, picture, edited, about["everything"] is True))
    state.canvas_start, state.link = start, str(about["link"])[: budget.TEXT]


def _picture_text(picture: Image | None) -> str | None:
    if picture is None:
        return None
    file = io.BytesIO()
    picture.convert("L").save(file, "PNG")
    fits = file.tell() <= MOST_PICTURE
    return b64encode(file.getvalue()).decode() if fits else None


def _picture(text: str) -> Image:
    return read_picture(b64decode(text, validate=True), budget.KEPT_PIXELS, ("PNG",))


def _models_text(state: Session) -> str:
    """The models of this session, as many of the newest as there is room for."""
    models, room = [], budget.KEPT["models"] - 100
    for name, model in reversed(state.trained.items()):
        text = _model_text(model)
        room -= len(text) + 2 * len(name) + 100
        if room < 0:
            break
        models.append([name, text])
    return json.dumps({"version": VERSION, "models": models[::-1]})


@keep_by_model
def _model_text(model: SoftmaxModel) -> str:
    file = io.BytesIO()
    save_model(model, file)
    return b64encode(file.getvalue()).decode()


def _take_models(state: Session, about: dict[str, Any]) -> None:
    for name, text in about["models"]:
        state.keep(gate.shown_name(name), load_model(io.BytesIO(b64decode(text, validate=True))))
