"""Strokes from and to the canvas's own format. Strokes are in canvas pixels, x right, y down.

Fabric, the canvas's library, stores a freehand stroke as a path of quadratic curves whose control
points are where the pen was: reading them back gives the recorded points, and writing strokes
the same way draws them smoothly.
"""

from itertools import groupby, pairwise
from typing import Any

from softmax_core.errors import DrawingError

Stroke = list[tuple[float, float]]

PEN = 16  # pixels


def strokes_of(drawing: Any) -> list[Stroke]:
    """The strokes in the canvas's JSON.

    Raises `DrawingError` for JSON that is not the canvas's: it comes from a browser.
    """
    try:
        paths = [item["path"] for item in drawing["objects"] if item["type"] == "Path"]
        return [_points(path) for path in paths if path]
    except (KeyError, TypeError, ValueError, IndexError):
        raise DrawingError("the browser sent a drawing that the canvas does not make") from None


def _points(path: list) -> Stroke:
    """M start, Q control end, …, L last -> the points where the pen was, no point twice running."""
    points = [(float(x), float(y)) for _, x, y, *_ in path]
    return [point for point, _ in groupby(points)]


def drawing_of(strokes: list[Stroke], ink: str) -> dict[str, Any]:
    """The canvas's JSON for strokes: the inverse of `strokes_of`."""
    return {"objects": [_path_object(stroke, ink) for stroke in strokes]}


def _path_object(stroke: Stroke, ink: str) -> dict[str, Any]:
    curves = [
        ["Q", *point, (point[0] + after[0]) / 2, (point[1] + after[1]) / 2]
        for point, after in pairwise(stroke)
    ]
    return {
        "type": "Path",
        "path": [["M", *stroke[0]], *curves, ["L", *stroke[-1]]],
        "fill": None,
        "stroke": ink,
        "strokeWidth": PEN,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }
