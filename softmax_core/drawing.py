"""From a drawing to the 8×8 grid: the same stations for strokes and for pictures.

    strokes ──→ deskew → frame → draw with one pen → bitmap (32, 32) → counts (8, 8) → grid
    picture → its centre line ↗

A canvas gives the path of the pen, so the width of the line can be made the same for everyone:
the centre line is scaled first and drawn with a fixed pen second. A picture is thinned to its
centre line (see `pictures`) and then goes the same way. A `Preparation` says how; the digits that
a model learns from and the digits that it reads must have gone through the same one.

Source of deskewing and of the stretched frame: M. D. Garris et al., NIST Form-Based Handprint
Recognition System, NISTIR 5469, 1994. With it NIST made the bitmaps behind `optdigits`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from softmax_core.errors import DrawingError, ParameterError
from softmax_core.foreign import Pieces, digit_of
from softmax_core.grids import SIDE, Grid
from softmax_core.inputs import (
    as_array,
    as_choice,
    as_count,
    as_flag,
    as_floats,
    as_list,
    as_number,
    as_own,
    shortened,
)
from softmax_core.pictures import traced

BITMAP = 32  # pixels a side of the framed bitmap
BLOCK = BITMAP // SIDE  # a cell of the grid is BLOCK × BLOCK of them
MOST_POINTS = 20_000
MOST_INK = 1 << 20  # points at which the pen is put down: 8,192 times across the frame
LARGEST_COORDINATE = 1e9
STEEPEST = 1.5  # the largest shear that deskewing undoes, in x per y
FLATTEST = 1e-100  # what is lower has no slant: nothing can be divided by it
STEM_CHORD = 0.2  # of the height: over so much of the path a direction is taken
MOST_CHORDS = 1000  # a third of those that are looked at
STEM_SPREAD = 0.08  # directions that differ by so much, in x per y, are of the same stem
STEM_SLANTS = np.arange(-3, 4) * STEM_SPREAD  # up to about 15°; a diagonal is no stem
UPRIGHT = 1 - 0.1 * np.abs(np.arange(-3, 4))  # of two stems, the one that is more so
STEM_SHARES = (0.3, 0.45)  # of the way up and down: not a stem yet, and wholly one
GAP, TALL = 0.02, 0.6  # of the height: between two digits beside each other, and of each of them
UNEVEN, WIDE = 0.15, 0.15  # and of a gap between those of which one ends higher, as the hook of a 4
SPACING = 0.25  # between the points at which the pen is put down, in pixels of the bitmap
CHUNK = 1 << 16  # that many of them at a time

A_PICTURE = "a picture of uint8 (h, w[, c])"

Strokes = Sequence[ArrayLike]  # each (m, 2): x to the right, y down, in any unit
Segments = NDArray[np.float64]  # (s, 2, 2): from (x, y), to (x, y)


@dataclass(frozen=True)
class Preparation:
    """How a drawing becomes a grid. Lengths are in pixels of the 32×32 bitmap.

    Raises `ParameterError` for a pen that fits into no bitmap or no frame, and the like.
    """

    name: str
    deskew: bool = True  # shear it upright
    stems: bool = True  # by its stem, where it has one
    stretch: bool = True  # fill the frame both ways; False keeps the aspect
    frame: tuple[float, float] = (32.0, 32.0)  # the width and the height that ink may fill
    slimmest: float = 0.25  # a drawing slimmer or flatter than this keeps its aspect
    pen: float = 3.5  # the width of the pen that draws the framed centre line
    threshold: int = 6  # a cell is on if at least so many of its 16 pixels are
    canvas: float | None = None  # show the square of a canvas of this side, and do not frame

    def __post_init__(self) -> None:
        as_own(self.name, str, "the name of a preparation")
        for flag in ("deskew", "stems", "stretch"):
            as_flag(getattr(self, flag), flag)
        pen = as_number(self.pen, "the width of the pen", 0.1, BITMAP / 2)
        frame = as_list(self.frame, "a frame is a width and a height", 3, ParameterError)
        if len(frame) != 2:
            raise ParameterError("a frame is a width and a height: two numbers")
        width, height = (as_number(side, "a side of the frame", pen, BITMAP) for side in frame)
        object.__setattr__(self, "frame", (width, height))
        as_number(self.slimmest, "the slimmest aspect", 0, 1)
        as_count(self.threshold, "the threshold of a cell", 1, BLOCK * BLOCK)
        if self.canvas is not None:
            as_number(self.canvas, "the side of the canvas", 1e-9, LARGEST_COORDINATE)


PREPARATIONS = {"pen": Preparation("pen")}


class Prepared(NamedTuple):
    """Every station of a drawing; `grid` is all that a model reads."""

    bitmap: NDArray[np.bool_]  # (32, 32), framed and drawn with the fixed pen
    counts: NDArray[np.int64]  # (8, 8), inked bitmap pixels of each cell, 0..16
    grid: Grid  # (8, 8)
    left_out: NDArray[np.float64]  # (n, 2, 2), boxes of ink that is not the digit's: from, to
    two: bool  # whether two digits stand beside each other


def preparation_of(name: str | Preparation) -> Preparation:
    """The preparation of that name, or the one given. Raises `ParameterError` for others."""
    return name if isinstance(name, Preparation) else as_choice(name, PREPARATIONS, "preparation")


def prepare(
    drawing: Strokes | Image.Image | NDArray[np.uint8],
    preparation: str | Preparation = "pen",
    *,
    everything: bool = False,
) -> Prepared:
    """All stations of a drawing: strokes, or a picture (a PIL image, or one array of bytes).

    Ink that is not the digit (see `foreign`) is left out, and `left_out` says where it is, in the
    drawing's own units; with `everything` it stays. Nothing drawn gives an empty grid. Raises
    `DrawingError` for anything that is not a drawing.
    """
    how = preparation_of(preparation)
    everything = as_flag(everything, "everything")
    if isinstance(drawing, Image.Image | np.ndarray):
        if not isinstance(drawing, Image.Image):
            drawing = as_array(drawing, A_PICTURE, DrawingError)
        line, left_out = traced(drawing, everything)
    else:
        line, left_out = digit_of(*_segments(drawing), everything)
    upright = _upright(line, how)
    return Prepared(*_stations(upright, how), left_out, is_two(upright))


def grid_of_line(line: Segments, preparation: str | Preparation = "pen") -> Grid:
    """The grid (8, 8) of a digit whose centre line is known, in any unit."""
    how = preparation_of(preparation)
    return _stations(_upright(line, how), how)[-1]


def line_of_strokes(strokes: Strokes) -> Segments:
    """The centre line of the digit that strokes show, as segments; a dot is one of no length."""
    return digit_of(*_segments(strokes))[0]


def _upright(line: Segments, how: Preparation) -> Segments:
    return _sheared(line, slant_of(line) if how.stems else lean_of(line)) if how.deskew else line


def _stations(
    line: Segments, how: Preparation
) -> tuple[NDArray[np.bool_], NDArray[np.int64], Grid]:
    bitmap = drawn_with(_framed(line, how), how.pen)
    counts = bitmap.reshape(SIDE, BLOCK, SIDE, BLOCK).sum(axis=(1, 3))
    return bitmap, counts, counts >= how.threshold


def is_two(upright: Segments) -> bool:
    """Whether a gap from top to bottom parts a drawing into two that are both tall."""
    if not len(upright):
        return False
    low, high = upright.min(axis=1), upright.max(axis=1)
    order = np.argsort(low[:, 0])
    (left, top), (right, bottom) = low[order].T, high[order].T
    gap = left[1:] - np.maximum.accumulate(right)[:-1]
    ends = np.maximum.accumulate(bottom), np.maximum.accumulate(bottom[::-1])[::-1]
    before = ends[0] - np.minimum.accumulate(top)
    after = ends[1] - np.minimum.accumulate(top[::-1])[::-1]
    least, height = np.minimum(before[:-1], after[1:]), before[-1]
    uneven = ends[1][1:] - ends[0][:-1] > UNEVEN * height
    apart = gap > np.where(uneven, WIDE, GAP) * height
    return bool((apart & (least >= TALL * height)).any())


def grid_from_strokes(strokes: Strokes, preparation: str | Preparation = "pen") -> Grid:
    """The grid (8, 8) of strokes, each (m, 2), x to the right and y down, in any unit.

    Raises `DrawingError` for other shapes, for coordinates that are not finite, and for more
    points than a person draws.
    """
    drawn = as_list(strokes, "a drawing is a list of strokes", MOST_POINTS + 1, DrawingError)
    return prepare(drawn, preparation).grid


def grid_from_image(
    image: Image.Image | NDArray[np.uint8], preparation: str | Preparation = "pen"
) -> Grid:
    """The grid (8, 8) of a picture: PIL image or uint8 (h, w[, c]), dark on light or light on dark.

    Raises `DrawingError` for an array of another kind, and for a picture that is too large.
    """
    if not isinstance(image, Image.Image):
        image = as_array(image, A_PICTURE, DrawingError)
    return prepare(image, preparation).grid


def _segments(strokes: Strokes) -> tuple[Segments, Pieces]:
    """All strokes as one list of segments, and whose they are; a dot is a segment of no length."""
    if not isinstance(strokes, Sequence):
        raise DrawingError(f"a drawing is a list of strokes or a picture, got {shortened(strokes)}")
    pieces, count = [np.empty((0, 2, 2))], len(strokes)
    for number, stroke in enumerate(strokes, start=1):
        if count > MOST_POINTS:
            break
        points = as_points(stroke, f"stroke {number}")
        dot = len(points) == 1
        pieces.append(np.stack([points if dot else points[:-1], points[not dot :]], axis=1))
        count += max(len(points) - 1, 0)
    if count > MOST_POINTS:
        raise DrawingError(
            f"a drawing has at most {MOST_POINTS:,} points, got {count:,} or more: "
            "clear it and draw one digit"
        )
    lengths = [len(piece) for piece in pieces if len(piece)]
    return np.concatenate(pieces), np.repeat(np.arange(len(lengths)), lengths)


def as_points(stroke: ArrayLike, what: str) -> NDArray[np.float64]:
    """Points (m, 2), real numbers within ±1e9; m may be 0. Raises `DrawingError` for others."""
    points = as_floats(stroke, f"{what} as a list of (x, y) points", DrawingError)
    if points.size == 0:
        return np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise DrawingError(f"{what} is not a list of (x, y) points: its shape is {points.shape}")
    if not (np.abs(points) <= LARGEST_COORDINATE).all():
        raise DrawingError(f"{what} has a coordinate that is not a finite number within ±1e9")
    return points.astype(np.float64, copy=False)


def slant_of(line: Segments) -> float:
    """How far a drawing leans, in x per y: as its stem does, or where it has none, all of it.

    A stem is what goes straight and nearly upright for most of the way that the pen goes up
    and down; so an upright 4, L or 7 stays as it is. Of two, as the arm and the stem of an open 4,
    the one that is more upright counts, and the other is not held against it. Digits of curves
    lean by Cov(x, y) / Var(y) about the centre of mass, every segment by its length. Between stem
    and curves there is no jump.
    """
    height = np.ptp(line[..., 1]) if len(line) else 0.0
    if height < FLATTEST:
        return 0.0
    reach = max(STEM_CHORD * height, _length(line).sum() / MOST_CHORDS)
    along, parts = _chords(line, reach)
    rise = np.abs(along[:, 1])
    steep = rise > 1e-9 * height
    slants, rise = along[steep, 0] / along[steep, 1], (rise * parts)[steep]
    near = np.clip(1.5 - np.abs(slants[:, None] - STEM_SLANTS) / STEM_SPREAD, 0, 1)
    rises = max(rise.sum(), 1e-9)
    shares = rise @ near / rises
    best = (shares * UPRIGHT).argmax()
    others = rise @ near.max(axis=1) / rises - shares[best]
    low, high = STEM_SHARES
    is_stem = np.clip((shares[best] / max(1 - others, 1e-9) - low) / (high - low), 0, 1)
    is_stem *= is_stem * (3 - 2 * is_stem)
    stem = np.average(slants, weights=rise * near[:, best]) if is_stem else 0.0
    return float(is_stem * stem + (1 - is_stem) * lean_of(line))


def _chords(line: Segments, length: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vectors (c, 2) between points of a path that are `length` apart on it, three a length, and
    the part (c,) of the path that each stands for; a shorter path is one chord.

    So the steps of a coarse tablet, all of them across or down, do not hide where a stroke goes.
    """
    own = _length(line)
    stop = np.cumsum(own)
    start = stop - own
    begins = np.append(True, (line[1:, 0] != line[:-1, 1]).any(axis=1))
    path = np.cumsum(begins)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(line)) - 1
    short = stop[last] - start[first] < length
    t = np.arange(0, stop[-1] - length, length / 3)
    i, j = (np.minimum(np.searchsorted(stop, at), len(line) - 1) for at in (t, t + length))
    whole = path[i] == path[j]
    i, j, t = i[whole], j[whole], t[whole]

    def point(segment: NDArray[np.intp], at: NDArray[np.float64]) -> NDArray[np.float64]:
        share = (at - start[segment]) / np.where(own[segment] > 0, own[segment], 1)
        return line[segment, 0] + (line[segment, 1] - line[segment, 0]) * share[:, None]

    chords = np.concatenate(
        [point(j, t + length) - point(i, t), line[last[short], 1] - line[first[short], 0]]
    )
    return chords, np.append(np.full(len(t), 1 / 3), np.ones(short.sum()))


