"""Drawings for tests: recorded digits as strokes, and pictures of strokes."""

import numpy as np
from PIL import Image, ImageDraw

from softmax_core import load_dataset, trajectory_strokes


def recorded(n=100):
    """Strokes and labels of n digits by writers that training has not seen, evenly chosen."""
    test = load_dataset("pen").test
    rows = np.linspace(0, len(test) - 1, n).astype(int)
    return [trajectory_strokes(t) for t in test.trajectories[rows]], test.labels[rows]


def picture(strokes, *, pen=16, size=200, side=320, dark=True, mode="L"):
    """The strokes drawn with round ends, the longer side `size` of a picture of `side` pixels."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    paper, ink = (255, 0) if dark else (0, 255)
    image = Image.new("L", (side, side), paper)
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        path = [tuple(p) for p in (stroke - low) * (size / extent) + (side - size) / 2]
        draw.line(path, fill=ink, width=pen, joint="curve")
        for x, y in path:
            draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=ink)
    return image.convert(mode)
