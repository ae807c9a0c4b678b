"""What people give to a room, checked: names, strokes, classes. Nothing else reaches the store."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from softmax_core.drawing import grid_from_strokes
from softmax_core.errors import RoomError
from softmax_core.grids import to_hex
from softmax_core.rooms.limits import Limits


def text(given: Any, most: int, what: str) -> str:
    """Text from a person as one line of characters that can be seen. Raises `RoomError`."""
    kept = _line(given) if isinstance(given, str) and len(given) <= 4 * most else ""
    if not kept or len(kept) > most:
        raise RoomError(f"{what} has 1 to {most} characters")
    return kept


def nickname(given: Any, limits: Limits) -> str | None:
    """A nickname, or None where nothing can be seen of it. Raises `RoomError` for a long one."""
    if given is None or (isinstance(given, str) and not _line(given[:100])):
        return None
    return text(given, limits.nickname, "a nickname")


def class_names(given: Any, limits: Limits) -> list[str]:
    """The classes of a room: some names, each once. Raises `RoomError`."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise RoomError("the classes of a room are a list of names")
    if not 2 <= len(given) <= limits.classes:
        raise RoomError(f"a room has 2 to {limits.classes} classes, got {len(given)}")
    names = [text(name, limits.class_name, "a class") for name in given]
    if len(set(names)) < len(names):
        raise RoomError("each class of a room has a name of its own")
    return names


def drawing(strokes: Any, limits: Limits) -> tuple[str, str]:
    """The strokes as JSON and their grid as hex. Raises `RoomError`, `DrawingError`."""
    kept = strokes_text(strokes, limits.stroke_bytes)
    grid = grid_from_strokes(json.loads(kept))
    if not grid.any():
        raise RoomError("there is nothing drawn yet")
    return kept, to_hex(grid)


def strokes_text(strokes: Any, most: int) -> str:
    """Strokes as JSON, rounded to a tenth. Raises `RoomError` for anything else, or too much."""
    wrong = RoomError("a drawing is a list of strokes, each a list of (x, y)")
    if not isinstance(strokes, list | tuple) or len(strokes) > most // 4:
        raise wrong
    points = 0
    kept = []
    for stroke in strokes:
        if not isinstance(stroke, list | tuple) or len(stroke) > most // 4:
            raise wrong
        points += len(stroke)
        if 4 * points > most:
            raise RoomError("this drawing has too many points; draw it with fewer strokes")
        kept.append([_point(point, wrong) for point in stroke])
    text = json.dumps(kept, separators=(",", ":"))
    if len(text) > most:
        raise RoomError("this drawing has too many points; draw it with fewer strokes")
    return text


def _point(point: Any, wrong: Exception) -> list[float]:
    if not isinstance(point, list | tuple) or len(point) != 2:
        raise wrong
    for value in point:
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e6 < value < 1e6:
            raise wrong
    return [round(float(value), 1) for value in point]


def is_class(label: Any, classes: Sequence[str]) -> bool:
    """Whether a label is the index of a class."""
    return type(label) is int and 0 <= label < len(classes)


def _line(text: str) -> str:
    """Text as one line of characters that can be seen."""
    text = unicodedata.normalize("NFC", text)
    seen = (ch if unicodedata.category(ch)[0] not in "CZ" else " " for ch in text)
    return " ".join("".join(seen).split())
