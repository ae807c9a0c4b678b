"""A room's drawings as files: grids as CSV, strokes as NDJSON, and NDJSON back into a room."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from softmax_core.drawing import grid_from_strokes
from softmax_core.errors import FileError, InputError
from softmax_core.grids import PIXELS, SIDE, from_hex, to_hex
from softmax_core.inputs import as_json
from softmax_core.rooms.given import strokes_text
from softmax_core.rooms.keys import token_of
from softmax_core.rooms.limits import LIMITS, Limits
from softmax_core.rooms.records import HIDDEN_BY, PURPOSES, Drawing, Room

KIND = "softmax room 1"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a cell that begins so


def to_csv(room: Room, drawings: Iterable[Drawing]) -> str:
    """One row a drawing: its class, its 64 pixels in reading order, who (by number), when."""
    text = io.StringIO()
    writer = csv.writer(text)
    pixels = [f"p{row + 1}{column + 1}" for row in range(SIDE) for column in range(SIDE)]
    writer.writerow(["class", *pixels, "grid", "contributor", "purpose", "hidden", "created"])
    numbers: dict[str, int] = {}
    for d in drawings:
        pixels = from_hex(d.grid).reshape(PIXELS).astype(int).tolist()
        person = numbers.setdefault(d.contributor, len(numbers) + 1)
        about = [d.grid, person, d.purpose, d.hidden or "", round(d.created, 3)]
        writer.writerow([_cell(room.classes[d.label]), *pixels, *about])
    return text.getvalue()


def to_ndjson(room: Room, drawings: Iterable[Drawing]) -> str:
    """A line that says what the room is, then one a drawing with its strokes as they were given."""
    head = {"kind": KIND, "title": room.title, "classes": room.classes}
    lines = [json.dumps(head, ensure_ascii=False)]
    for d in drawings:
        row = {
            "class": room.classes[d.label],
            "strokes": json.loads(d.strokes or "[]"),
            "contributor": d.contributor,
            "nickname": d.nickname,
            "purpose": d.purpose,
            "predicted": None if d.predicted is None else room.classes[d.predicted],
            "hidden": d.hidden,
            "created": d.created,
        }
        lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def read_ndjson(data: bytes, classes: Sequence[str], limits: Limits = LIMITS) -> list[dict]:
    """The rows for `Rooms.take_in` from a file that `to_ndjson` wrote, by this room or another.

    Everything is checked before anything is stored; grids are made anew from the strokes. Raises
    `FileError`, which names the line.
    """
    if len(data) > limits.room_bytes:
        raise FileError(f"a room's file has at most {limits.room_bytes / 1e6:.0f} MB")
    lines = data.splitlines()
    if not lines or as_json(lines[0], "line 1", FileError).get("kind") != KIND:
        raise FileError("this is not a file of a room's drawings (NDJSON, made by Export)")
    if len(lines) - 1 > limits.drawings:
        raise FileError(f"a room has at most {limits.drawings:,} drawings")
    return [
        _row(as_json(line, f"line {number}", FileError), number, list(classes), limits)
        for number, line in enumerate(lines[1:], start=2)
    ]


def _row(given: dict, number: int, classes: list[str], limits: Limits) -> dict[str, Any]:
    try:
        label = classes.index(given["class"])
        predicted = given.get("predicted")
        predicted = None if predicted is None else classes.index(predicted)
        strokes = strokes_text(given["strokes"], limits.stroke_bytes)
        grid = grid_from_strokes(json.loads(strokes))
        contributor, hidden = given["contributor"], given["hidden"]
        purpose, created = given["purpose"], given["created"]
        nickname = given.get("nickname")
    except (KeyError, TypeError, ValueError, InputError) as error:
        raise FileError(f"line {number} is no drawing of this room's classes") from error
    fits = (
        isinstance(contributor, str)
        and len(contributor) == 64
        and set(contributor) <= set("0123456789abcdef")
        and purpose in PURPOSES
        and hidden in (None, *HIDDEN_BY)
        and type(created) in (int, float)
        and 0 <= created < 1e11
        and (nickname is None or (isinstance(nickname, str) and len(nickname) <= limits.nickname))
        and (nickname is None or nickname.isprintable())
        and grid.any()
    )
    if not fits:
        raise FileError(f"line {number} is no drawing that a room stores")
    return {
        "token": token_of(contributor, label, strokes, purpose),
        "grid": to_hex(grid),
        "label": label,
        "contributor": contributor,
        "nickname": nickname,
        "strokes": strokes,
        "purpose": purpose,
        "predicted": predicted,
        "hidden": hidden,
        "created": float(created),
    }


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