def _length(line: Segments) -> NDArray[np.float64]:
    """Of each segment, (s,)."""
    return np.hypot(*(line[:, 1] - line[:, 0]).T)


def lean_of(line: Segments) -> float:
    """How far all of a line leans, Cov(x, y) / Var(y), at most STEEPEST either way."""
    length = _length(line)
    if not length.any():
        return 0.0
    middle = line.mean(axis=1)
    dx, dy = (middle - np.average(middle, axis=0, weights=length)).T
    variance = length @ dy**2
    return float(np.clip(length @ (dx * dy) / variance, -STEEPEST, STEEPEST)) if variance else 0.0


def _sheared(line: Segments, slant: float) -> Segments:
    """x − slant · y."""
    upright = line.copy()
    upright[..., 0] -= slant * line[..., 1]
    return upright


def _framed(segments: Segments, how: Preparation) -> Segments:
    """Moved and scaled so that the ink of the pen fills the frame, about the bitmap's centre."""
    if how.canvas is not None:
        return segments * (BITMAP / how.canvas)
    if not len(segments):
        return segments
    low, high = segments.min(axis=(0, 1)), segments.max(axis=(0, 1))
    extent = high - low
    room = np.array(how.frame) - how.pen
    with np.errstate(divide="ignore", over="ignore"):
        scale = room / extent
    if not how.stretch or extent.min() < how.slimmest * extent.max():
        scale[:] = scale.min()
    scale[np.isinf(scale)] = 0  # a dot stays a dot
    return (segments - (low + high) / 2) * scale + BITMAP / 2


