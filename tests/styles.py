"""33 ways to write the ten digits, from arcs and lines, and hands that write them unevenly.

Nobody's handwriting: a stress set for what the recorded digits have few of. x to the right, y down,
in a box of about 60 × 100.
"""

import itertools

import numpy as np

COPIES = 20


def arc(x, y, rx, ry, start, stop, points=24):
    """Part of an ellipse about (x, y); angles in degrees, 0 to the right, 90 down."""
    t = np.radians(np.linspace(start, stop, points))
    return np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], axis=1)


def line(*points):
    """Straight from point to point, with points in between."""
    ends = np.array(points, float)
    pieces = [np.linspace(a, b, 9)[:-1] for a, b in itertools.pairwise(ends)]
    return np.concatenate([*pieces, ends[-1:]])


def join(*pieces):
    return np.concatenate(pieces)


def styles():
    """(label, name, strokes) of every style."""
    stem = line((30, 0), (30, 100))
    zero = arc(30, 50, 28, 50, -90, 270, 40)
    three_low = arc(28, 72, 28, 28, -90, 140)
    return [
        (0, "plain", [zero]),
        (0, "open", [arc(30, 50, 28, 50, -60, 250, 40)]),
        (0, "narrow", [arc(30, 50, 16, 50, -90, 270, 40)]),
        (0, "slashed", [zero, line((50, 12), (10, 88))]),
        (1, "bar", [stem]),
        (1, "slanted", [line((42, 0), (18, 100))]),
        (1, "short serif", [line((18, 16), (30, 0), (30, 100))]),
        (1, "long serif", [line((4, 38), (32, 0), (32, 100))]),
        (1, "serif and base", [line((14, 18), (30, 0), (30, 100)), line((8, 100), (52, 100))]),
        (2, "round", [join(arc(30, 26, 26, 26, 190, 380), line((54, 35), (4, 100), (58, 100)))]),
        (
            2,
            "loop",
            [
                join(
                    arc(30, 26, 26, 26, 190, 380),
                    line((54, 35), (14, 92)),
                    arc(13, 88, 8, 8, 90, 360, 14),
                    line((24, 90), (58, 98)),
                )
            ],
        ),
        (2, "like z", [line((6, 4), (54, 4), (6, 98), (56, 98))]),
        (3, "round", [join(arc(28, 24, 24, 24, 200, 450), three_low)]),
        (3, "flat top", [join(line((6, 2), (52, 2), (26, 44)), three_low)]),
        (4, "open, one stroke", [line((8, 0), (4, 58), (56, 58)), line((42, 24), (42, 100))]),
        (4, "open, two strokes", [line((12, 0), (4, 60), (60, 60)), line((44, 0), (44, 100))]),
        (4, "closed, one stroke", [line((58, 66), (2, 66), (42, 0), (42, 100))]),
        (4, "closed, two strokes", [line((42, 0), (2, 66), (60, 66)), line((42, 0), (42, 100))]),
        (5, "one stroke", [join(line((52, 2), (10, 2), (8, 46)), arc(26, 68, 28, 31, 225, 500))]),
        (
            5,
            "two strokes",
            [join(line((10, 4), (8, 46)), arc(26, 68, 28, 31, 225, 500)), line((10, 3), (54, 3))],
        ),
        (5, "like s", [join(arc(32, 25, 24, 25, 320, 110), arc(28, 75, 26, 25, -85, 145))]),
        (6, "curled", [join(arc(56, 62, 50, 62, 265, 180), arc(30, 70, 24, 28, 180, 540, 36))]),
        (6, "straight", [join(line((42, 0), (8, 62)), arc(30, 71, 25, 28, 190, 540, 36))]),
        (7, "plain", [line((4, 2), (56, 2), (22, 100))]),
        (7, "bar", [line((4, 2), (56, 2), (22, 100)), line((14, 50), (54, 50))]),
        (7, "serif", [line((4, 16), (5, 2), (56, 2), (24, 100))]),
        (7, "serif and bar", [line((4, 16), (5, 2), (56, 2), (24, 100)), line((16, 52), (54, 50))]),
        (7, "curved", [join(line((4, 6), (40, 2)), arc(80, 90, 52, 92, 240, 184))]),
        (
            8,
            "one stroke",
            [
                join(
                    arc(30, 25, 23, 25, -30, -270, 24),
                    arc(30, 75, 27, 25, -90, 270, 36),
                    arc(30, 25, 23, 25, 90, -30, 16),
                )
            ],
        ),
        (8, "two circles", [arc(30, 24, 22, 24, -90, 270, 30), arc(30, 74, 27, 26, -90, 270, 30)]),
        (9, "straight", [join(arc(28, 28, 25, 28, 0, -360, 36), line((53, 28), (52, 100)))]),
        (
            9,
            "curled",
            [
                join(
                    arc(28, 28, 25, 28, 0, -360, 36),
                    line((53, 28), (52, 76)),
                    arc(28, 76, 24, 24, 0, 150, 16),
                )
            ],
        ),
        (9, "slanted", [join(arc(30, 28, 26, 28, 0, -360, 36), line((56, 28), (22, 100)))]),
    ]


def written(seed=0, copies=COPIES):
    """Strokes and labels of so many copies of every style, warped, sheared and turned."""
    rng = np.random.default_rng(seed)
    drawings, labels = [], []
    for label, _, strokes in styles():
        for _ in range(copies):
            shear, angle = rng.normal(0, 0.12), rng.normal(0, 0.06)
            height, phase = rng.normal(0, 3, (3, 2)), rng.uniform(0, 2 * np.pi, (3, 2))
            cos, sin = np.cos(angle), np.sin(angle)
            turn = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, 0], [shear, 1]])
            waves = np.array([(1, 0), (0, 1), (1, 1)]) * np.pi / 100
            drawings.append(
                [
                    s @ turn + (np.sin((s @ waves.T)[..., None] + phase) * height).sum(axis=1)
                    for s in strokes
                ]
            )
            labels.append(label)
    return drawings, np.array(labels)
