"""Lines and frames drawn by hand about a digit: strokes and a generator in, strokes out.

`FRAMES` names them. Corners are rounded, left open or overshot; lines are uneven and askew.
"""

import itertools

import numpy as np

from softmax_core.training_digits import in_box

FRAMES = (
    "a rectangle",
    "a rectangle of four strokes",
    "a rectangle of two corners",
    "three sides",
    "three sides of three strokes",
    "a corner",
    "a line below",
    "a line above",
    "a line on the left",
    "two level lines",
    "two upright lines",
    "a ring",
)


def framed(strokes, kind, rng):
    """The strokes, 100 a side, and the strokes of the frame."""
    digit = in_box(strokes)
    points = np.concatenate(digit)
    room = rng.uniform(8, 45, (2, 2))
    (left, top), (right, bottom) = points.min(axis=0) - room[0], points.max(axis=0) + room[1]
    long = rng.uniform(75, 130)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2 + rng.normal(0, 10, 2)
    (west, north), (east, south) = middle - long, middle + long
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)] * 2
    first = rng.integers(4)
    sides = list(itertools.pairwise(corners[first : first + 5]))
    paths = {
        "a rectangle": [corners[first : first + 5]],
        "a rectangle of four strokes": sides,
        "a rectangle of two corners": [corners[:3], corners[2:5]],
        "three sides": [corners[first : first + 4]],
        "three sides of three strokes": sides[:3],
        "a corner": [corners[first : first + 3]],
        "a line below": [[(west, bottom), (east, bottom)]],
        "a line above": [[(west, top), (east, top)]],
        "a line on the left": [[(left, north), (left, south)]],
        "two level lines": [[(west, top), (east, top)], [(west, bottom), (east, bottom)]],
        "a ring": [_ring(points, rng)],
        "two upright lines": [[(left, north), (left, south)], [(right, north), (right, south)]],
    }
    return digit, [by_hand(path, rng) for path in paths[kind]]


def _ring(points, rng):
    """Once round all of the points, a little further or less far, round or as tall as they are."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2 + rng.normal(0, 2, 2)
    furthest = np.hypot(*(points - middle).T).max()
    axes = max(rng.choice([1, 0.8]) * furthest, 25), furthest
    angles = rng.uniform(0, 7) + np.linspace(0, 2 * np.pi * rng.uniform(0.97, 1.06), 30)
    return middle + 1.4 * np.array(axes) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def by_hand(corners, rng, uneven=1.5):
    """A path from corner to corner, points a few units apart."""
    corners = np.array(corners) + rng.normal(0, uneven, (len(corners), 2))
    pieces = [
        np.linspace(a, b, max(3, int(np.hypot(*(b - a)) / 3)), endpoint=False)
        for a, b in itertools.pairwise(corners)
    ]
    path = np.vstack([*pieces, corners[-1:]])
    for _ in range(rng.integers(3)):
        path[1:-1] = (path[:-2] + path[1:-1] + path[2:]) / 3
    along = np.linspace(0, np.pi, len(path))[:, None]
    for k in range(1, 5):
        path += rng.normal(0, 0.5 * uneven / np.sqrt(k), 2) * np.sin(
            k * along + rng.uniform(0, 7, 2)
        )
    return path + rng.normal(0, 0.1 * uneven, path.shape)
