"""From ink to its centre line: one pixel wide, without spurs, its ends as long as the ink's.

Source: T. Y. Zhang and C. Y. Suen, A fast parallel algorithm for thinning digital patterns,
CACM 27 (1984).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from softmax_core.foreign import hanging_together

SMOOTHINGS = 6
SPUR = 0.6  # of the pen's width, and a pixel more, is as long as a spur may be
SHORT = 0.2  # of the pen's width, about, is what thinning takes off an end
CORNER = 1.25  # an outline in whole pixels is longer than a smooth one: 4/π on the average

Mask = NDArray[np.bool_]  # (h, w)

_CLOCKWISE_FROM_NORTH = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def line_of(ink: Mask) -> NDArray[np.float64]:
    """The centre line of ink, as smooth segments (s, 2, 2) between the middles of its pixels."""
    if not ink.any():
        return np.empty((0, 2, 2))
    pen = pen_width(ink)
    line = without_spurs(thinned(ink), SPUR * pen + 1)
    runs, piece = hanging_together(ink)
    of = np.repeat(piece, np.ptp(runs[..., 0], axis=1).astype(int))
    lost = np.bincount(of, line[ink]) == 0  # thinning takes a dot of 2 × 2 away
    first = np.unique(of, return_index=True)[1][lost]
    line[tuple(np.argwhere(ink)[first].T)] = True
    return lengthened(smoothed(links(line)), SHORT * pen, pen)


def pen_width(ink: Mask) -> float:
    """The width of its lines: twice their area by the length of their outline."""
    return float(2 * CORNER * ink.sum() / sides(ink)[ink].sum())


def sides(ink: Mask) -> NDArray[np.uint8]:
    """How many of the four sides of each pixel are paper."""
    paper = ~np.pad(ink, 1)
    beside = paper[:-2, 1:-1], paper[2:, 1:-1], paper[1:-1, :-2], paper[1:-1, 2:]
    return np.sum(beside, axis=0, dtype=np.uint8)


def thinned(ink: Mask) -> Mask:
    """The ink one pixel wide, by Zhang and Suen: rims are peeled off, ends and joints are kept."""
    image = np.pad(ink, 1).astype(np.uint8)
    south_east, north_west = _peeled()
    while True:
        before = image.sum()
        for table in (south_east, north_west):
            image[1:-1, 1:-1] &= table[_rings(image)]
        if image.sum() == before:
            return image[1:-1, 1:-1].astype(bool)


def without_spurs(line: Mask, longest: float) -> Mask:
    """The line without side branches of at most so many pixels; what ends freely is kept.

    Thinning leaves them where the rim of the ink is uneven.
    """
    image = np.pad(line, 1)
    rings = np.pad(_rings(image.astype(np.uint8)), 1)
    arcs = _arcs()[rings]
    for start in np.argwhere(image & (arcs == 1)).tolist():
        path: list[tuple[int, int]] = []
        at: tuple[int, int] | None = (start[0], start[1])
        while at is not None and len(path) <= longest:
            path.append(at)
            ahead = [(at[0] + r, at[1] + c) for r, c in _CLOCKWISE_FROM_NORTH]
            ahead = [p for p in ahead if image[p] and p not in path[-3:]]
            if any(arcs[p] >= 3 for p in ahead):
                for p in path:
                    image[p] = False
                break
            at = ahead[0] if ahead else None
    return image[1:-1, 1:-1]


def links(line: Mask) -> NDArray[np.float64]:
    """Segments (s, 2, 2) between neighbouring pixels of the line; a pixel alone is a dot."""
    line = np.pad(line, 1)
    rows, columns = np.nonzero(line)
    pieces = [np.stack([columns, rows, columns, rows], axis=1)]
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        joined = line[rows + down, columns + right]
        if down and right:  # not across a corner that two straight links go round
            joined = joined & ~line[rows + down, columns] & ~line[rows, columns + right]
        r, c = rows[joined], columns[joined]
        pieces.append(np.stack([c, r, c + right, r + down], axis=1))
    return np.concatenate(pieces).reshape(-1, 2, 2).astype(np.float64) - 1


def smoothed(segments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Links between neighbouring pixels (s, 2, 2), every inner pixel drawn towards its neighbours.

    A slanted line of pixels is a staircase, every step of which goes straight or along the
    diagonal; smoothed, its links go where the line goes.
    """
    points, index = np.unique(segments.reshape(-1, 2), axis=0, return_inverse=True)
    a, b = index.reshape(-1, 2).T
    ends = np.concatenate([[a, b], [b, a]], axis=1)[:, np.tile(a != b, 2)]
    degree = np.bincount(ends[0], minlength=len(points))[:, None]
    for _ in range(SMOOTHINGS):
        sums = [np.bincount(ends[0], column[ends[1]], len(points)) for column in points.T]
        means = np.stack(sums, axis=1) / np.maximum(degree, 1)
        points = np.where(degree > 1, (points + means) / 2, points)
    return points[index].reshape(segments.shape)


def lengthened(
    segments: NDArray[np.float64], by: float, looking_back: float
) -> NDArray[np.float64]:
    """The segments with each free end going on straight, as it has gone on the way there."""
    points, index = np.unique(segments.reshape(-1, 2), axis=0, return_inverse=True)
    near: list[list[int]] = [[] for _ in points]
    for a, b in index.reshape(-1, 2).tolist():
        if a != b:
            near[a].append(b)
            near[b].append(a)
    added = []
    for end in (n for n, others in enumerate(near) if len(others) == 1):
        before, at = end, near[end][0]
        while len(near[at]) == 2 and np.hypot(*(points[end] - points[at])) < looking_back:
            before, at = at, near[at][near[at][0] == before]
        way = points[end] - points[at]
        if length := np.hypot(*way):
            added.append([points[end], points[end] + way * (by / length)])
    return np.concatenate([segments, np.reshape(added, (-1, 2, 2))])


def _rings(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The eight neighbours of each inner pixel as the bits of one number, north the lowest."""
    height, width = image.shape
    code = np.zeros((height - 2, width - 2), np.uint8)
    for bit, (row, column) in enumerate(_CLOCKWISE_FROM_NORTH):
        code |= image[1 + row : height - 1 + row, 1 + column : width - 1 + column] << bit
    return code


@cache
def _arcs() -> NDArray[np.int64]:
    """For each ring (256,), how often it goes from paper to ink, clockwise."""
    ring = np.arange(256)[:, None] >> np.arange(8) & 1
    return (~ring & np.roll(ring, -1, axis=1) & 1).sum(axis=1)


@cache
def _peeled() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each ring (256,), whether its pixel stays, from the south-east and the north-west."""
    ring = np.arange(256)[:, None] >> np.arange(8) & 1
    north, east, south, west = ring[:, ::2].T
    neighbours = ring.sum(axis=1)
    inner = (_arcs() != 1) | (neighbours < 2) | (neighbours > 6)
    return tuple(
        (inner | stays.astype(bool)).astype(np.uint8)
        for stays in (
            (north & east & south) | (east & south & west),
            (north & east & west) | (north & south & west),
        )
    )
