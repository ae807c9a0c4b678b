"""Strokes from and to the canvas's own format, and as a short text.

Strokes are in canvas pixels, x right, y down, to half a pixel: so that what is kept or linked is
exactly what was drawn. What is drawn outside the canvas nobody sees, and nothing reads.
Fabric, the canvas's library, stores a freehand stroke as a path of quadratic curves whose control
points are where the pen was: reading them back gives the recorded points, and writing strokes the
same way draws them smoothly.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby, pairwise
from typing import Any

from pages.ui import budget
from softmax_core.drawing import MOST_POINTS
from softmax_core.errors import DrawingError

Stroke = tuple[tuple[float, float], ...]
Strokes = tuple[Stroke, ...]

CANVAS = 320  # pixels a side: a phone of 390 px shows it whole
PEN = 16  # pixels
MOST_STROKES = 100
INK = "#ffffff"  # the page's style turns it into the theme's ink
FARTHEST = 10_000  # pixels from the canvas's corner: a pen may leave the canvas
FINEST = 2  # steps a pixel


def strokes_of(drawing: Any) -> Strokes:
    """The strokes in the canvas's JSON: see `steps_of`."""
    return steps_of(drawing)[-1]


def steps_of(drawing: Any) -> tuple[Strokes, ...]:
    """The drawing in the canvas's JSON, before its first stroke and after each.

    A stroke that leaves the canvas and comes back is one step, and several strokes.
    Raises `DrawingError` for JSON that is not the canvas's: it comes from a browser.
    """
    try:
        paths = [item["path"] for item in drawing["objects"] if item["type"] == "Path"]
        _check(len(paths), sum(map(len, paths)))
        parts = [on_canvas(_points(path)) for path in paths if path]
        _check(sum(map(len, parts)), sum(len(part) for some in parts for part in some))
        return tuple(accumulate(parts, initial=()))
    except DrawingError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise DrawingError("the browser sent a drawing that the canvas does not make") from None


def _points(path: list) -> Stroke:
    """M start, Q control end, …, L last -> the points where the pen was, no point twice running."""
    points = [(_place(x), _place(y)) for _, x, y, *_ in path]
    return tuple(point for point, _ in groupby(points))


def on_canvas(stroke: Stroke) -> Strokes:
    """The parts of a stroke that are on the canvas, in its order, each a stroke: () where none is.

    Each segment p + t (q − p), 0 ≤ t ≤ 1, is cut at the sides, at the two values of t for which
    it is between them [Liang and Barsky 1984]; a cut is rounded to half a pixel.
    """
    if all(0 <= value <= CANVAS for point in stroke for value in point):
        return (stroke,)
    parts: list[list[tuple[float, float]]] = []
    goes_on = False
    for p, q in pairwise(stroke):
        begin, end = _between_the_sides(p, q)
        if begin <= end:
            if not goes_on:
                parts.append([_along(p, q, begin)])
            if parts[-1][-1] != (last := _along(p, q, end)):
                parts[-1].append(last)
        goes_on = begin <= end == 1
    return tuple(map(tuple, parts))


def _between_the_sides(p: tuple[float, float], q: tuple[float, float]) -> tuple[float, float]:
    """The first and the last t of the segment that are on the canvas; none if first > last."""
    begin, end = 0.0, 1.0
    for at, to in zip(p, q, strict=True):
        if at == to:
            if not 0 <= at <= CANVAS:
                return 1.0, 0.0
            continue
        low, high = sorted(((0 - at) / (to - at), (CANVAS - at) / (to - at)))
        begin, end = max(begin, low), min(end, high)
    return begin, end


def _along(p: tuple[float, float], q: tuple[float, float], t: float) -> tuple[float, float]:
    if t in (0, 1):
        return q if t else p
    return _place(p[0] + t * (q[0] - p[0])), _place(p[1] + t * (q[1] - p[1]))


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
    """The inverse of `to_code`, cut at the sides of the canvas.

    Raises `DrawingError` for any other text.
    """
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
            strokes += on_canvas(tuple(stroke))
        _check(len(strokes), sum(map(len, strokes)))
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
