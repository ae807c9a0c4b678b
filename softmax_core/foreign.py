"""Ink that is not the digit: a stray tap, dust, a line of the frame, the rest of a neighbour.

What sets a drawing's frame is its outermost ink, so one speck far away would shrink the digit to a
corner of the grid. Ink comes in pieces: strokes, or what hangs together in a picture. The digit
grows from the piece with the most ink; a piece joins while it is near enough for its size:

    gap ≤ (NEAR + FAR · size) · trust · extent of the digit so far

A dot must almost touch, the bar of a 5 may fly. The gaps within the half of the ink that is in the
largest pieces are near enough for any piece, so that a dotted line stays whole.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

NEAR = 0.04  # the gap that any piece may have, as a share of the digit's extent
FAR = 1.5  # and so much more by the piece's own extent
LATTICE = 48  # gaps are measured on so many points along the longer side of the drawing
AT_ONCE = 60_000  # distances that are computed at a time: they fit the processor's cache
MOST_PIECES = 60  # the largest are looked at; dust beyond that is left out
MOST_LINES = 24  # of one direction, that are looked for
RIM_TO_RIM = 0.85  # of the width: a line so long is one of a table
SLOPES = np.linspace(-0.08, 0.08, 21)  # of lines that are level, or upright
THICKEST = 0.05  # a line is, of the height
LEAST_REST = 0.2  # of the shorter side: what is smaller is no digit
MOST_RULED = 0.25  # of a picture is lines and what stands between them
ACROSS = 0.1  # of its length a line of a table goes on, at least, beyond one that it crosses
CRUMB = 0.05  # of the shorter side: what is left where lines cross may be so large
PURE = 0.9  # of its ink is lines, in a piece that is lines alone
LEAST_TOUCHED = 0.3  # of the length of a line: what is smaller is no digit that it touches
BEYOND = 0.25  # of its length a line of a frame goes on, on both sides of what it touches

TILTS = np.arange(-0.2, 0.2004, 0.004)  # of ruled paper: up to 11°
SIDEWAYS = 0.03  # the lines of it are so nearly parallel, in a photograph
FEWEST_RULED = 3  # lines from rim to rim make paper ruled
STRAIGHT_ON = 0.75  # of its way through the picture, at least, such a line has ink
IN_A_CORNER = 0.05  # of the width, at least, is seen of one that ends at another rim
COLUMNS = 80  # of a picture, that are looked at for it

STRAY = 0.08  # of its length: so far a line that is drawn by hand leaves its side of the frame
ALONG = 0.9  # of a piece is that near to sides of the frame
DRAWN = 9  # tenths of a side, at least, are a line
PASSED = 0.05  # of its length a line goes on beyond the rest, at an end where it meets no other
WITHIN = 0.9  # of the frame's width and height, at most, what is in it has
FLATTEST = 1 / 3  # as tall as wide, at least, is a digit
LONGER = 1.25  # times as long as the rest is that way, or half of it, a line is that meets no other
LONGEST = 3  # times as long as the rest, at most
APART = 0.08  # of the rest's extent it stays away from it

SECTORS = 24  # about the middle of what is in a ring
CLOSED = 22  # of them, at least, a ring goes through
THIN = 0.7  # of its way out it comes near, in each of them: it is no blob, and of one turn
INSIDE = 0.97  # of the way to the ring, at most, what is in it goes
STRAIGHT = 0.2  # of its box, at most, a slash leaves the diagonal
LEANING = 0.28  # a slash does, across per down; less so a 1
LEAST_RINGED = 0.35  # of the height of a ring: what is smaller is the dot of a 0

Mask = NDArray[np.bool_]  # (h, w)
Segments = NDArray[np.float64]  # (s, 2, 2): from (x, y), to (x, y)
Pieces = NDArray[np.intp]  # (s,), the piece of each segment, from 0
Boxes = list[NDArray[np.float64]]  # (2, 2) each: from (x, y), to (x, y)
Points = NDArray[np.float64]  # (n, 2)


def belonging(
    segments: Segments, piece: Pieces, trust: NDArray[np.float64] | None = None
) -> NDArray[np.bool_]:
    """Which of the pieces (p,) are the digit.

    `trust` (p,), 0..1, is how much a piece looks like ink of a digit in other ways than size and
    distance; strokes are all trusted.
    """
    count = int(piece.max()) + 1 if len(piece) else 0
    if count < 2:
        return np.ones(count, bool)
    trust = np.ones(count) if trust is None else trust
    boxes = boxes_of(segments, piece)
    size = (boxes[:, 1] - boxes[:, 0]).max(axis=1)
    whole = max(np.ptp(boxes.reshape(-1, 2), axis=0).max(), 1e-9)
    length = np.hypot(*(segments[:, 1] - segments[:, 0]).T)
    ink = (np.bincount(piece, length, count) + 0.01 * whole / count) * trust
    order = np.argsort(-ink, kind="stable")[:MOST_PIECES]
    if count > 30:
        order = order[ink[order] > 0.005 * ink.max()]
    points, owner = _points(segments, piece, whole / LATTICE)
    frame = framing(points, owner, boxes)[order]
    order = order if frame.all() else order[~frame]
    core = order[: 1 + np.searchsorted(np.cumsum(ink[order]), ink[order].sum() / 2)]

    joined = np.zeros(count, bool)
    gap = np.full(count, np.inf)
    waiting, slack, best = set(order.tolist()), 0.0, int(order[0])
    low, high = boxes[best]
    while True:
        joined[best] = True
        waiting.discard(best)
        low, high = np.minimum(low, boxes[best, 0]), np.maximum(high, boxes[best, 1])
        if not waiting:
            break
        apart = np.isin(owner, list(waiting))  # only what may still join is measured
        near = points[owner == best]
        points, owner = points[apart], owner[apart]
        np.minimum.at(gap, owner, _distance(points, near))
        rest = np.array(sorted(waiting))
        extent = max((high - low).max(), 1e-9)
        reach = (NEAR + FAR * size[rest] / extent) * trust[rest] * extent
        need = gap[rest] - np.maximum(reach, slack)
        best = int(rest[need.argmin()])
        if need.min() > 0:
            of_core = rest[np.isin(rest, core)]
            if not len(of_core):
                break
            best = int(of_core[gap[of_core].argmin()])
            slack = max(slack, gap[best])
    return joined


def digit_of(
    segments: Segments, piece: Pieces, everything: bool = False
) -> tuple[Segments, NDArray[np.float64]]:
    """The segments of the digit, or everything, and the boxes (n, 2, 2) of what is left out."""
    if everything or not len(piece) or piece[0] == piece[-1]:
        return segments, np.empty((0, 2, 2))
    belongs = belonging(segments, piece)
    return segments[belongs[piece]], boxes_of(segments, piece)[~belongs]


def framing(points: Points, owner: Pieces, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the pieces (p,) are a frame or a ring about the digit, or a line beside it.

    The pieces of a frame go along sides of the box of all that is large, and the rest does not go
    as far: at each of its ends a line meets another one, or goes on beyond the rest. Of the longest
    such pieces so many are a frame as make the most sides of one.
    """
    count = len(boxes)
    size = (boxes[:, 1] - boxes[:, 0]).max(axis=1)
    large = size >= LEAST_REST * size.max()
    ring = np.arange(count) == size.argmax()
    inner = boxes[large & ~ring]
    around = (inner[:, 0] > boxes[ring, 0]) & (inner[:, 1] < boxes[ring, 1])
    if (
        len(inner)
        and around.all()
        and _is_ring(*(points[which[owner]] for which in (ring, large & ~ring)))
    ):
        return ring
    low, high = boxes[large, 0].min(axis=0), boxes[large, 1].max(axis=0)
    extent = np.maximum(high - low, 1e-9)
    off = np.abs(np.stack([points - low, high - points], axis=1))
    near = off <= STRAY * extent[::-1]  # (points, low and high, x and y)
    along = np.bincount(owner, near.any(axis=(1, 2)), count) >= ALONG * np.bincount(owner)
    tenth = np.clip((points - low) * (10 / extent), 0, 9).astype(int)
    longest = np.argsort(-size, kind="stable")
    longest = longest[(along & large)[longest]][:4]
    found, most = np.zeros(count, bool), 0
    for number in range(1, len(longest) + 1):
        frame = np.isin(np.arange(count), longest[:number])
        rest, of_frame = large & ~frame, frame[owner]
        if not rest.any():
            break
        drawn = np.zeros((2, 2), bool)
        for end, axis in np.ndindex(2, 2):
            side = tenth[near[:, end, axis] & of_frame, 1 - axis]
            drawn[end, axis] = len(np.unique(side)) >= DRAWN
        inner = boxes[rest, 0].min(axis=0), boxes[rest, 1].max(axis=0)
        fits = drawn | (np.stack([inner[0] - low, high - inner[1]]) >= PASSED * extent)
        own = inner[1] - inner[0]
        fits &= own <= WITHIN * extent
        goes = drawn[:, ::-1].any(axis=0)  # along x, along y
        alone = drawn.sum() == 1
        if (
            drawn.sum() > most
            and fits[:, goes].all()
            and own[1] >= FLATTEST * own[0]
            and not (alone and _is_stroke(points[of_frame], points[rest[owner]], drawn))
        ):
            found, most = frame, drawn.sum()
    return found


