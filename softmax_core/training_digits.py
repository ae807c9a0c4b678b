"""The digits that the shipped models learn from: recorded paths mended, and changed copies of all.

    pen: recorded path → mended → pen lifted ↘
    scanned: counts → centre line             → turned, shaken, warped → drawn as any drawing is
    unipen: strokes of other tablets         ↗                        (or inked, and thinned) ↗

Other people's hands are not in these sets, but what they do differently can be made: a copy is
turned a little, shaken along its path, and warped as on a sheet of rubber. A digit's copies depend
on its number and on nothing else. All of this is for training alone; what is shown, tested or drawn
by a visitor goes through `prepare` as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softmax_core.datasets import Split
from softmax_core.drawing import Segments, drawn_with, grid_of_line, line_of_strokes
from softmax_core.grids import Codes, pack
from softmax_core.scans import lines_of_counts
from softmax_core.thinning import line_of

Points = NDArray[np.float64]  # (..., 2): x to the right, y down, in a box of side 100

SEED = 8


@dataclass(frozen=True)
class Changes:
    """`copies` of each digit beside itself; standard deviations, of angle and of displacements."""

    copies: int
    turn: float = 0.06  # radians
    shake: float = 0.0  # of a box of 100
    warp: float = 0.0  # the same
    inked: bool = False  # all of them as pictures show them


# --- recorded paths ------------------------------------------------------------------------------

SHORT = 0.95  # a chord below this share of the longest cuts off a corner
FURTHEST = 0.85  # of the way to where the straight continuations meet, a corner is put at most
STEPS = 4  # points of the curve between two recorded ones


def mended(path: NDArray) -> Points:
    """A recorded path (m, 2) with its corners, which the recording cut off.

    Its points are equally far apart along the path, so a chord that is shorter than the longest
    one hides a corner: it lies towards where the straight continuations of the neighbouring chords
    meet, so far that the way round it is as long as the longest chord. All other sections are
    cubic Hermite curves.
    """
    p = np.asarray(path, dtype=float)
    chords = np.diff(p, axis=0)
    longest = np.hypot(*chords.T).max()
    corners = {
        i: corner
        for i in range(1, len(chords) - 1)
        if np.hypot(*chords[i]) < SHORT * longest
        and (corner := _corner(p[i], p[i + 1], chords[i - 1], -chords[i + 1], longest)) is not None
    }
    before, after = np.vstack([chords[:1], chords]), np.vstack([chords, chords[-1:]])
    arriving, leaving = (before + after) / 2, (before + after) / 2
    for i in corners:  # straight up to a corner, and straight from it
        arriving[i], leaving[i + 1] = before[i], after[i + 1]
    t = np.arange(STEPS)[:, None] / STEPS
    pieces = [
        np.array([p[i], corners[i]])
        if i in corners
        else p[i]
        + t * leaving[i]
        + t**2 * (3 * chords[i] - 2 * leaving[i] - arriving[i + 1])
        + t**3 * (leaving[i] + arriving[i + 1] - 2 * chords[i])
        for i in range(len(chords))
    ]
    return np.vstack([*pieces, p[-1:]])


def _corner(a: Points, b: Points, ahead: Points, back: Points, length: float) -> Points | None:
    """The corner C between a and b with |aC| + |Cb| = length, or nearer; None where there is none.

    `ahead` is the direction in which the path arrives at a, `back` that from which it leaves b.
    """
    norms = np.hypot(*ahead), np.hypot(*back)
    if not all(norms):
        return None
    ahead, back = ahead / norms[0], back / norms[1]
    middle, chord = (a + b) / 2, b - a
    cross = ahead[0] * back[1] - ahead[1] * back[0]
    if abs(cross) > 1e-9:
        s = (chord[0] * back[1] - chord[1] * back[0]) / cross
        t = (chord[0] * ahead[1] - chord[1] * ahead[0]) / cross
        meet = s > 0 and t > 0 and s + t < 20 * length
    else:
        meet = False
    if meet:
        way = a + s * ahead - middle
    elif ahead @ back > 0.5:  # there and back: the continuations run side by side
        way = 10 * length * (ahead + back) / np.hypot(*(ahead + back))
    else:
        return None
    low, high = 0.0, FURTHEST
    if _round(a, b, middle + high * way) > length:
        for _ in range(20):
            half = (low + high) / 2
            low, high = (half, high) if _round(a, b, middle + half * way) < length else (low, half)
    return middle + high * way


def _round(a: Points, b: Points, c: Points) -> float:
    return float(np.hypot(*(c - a)) + np.hypot(*(c - b)))


LIFTS = {4: 0.12, 5: 0.4, 7: 0.15}  # label: the least rise of a lifted pen, of the digit's height
LIFTED = 0.9  # of the copies
STEEP = 0.5  # a rise goes up by more than this share of its length


def lifted(stroke: Points, label: int) -> list[Points]:
    """A path, y down, without the pen's way through the air.

    The recording joins strokes. In a 4, 5 or 7 the longest rise in the middle of the path is the
    lifted pen on its way to the second stroke. This reads the label, so it may touch training
    digits only.
    """
    if label not in LIFTS:
        return [stroke]
    right, down = np.diff(stroke, axis=0).T
    rising = np.concatenate([[False], down < -STEEP * np.hypot(right, down), [False]])
    rises = np.flatnonzero(np.diff(rising.astype(int))).reshape(-1, 2)
    inner = [(a, b) for a, b in rises if a > 0 and b < len(stroke) - 1]
    a, b = max(inner, key=lambda rise: stroke[rise[0], 1] - stroke[rise[1], 1], default=(0, 0))
    if stroke[a, 1] - stroke[b, 1] < LIFTS[label] * np.ptp(stroke[:, 1]):
        return [stroke]
    return [stroke[: a + 1], stroke[b:]] if b > a else [stroke]


# --- changed copies ------------------------------------------------------------------------------


def changed(strokes: list[Points], how: Changes, rng: np.random.Generator) -> list[Points]:
    """A changed copy of the strokes of one digit."""
    if how.turn:
        cos, sin = np.cos(angle := rng.normal(0, how.turn)), np.sin(angle)
        strokes = [(s - 50) @ np.array([[cos, -sin], [sin, cos]]) + 50 for s in strokes]
    if how.shake:
        strokes = [shaken(s, how.shake, rng) for s in strokes]
    return warped(strokes, how.warp, rng) if how.warp else strokes


KNOTS = 6  # of the spline by which a path is shaken


def shaken(stroke: Points, size: float, rng: np.random.Generator) -> Points:
    """A path displaced by a Catmull-Rom spline through random knots along it."""
    if len(stroke) < 2:
        return stroke
    along = np.append(0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T)))
    along *= (KNOTS - 1) / (along[-1] or 1)
    knots = rng.normal(0, size, (KNOTS, 2))
    knots = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    i = np.minimum(along.astype(int), KNOTS - 2)
    t = (along - i)[:, None]
    a, b, c, d = (knots[i + j] for j in range(4))
    return (
        stroke + b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    )


WAVES = np.array([(1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1), (1, 2)])  # half waves a side


def warped(strokes: list[Points], size: float, rng: np.random.Generator) -> list[Points]:
    """The strokes on a sheet of rubber: displaced by low sines of the plane."""
    order = WAVES.sum(axis=1, keepdims=True)
    heights = rng.normal(size=(len(WAVES), 2)) / order
    heights *= size * np.sqrt(2 / (1 / order**2).sum())
    phases = rng.uniform(0, 2 * np.pi, (len(WAVES), 2))

    def displaced(points: Points) -> Points:
        angles = np.pi / 100 * (points @ WAVES.T)
        return points + (np.sin(angles[..., None] + phases) * heights).sum(axis=-2)

    return [displaced(s) for s in strokes]


BROADEST = 0.06, 0.21  # the width of a pen, by the longer side of the picture
INKED_AT = 80  # pixels a side


def inked(line: Segments, rng: np.random.Generator) -> Segments:
    """The centre line of what a broad pen makes of a digit: junctions moved, loops filled."""
    pen = INKED_AT * rng.uniform(*BROADEST)
    low, extent = line.min(axis=(0, 1)), np.ptp(line, axis=(0, 1)).max() or 1
    framed = (line - low) * ((INKED_AT - 1 - pen) / extent) + (1 + pen) / 2
    return line_of(drawn_with(framed, pen, INKED_AT))


# --- sources -------------------------------------------------------------------------------------


def pen_lines(split: Split, how: Changes) -> Iterator[tuple[Segments, int]]:
    """The recorded paths of "pen" and their copies."""
    assert split.trajectories is not None
    for n, (path, label) in enumerate(zip(split.trajectories, split.labels.tolist(), strict=True)):
        stroke = mended((0, 100) + path * (1.0, -1.0))
        for copy, rng in _copies(n, how):
            strokes = lifted(stroke, label) if rng.random() < LIFTED else [stroke]
            yield line_of_strokes(changed(strokes, how, rng) if copy else strokes), label


def scanned_lines(split: Split, how: Changes) -> Iterator[tuple[Segments, int]]:
    """The centre lines of "optdigits" and their copies."""
    assert split.counts is not None
    for n, (line, label) in enumerate(
        zip(lines_of_counts(split.counts), split.labels.tolist(), strict=True)
    ):
        (line,) = in_box([line])
        for copy, rng in _copies(n, how):
            yield changed([line], how, rng)[0] if copy else line, label


def unipen_lines(split: Split, how: Changes) -> Iterator[tuple[Segments, int]]:
    """The strokes of "unipen" and their copies."""
    assert split.drawings is not None
    for n, (strokes, label) in enumerate(zip(split.drawings, split.labels.tolist(), strict=True)):
        boxed = in_box(strokes)
        for copy, rng in _copies(n, how):
            yield line_of_strokes(changed(boxed, how, rng) if copy else boxed), label


def _copies(n: int, how: Changes) -> Iterator[tuple[int, np.random.Generator]]:
    for copy in range(1 + how.copies):
        yield copy, np.random.default_rng([SEED, n, copy])


def in_box(strokes: Sequence[NDArray]) -> list[Points]:
    """Strokes moved and scaled so that the longer side of their box is 0..100."""
    points = np.concatenate([np.reshape(s, (-1, 2)) for s in strokes]).astype(float)
    low, extent = points.min(axis=0), np.ptp(points, axis=0).max() or 1
    return [(s - low) * (100 / extent) for s in strokes]


LINES: dict[str, Callable[[Split, Changes], Iterator[tuple[Segments, int]]]] = {
    "pen": pen_lines,
    "optdigits": scanned_lines,
    "unipen": unipen_lines,
}


def drawn(source: str, split: Split, how: Changes) -> tuple[Codes, NDArray[np.intp]]:
    """The digits of a source and their copies as codes, each digit before its copies; labels."""
    grids, labels = [], []
    for n, (line, label) in enumerate(LINES[source](split, how)):
        if how.inked:
            line = inked(line, np.random.default_rng([SEED, n]))
        grids.append(grid_of_line(line))
        labels.append(label)
    return pack(np.array(grids)), np.array(labels)