def drawn_with(segments: Segments, pen: float, side: int = BITMAP) -> NDArray[np.bool_]:
    """The pixels (side, side) whose centre is within half the pen's width of a segment."""
    bitmap = np.zeros((side, side), bool)
    window = np.arange(-np.ceil(pen / 2), np.ceil(pen / 2) + 1)
    points = _points_along(segments, SPACING * side / BITMAP)
    for start in range(0, len(points), CHUNK):
        x, y = points[start : start + CHUNK].T[:, :, None]
        columns, rows = np.floor(x) + window, np.floor(y) + window  # each (points, window)
        square_x, square_y = (columns + 0.5 - x) ** 2, (rows + 0.5 - y) ** 2
        point, row, column = np.nonzero(square_y[:, :, None] + square_x[:, None] <= pen**2 / 4)
        row, column = rows[point, row], columns[point, column]
        inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
        bitmap[row[inside].astype(int), column[inside].astype(int)] = True
        if bitmap.all():
            break
    return bitmap


def _points_along(segments: Segments, spacing: float) -> NDArray[np.float64]:
    """Points (p, 2) on the segments, both ends included, at most so far apart."""
    start, along = segments[:, 0], segments[:, 1] - segments[:, 0]
    steps = np.ceil(np.hypot(*along.T) / spacing)
    if not steps.sum() + len(steps) <= MOST_INK:
        raise DrawingError("this is more ink than a digit has: clear it and draw one digit")
    steps = steps.astype(int)
    number = steps + 1
    which = np.repeat(np.arange(len(segments)), number)
    step = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    return start[which] + along[which] * (step / np.maximum(steps, 1)[which])[:, None]