def _is_stroke(line: Points, rest: Points, drawn: NDArray[np.bool_]) -> bool:
    """Whether a line that meets no other may be of the digit: the bar of a 5, the base of a 1.

    It comes near to the rest, is hardly longer, or so long that the rest is a speck; the bar of a
    5, above, flies and is wide; to the right of a hook, of which the upper right is empty, it is
    the stem of a 4.
    """
    low, high = rest.min(axis=0), rest.max(axis=0)
    extent, goes = (high - low).max(), np.ptp(line, axis=0)
    (_, above), (right, _) = drawn
    own = extent if above else max((high - low)[goes.argmax()], extent / 2)
    hook = right and not ((rest - (low + high) / 2) * (1, -1) > 0).all(axis=1).any()
    near = _distance(line, rest).min() < APART * extent
    return bool(hook or near or not LONGER * own <= goes.max() <= LONGEST * extent)


def _is_ring(ring: Points, rest: Points) -> bool:
    """Whether a line goes all the way round the rest, which is too large for the dot of a 0, and
    no slash of one.
    """
    low, high = rest.min(axis=0), rest.max(axis=0)
    own = np.maximum(high - low, 1e-9)
    if own[1] < max(LEAST_RINGED * np.ptp(ring[:, 1]), FLATTEST * own[0]):
        return False
    x, y = ((rest - low) / own).T
    slash = np.minimum(np.abs(x - y).max(), np.abs(x + y - 1).max()) < STRAIGHT
    if slash and own[0] > LEANING * own[1]:
        return False
    (near, far), (_, inner) = _reach(ring - (low + high) / 2), _reach(rest - (low + high) / 2)
    round_about = (near >= THIN * far) & (near < np.inf)
    return bool((inner <= INSIDE * near).all() and round_about.sum() >= CLOSED)


