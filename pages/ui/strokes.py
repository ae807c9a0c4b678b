"""Strokes from and to the canvas's own format, and as a short text.

Strokes are in canvas pixels, x right, y down, to half a pixel: so that what is kept or linked is
exactly what was drawn. Fabric, the canvas's library, stores a freehand stroke as a path of
quadratic curves whose control points are where the pen was: reading them back gives the recorded
points, and writing strokes the same way draws them smoothly.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any

from pages.ui import budget
from softmax_core.drawing import MOST_POINTS
from softmax_core.errors import DrawingError

Stroke = tuple[tuple[float, float], ...]
Strokes = tuple[Stroke, ...]

PEN = 16  # pixels
MOST_STROKES = 100
INK = "#ffffff"  # the page's style turns it into the theme's ink
FARTHEST = 10_000  # pixels from the canvas's corner: a pen may leave the canvas
FINEST = 2  # steps a pixel


def strokes_of(drawing: Any) -> Strokes:
    """The strokes in the canvas's JSON.

    Raises `DrawingError` for JSON that is not the canvas's: it comes from a browser.
    """
    try:
        paths = [item["path"] for item in drawing["objects"] if item["type"] == "Path"]
        _check(len(paths), sum(map(len, paths)))
        return tuple(_points(path) for path in paths if path)
    except DrawingError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise DrawingError("the browser sent a drawing that the canvas does not make") from None


def _points(path: list) -> Stroke:
    """M start, Q control end, …, L last -> the points where the pen was, no point twice running."""
    points = [(_place(x), _place(y)) for _, x, y, *_ in path]
    return tuple(point for point, _ in groupby(points))


def _place(value: float) -> float:
    if not isinstance(value, int | float):
        raise TypeError(value)
    if not abs(value) <= FARTHEST:
        raise DrawingError(f"a pen is within {FARTHEST:,} pixels of the canvas")
    return round(value * FINEST) / FINEST


def _check(strokes: int, points: int) -> None:
    if strokes > MOST_STROKES or points > budget.POINTS:
        raise DrawingError(
            f"a drawing has at most {MOST_STROKES} strokes and {budget.POINTS:,} points: clear it"
        )


def rounded(strokes: Iterable[Iterable]) -> Strokes:
    """Strokes of points (x, y) to half a pixel."""
    return tuple(tuple((_place(x), _place(y)) for x, y in stroke) for stroke in strokes)


def drawing_of(strokes: Strokes) -> dict[str, Any]:
    """The canvas's JSON for strokes: the inverse of `strokes_of`."""
    return {"objects": [_path_object(stroke) for stroke in strokes]}


def _path_object(stroke: Stroke) -> dict[str, Any]:
    curves = [
        ["Q", *point, (point[0] + after[0]) / 2, (point[1] + after[1]) / 2]
        for point, after in pairwise(stroke)
    ]
    return {
        "type": "Path",
        "path": [["M", *stroke[0]], *curves, ["L", *stroke[-1]]],
        "fill": None,
        "stroke": INK,
        "strokeWidth": PEN,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }


def to_code(strokes: Strokes) -> str:
    """Strokes as letters, digits, - and _: about three for two points. See `from_code`.

    Each stroke is its number of points, then the way from point to point in half pixels; every
    number is written in sevens of bits, the lowest first, the sign in the lowest bit.
    """
    data = bytearray()
    x = y = 0
    for stroke in strokes:
        _write(data, len(stroke))
        for point in stroke:
            to_x, to_y = (round(FINEST * value) for value in point)
            _write(data, to_x - x)
            _write(data, to_y - y)
            x, y = to_x, to_y
    return urlsafe_b64encode(data).decode().rstrip("=")


def from_code(code: str, most: int = 6 * MOST_POINTS) -> Strokes:
    """The inverse of `to_code`. Raises `DrawingError` for any other text."""
    if not isinstance(code, str) or len(code) > most:
        raise DrawingError(f"the code of a drawing is a text of at most {most:,} signs")
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]*", code):
            raise ValueError(code)
        data = urlsafe_b64decode(code + "=" * (-len(code) % 4))
        numbers = _read(data)
        strokes, x, y, total = [], 0, 0, 0
        for length in numbers:
            total += length
            if length < 1:
                raise ValueError(length)
            _check(len(strokes) + 1, total)
            stroke = []
            for _ in range(length):
                x, y = x + next(numbers), y + next(numbers)
                stroke.append((_place(x / FINEST), _place(y / FINEST)))
            strokes.append(tuple(stroke))
    except DrawingError:
        raise
    except (ValueError, RuntimeError, StopIteration):
        raise DrawingError("the code of the drawing is damaged") from None
    return tuple(strokes)


def _write(data: bytearray, value: int) -> None:
    rest = 2 * value if value >= 0 else -2 * value - 1
    while rest > 127:
        data.append(rest & 127 | 128)
        rest >>= 7
    data.append(rest)


def _read(data: bytes) -> Iterator[int]:
    rest = shift = 0
    for byte in data:
        rest |= (byte & 127) << shift
        shift += 7
        if shift > 35:
            raise ValueError("a number without end")
        if byte < 128:
            yield (rest + 1) // -2 if rest & 1 else rest // 2
            rest = shift = 0
    if shift:
        raise ValueError("cut off")