def _reach(points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """In each sector about the origin, how near and how far points are: ∞ and 0 where are none."""
    sector = np.floor(np.arctan2(*points.T) * (SECTORS / (2 * np.pi))).astype(int) % SECTORS
    near, far = np.full(SECTORS, np.inf), np.zeros(SECTORS)
    away = np.hypot(*points.T)
    np.minimum.at(near, sector, away)
    np.maximum.at(far, sector, away)
    return near, far


def boxes_of(segments: Segments, piece: Pieces) -> NDArray[np.float64]:
    """The box of each piece, (p, 2, 2): from (x, y), to (x, y)."""
    count = int(piece.max()) + 1 if len(piece) else 0
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, piece, segments.min(axis=1))
    np.maximum.at(high, piece, segments.max(axis=1))
    return np.stack([low, high], axis=1)


def _points(segments: Segments, piece: Pieces, spacing: float) -> tuple[NDArray, Pieces]:
    """Points along the segments, one to a field of the lattice and piece, and their pieces."""
    along = segments[:, 1] - segments[:, 0]
    number = np.ceil(np.hypot(*along.T) / spacing).astype(int) + 1
    which = np.repeat(np.arange(len(segments)), number)
    step = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    share = step / np.maximum(number - 1, 1)[which]
    points = segments[which, 0] + along[which] * share[:, None]
    if len(points) > 500:
        column, row = np.floor((points - points.min(axis=0)) / spacing).astype(int).T
        field = (piece[which] * (LATTICE + 2) + row) * (LATTICE + 2) + column
        chosen = np.unique(field, return_index=True)[1]
        return points[chosen], piece[which[chosen]]
    return points, piece[which]


def _distance(points: NDArray, others: NDArray) -> NDArray:
    """From each point to the nearest of the others."""
    square = np.full(len(points), np.inf)
    across, down = np.ascontiguousarray(points.T)
    size = max(1, AT_ONCE // max(1, len(points)))
    for start in range(0, len(others), size):
        x, y = others[start : start + size].T[..., None]
        away = across - x
        away *= away
        off = down - y
        off *= off
        away += off
        np.minimum(square, away.min(axis=0), out=square)
    return np.sqrt(square)


def hanging_together(mask: Mask) -> tuple[Segments, Pieces]:
    """The ink of a mask (h, w) as its runs along rows, and the piece that each is part of.

    A run is the segment from the left rim of its first pixel to the right rim of its last.
    """
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, first = np.nonzero(edges == 1)
    last = np.nonzero(edges == -1)[1]
    wide = mask.shape[1] + 2
    # runs of the row below that a run touches, corners included, stand side by side
    start = np.searchsorted(row * wide + last, (row + 1) * wide + first)
    stop = np.searchsorted(row * wide + first, (row + 1) * wide + last, side="right")
    touched = np.maximum(stop - start, 0)
    upper = np.repeat(np.arange(len(row)), touched)
    lower = np.arange(touched.sum()) - np.repeat(np.cumsum(touched) - touched - start, touched)
    label = np.arange(len(row))
    while (label[upper] != label[lower]).any():
        least = np.minimum(label[upper], label[lower])
        np.minimum.at(label, label[upper], least)
        np.minimum.at(label, label[lower], least)
        label = label[label]
    while (label[label] != label).any():
        label = label[label]
    piece = np.unique(label, return_inverse=True)[1]
    return np.stack([first, row, last, row], axis=1).reshape(-1, 2, 2).astype(float), piece


def without_lines(mask: Mask) -> tuple[Mask, NDArray[np.float64]]:
    """The mask without the lines of a table or a frame, and the boxes (n, 2, 2) of those lines.

    A line is thin and nearly level or upright. One from rim to rim is a line of a table, unless
    what it would leave is nothing, or touches the rim: then it is a stroke of a digit that fills
    its picture. One of half that length may be a stroke of the digit, too. It is a line of a frame
    where it hangs together with other lines alone, and there is something else or something in it;
    or where it goes further than the ink that it touches, on both sides.
    """
    none = mask, np.empty((0, 2, 2))
    if not mask.any() or mask.mean() > MOST_RULED:
        return none
    lines = list(_long_lines(mask))
    left, boxes = _without_table(mask, [line for line, whole in lines if whole])
    parts = [line & left for line, whole in lines if not (whole and len(boxes))]
    if parts:
        left, more = _without_frame(left, parts)
        boxes += more
    return (left, np.array(boxes)) if boxes else none


def ruling(mask: Mask) -> tuple[Mask, NDArray[np.float64]]:
    """The lines of ruled or squared paper, level or tilted, and their boxes (n, 2, 2).

    Three lines from rim to rim, side by side, make a ruling; what is as straight beside them is of
    it, too, though a corner of the picture cuts it short. They need not hang together.
    """
    found, boxes = np.zeros_like(mask), [np.empty((0, 2, 2))]
    if not mask.any() or mask.mean() > MOST_RULED:
        return found, boxes[0]
    for turned in (False, True):
        view = mask.T if turned else mask
        lines = [_ink_of_line(view, row, slope) for row, slope in _side_by_side(view)]
        if sum(line is not None for line in lines) < FEWEST_RULED:
            continue
        for line in lines:
            if line is not None:
                line = line.T if turned else line
                found |= line
                boxes.append(box_of(line)[None])
    return found, np.concatenate(boxes)


def _side_by_side(mask: Mask) -> list[tuple[int, float]]:
    """Of each of three or more lines side by side its row in the middle, and its slope."""
    height, width = mask.shape
    columns = np.unique(np.linspace(0, width - 1, COLUMNS).round().astype(int))
    sample = mask[:, columns]
    thick = sample.copy()
    thick[1:] |= sample[:-1]
    thick[:-1] |= sample[1:]
    if thick.any(axis=0).mean() < RIM_TO_RIM:
        return []
    shift = np.round(TILTS[:, None] * (columns - width / 2)).astype(int)
    pad = int(TILTS[-1] * width / 2) + 2
    high = height + 2 * pad
    row, column = np.nonzero(thick)
    at = row - shift[:, column] + pad + np.arange(len(TILTS))[:, None] * high
    hits = np.bincount(at.ravel(), minlength=high * len(TILTS)).reshape(-1, high)
    share = hits / len(columns)
    seen = _part_seen(np.arange(high) - pad, height, width)
    best = TILTS[(np.where(seen > 0.5, share / seen, 0) ** 4).sum(axis=1).argmax()]
    alike = np.abs(TILTS - best) <= SIDEWAYS
    share, seen, tilts = share[alike], seen[alike], TILTS[alike]
    share[(share < STRAIGHT_ON * seen) | (seen < IN_A_CORNER)] = 0
    lines: list[tuple[int, float]] = []
    beside, count = max(3, round(THICKEST * height / 2)), 0
    while share.any() and len(lines) < 2 * MOST_LINES:
        slope, row = np.unravel_index(share.argmax(), share.shape)
        count += share[slope, row] >= RIM_TO_RIM * max(seen[slope, row], 0.5)
        lines.append((int(row) - pad, float(tilts[slope])))
        share[:, max(0, row - beside) : row + beside + 1] = 0
    return lines if count >= FEWEST_RULED else []


def _part_seen(rows: NDArray[np.intp], height: int, width: int) -> NDArray[np.float64]:
    """The share (tilts, rows) of a picture's width in which a line is within it, by its row in the
    middle."""
    steep = np.where(np.abs(TILTS) < 1e-6, 1e-6, TILTS)[:, None] * width
    ends = np.sort([-rows / steep, (height - rows) / steep], axis=0).clip(-0.5, 0.5)
    return np.maximum(ends[1] - ends[0], 1e-9)


def is_crumbs(mask: Mask) -> bool:
    """Whether what is left of a mask without its lines is too small for ink."""
    runs, piece = hanging_together(mask)
    return bool(np.ptp(boxes_of(runs, piece), axis=1).max(initial=0) <= CRUMB * min(mask.shape))


def is_lines_alone(mask: Mask) -> bool:
    """Whether a mask is lines of a table and nothing else, as of paper that is empty.

    A line is one of a table if it goes from rim to rim, or across another one. One that is upright
    may be a 1, with one that is level a 7, unless they cross.
    """
    if not mask.any() or mask.mean() > MOST_RULED:
        return False
    left, found = mask, list(_long_lines(mask))
    if not any(whole for _, whole in found):
        return False
    for line, _ in found:
        left = left & ~line
    found += _long_lines(left)  # those close to one that was found
    boxes = [box_of(line) for line, _ in found]
    crosses = [any(_goes_across(box, other) for other in boxes) for box in boxes]
    lines = [
        (line, box, across)
        for (line, whole), box, across in zip(found, boxes, crosses, strict=True)
        if whole or across
    ]
    upright = sum(np.ptp(box, axis=0).argmax() == 1 for _, box, _ in lines)
    if upright == 1 and len(lines) <= 2 and not all(across for _, _, across in lines):
        return False
    return is_crumbs(mask & ~np.logical_or.reduce([line for line, _, _ in lines]))


def _goes_across(line: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether a line goes on beyond another one of the other direction, on both sides of it."""
    along = int((line[1] - line[0]).argmax())
    length, middle = (line[1] - line[0])[along], other.mean(axis=0)[along]
    reaches = other[0, 1 - along] < line[1, 1 - along] and other[1, 1 - along] > line[0, 1 - along]
    beyond = min(middle - line[0, along], line[1, along] - middle)
    return bool((other[1] - other[0]).argmax() != along and reaches and beyond >= ACROSS * length)


def _long_lines(mask: Mask) -> Iterator[tuple[Mask, bool]]:
    """Every line at least half as long as the picture: its ink, and whether it is all as long."""
    runs, piece = hanging_together(mask)
    of = np.repeat(piece, (runs[:, 1, 0] - runs[:, 0, 0]).astype(int))
    span = boxes_of(runs, piece)
    span = (span[:, 1] - span[:, 0]) / mask.shape[::-1]
    for turned in (False, True):
        candidates = np.zeros_like(mask)
        candidates[mask] = (span[:, int(turned)] >= 0.5)[of]
        if not candidates.any():
            continue
        view = mask.T if turned else mask
        for row, slope, share in _lines(candidates.T if turned else candidates):
            line = _ink_of_line(view, row, slope)
            if line is not None:
                yield (line.T if turned else line), share >= RIM_TO_RIM


def _without_table(mask: Mask, lines: list[Mask]) -> tuple[Mask, Boxes]:
    """The mask without lines from rim to rim, where they leave enough, and the boxes of those."""
    left = mask.copy()
    for line in lines:
        left &= ~line
    runs, piece = hanging_together(left)
    if not lines or not len(runs):
        return mask, []
    boxes = boxes_of(runs, piece)
    size = (boxes[:, 1] - boxes[:, 0]).max(axis=1)
    low, high = boxes[size.argmax()]
    inside = (low > 0).all() and high[0] < mask.shape[1] and high[1] < mask.shape[0] - 1
    if size.max() < LEAST_REST * min(mask.shape) or (len(lines) < 3 and not inside):
        return mask, []
    return left, [box_of(line) for line in lines]


def _without_frame(mask: Mask, lines: list[Mask]) -> tuple[Mask, Boxes]:
    """The mask without those of the lines that are no strokes, and the boxes of those."""
    runs, piece = hanging_together(mask)
    of = np.repeat(piece, (runs[:, 1, 0] - runs[:, 0, 0]).astype(int))
    box = boxes_of(runs, piece)
    box[:, 1, 1] += 1  # the row of a run is as high as a pixel
    seen = (box[:, 1] - box[:, 0]).max(axis=1) >= LEAST_REST * min(mask.shape)
    ruled = np.logical_or.reduce(lines)
    straight = np.bincount(of, ruled[mask]) >= PURE * np.bincount(of)
    frame = straight & (seen & ~straight).any()
    left = mask.copy()
    left[mask] = ~frame[of]
    boxes = list(box[frame])
    number = np.full(mask.shape, -1)
    number[mask] = of
    for line in lines:
        line = line & left
        if not line.any():
            continue
        rest = (number == np.bincount(number[line]).argmax()) & left & ~ruled
        if rest.any() and _passes(box_of(line), box_of(rest)):
            left &= ~line
            boxes.append(box_of(line))
    return left, boxes


def _passes(line: NDArray[np.float64], rest: NDArray[np.float64]) -> bool:
    """Whether a line passes by the rest of its piece: beyond it on both ends, on one side of it."""
    length = line[1] - line[0]
    along = int(length.argmax())
    across, long = 1 - along, length[along]
    beyond = min(rest[0, along] - line[0, along], line[1, along] - rest[1, along])
    beside = rest[1, across] <= line[1, across] + length[across] / 2
    beside |= rest[0, across] >= line[0, across] - length[across] / 2
    large = (rest[1] - rest[0]).max() >= LEAST_TOUCHED * long
    return bool(large and beside and beyond >= BEYOND * long)


def box_of(mask: Mask) -> NDArray[np.float64]:
    """The box (2, 2) of a mask that has ink: from (x, y), to (x, y)."""
    rows, columns = np.nonzero(mask)
    return np.array([[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]], float)


def _lines(mask: Mask) -> Iterator[tuple[int, float, float]]:
    """Of every nearly level line its row in the middle, its slope, its share of the width."""
    height, width = mask.shape
    thick = mask.copy()
    thick[1:] |= mask[:-1]
    thick[:-1] |= mask[1:]
    if thick.any(axis=0).mean() < 0.5:
        return
    row, column = np.nonzero(thick)
    for _ in range(MOST_LINES):
        shift = np.round(SLOPES[:, None] * (np.arange(width) - width / 2)).astype(int)
        pad = int(0.05 * width) + 2
        level = row - shift[:, column] + pad
        high = height + 2 * pad
        hits = np.bincount(
            (level + np.arange(len(SLOPES))[:, None] * high).ravel(), minlength=high * len(SLOPES)
        )
        share = hits.reshape(len(SLOPES), high) / width
        best = np.unravel_index(share.argmax(), share.shape)
        if share[best] < 0.5:
            return
        yield int(best[1]) - pad, float(SLOPES[best[0]]), float(share[best])
        near = np.abs(level[best[0]] - best[1]) <= max(3, THICKEST * height)
        row, column = row[~near], column[~near]


def _ink_of_line(mask: Mask, row: int, slope: float) -> Mask | None:
    """The ink of a nearly level line, without what crosses it; None if it is too thick."""
    height, width = mask.shape
    edges = np.diff(np.pad(mask, ((1, 0), (0, 0))).astype(np.int8), axis=0) == 1
    run = np.cumsum(edges.T.ravel()).reshape(width, height).T * mask
    length = np.bincount(run.ravel(), minlength=1)
    length[0] = 0
    long = length[run]
    middle = np.round(row + slope * (np.arange(width) - width / 2)).astype(int)
    at = np.clip(middle, 0, height - 1), np.arange(width)
    of_line = np.maximum.reduce(
        [long[np.clip(at[0] + d, 0, height - 1), at[1]] for d in (-1, 0, 1)]
    )
    thick = np.median(of_line[of_line > 0]) if of_line.any() else height
    if thick > THICKEST * height:
        return None
    rows = np.arange(height)[:, None]
    line = mask & (long <= 1.6 * thick + 1) & (np.abs(rows - middle) <= thick + 1)
    return line if line.any() else None
