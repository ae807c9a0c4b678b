"""Pictures of a digit as they come: seeded makers, strokes and a generator in, a picture out.

Every maker draws its own pen, place, light and dirt anew, over a wide range, so that what reads
them is not fitted to one of them. `SCENES` names them.
"""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def ink_of(strokes, size, box, pen, over=4):
    """The strokes' ink, (h, w) of 0..1, drawn into box (x, y, width, height), aspect as given."""
    width, height = size
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-9)
    image = Image.new("L", (width * over, height * over))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        path = (stroke - low) / extent * box[2:] + box[:2]
        _line(draw, path * over, pen * over, 255)
    return np.asarray(image.resize(size, Image.Resampling.BOX), float) / 255


def _line(draw, path, pen, fill):
    path = [tuple(p) for p in path]
    draw.line(path, fill=fill, width=max(1, round(pen)), joint="curve")
    for x, y in path:
        draw.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=fill)


def fitted(strokes, side):
    """The width and height of the strokes when their longer side is `side`."""
    extent = np.maximum(np.ptp(np.concatenate(strokes), axis=0), 1e-9)
    return np.maximum(extent / extent.max(), 0.02) * side


def mnist_like(strokes, rng):
    """28×28, light on dark, thick soft strokes in 20×20, the centre of mass in the middle."""
    pen = rng.uniform(1.6, 3.6)
    box = fitted(strokes, 20 - pen)
    ink = ink_of(strokes, (56, 56), (28 - box[0] / 2, 28 - box[1] / 2, *box), pen, 8)
    ink = np.clip(ink * rng.uniform(1.0, 1.5), 0, 1)
    rows, columns = np.indices(ink.shape)
    down, right = (round((i * ink).sum() / ink.sum() - 27.5) for i in (rows, columns))
    down, right = np.clip((down, right), -14, 14)
    return Image.fromarray((255 * ink[14 + down : 42 + down, 14 + right : 42 + right]).astype("u1"))


def usps_like(strokes, rng):
    """16×16 grey, the digit fills the height and mostly the width, up to all four rims."""
    pen = rng.uniform(1.3, 3.2)
    box = fitted(strokes, 16 - pen)
    share = rng.uniform(0, 0.6)
    box = box * (1 - share) + (16 - pen) * share if box.min() > 4 else box
    ink = ink_of(strokes, (16, 16), (8 - box[0] / 2, 8 - box[1] / 2, *box), pen, 8)
    ink = _blurred(ink * 255, rng.uniform(0, 0.6)) * rng.uniform(0.8, 1.3)
    return Image.fromarray(np.clip(ink if rng.random() < 0.5 else 255 - ink, 0, 255).astype("u1"))


def photograph(strokes, rng, side=None):
    """A phone's: sheet, perhaps on a desk; uneven light, a shadow's edge, tilt, blur, JPEG."""
    side = side or int(rng.integers(360, 800))
    size = (side, int(side * rng.choice([1, 0.75, 1.33])))
    digit = rng.uniform(0.2, 0.6) * min(size)
    box = fitted(strokes, digit)
    place = [
        rng.uniform(0.12 * s, max(0.88 * s - b, 0.121 * s)) for s, b in zip(size, box, strict=True)
    ]
    pen = digit * rng.uniform(0.03, 0.12)
    colour = np.array(
        [(0, 0, 0), (0.1, 0.15, 0.5), (0.6, 0.1, 0.1), (0.2, 0.2, 0.2)][rng.integers(4)]
    )
    strength = rng.uniform(0.55, 1)
    ink = ink_of(strokes, size, (*place, *box), pen, 2) * strength
    paper = np.array([1, 1, rng.uniform(0.85, 1)]) * rng.uniform(0.75, 0.98)
    if rng.random() < 0.15:  # faintly ruled
        gap = max(12, int(digit * rng.uniform(0.3, 0.9)))
        ink[rng.integers(gap) :: gap] += rng.uniform(0.05, 0.15)
    for _ in range(rng.integers(1, 6) if rng.random() < 0.25 else 0):  # dust
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), digit * rng.uniform(0.01, 0.035)
        rows, columns = np.ogrid[: size[1], : size[0]]
        ink = np.maximum(ink, (np.hypot(columns - x, rows - y) < r) * rng.uniform(0.3, 1))
    ink = np.clip(ink, 0, 1)[..., None]
    scene = paper * (1 - ink) + paper * colour * ink
    scene += rng.normal(0, rng.uniform(0, 0.02), (*scene.shape[:2], 1))  # grain of the paper
    scene = _tilted(scene, rng, place, box)
    scene *= _light(size, rng)[..., None]
    image = Image.fromarray((255 * np.clip(scene, 0, 1)).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.006) * side * 0.5))
    noisy = np.asarray(image) + rng.normal(0, rng.uniform(0, 8), np.asarray(image).shape)
    return _jpeg(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)), rng)


def _tilted(scene, rng, place, box):
    """The scene in perspective; in some a desk shows beyond the edges of the sheet."""
    height, width = scene.shape[:2]
    desk = rng.random() < 0.4
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], float)
    tilt = rng.uniform(-0.05, 0.05, (4, 2)) * (width, height)
    source = corners + tilt
    near = np.array([place[0], place[1], width - place[0] - box[0], height - place[1] - box[1]])
    if desk:  # the view is moved beyond one or two edges, as far as the digit allows
        out = rng.uniform(0.2, 0.9, 4) * (rng.random(4) < 0.5) * 0.3 * min(width, height)
        source += np.where(corners == 0, -out[:2], out[2:] * (corners > 0))
    else:
        inset = 0.06 * np.array([width, height])
        source += np.where(corners == 0, inset, -inset)
        source = np.where(
            corners == 0,
            np.minimum(source, 0.5 * near[:2]),
            np.maximum(source, np.array([width, height]) - 0.5 * near[2:]),
        )
        source = np.clip(source, 0, (width, height))
    image = Image.fromarray((255 * np.clip(scene, 0, 1)).astype(np.uint8))
    top = rng.choice([rng.uniform(0.05, 0.5), rng.uniform(0.05, 0.7)])
    wood = np.array([1, rng.uniform(0.6, 1), rng.uniform(0.4, 1)]) * top
    grain = _blurred(rng.normal(0, 1, (height, width)) * 60 + 128, 1.5) / 128
    out = np.clip(wood * (1 + 0.3 * (grain[..., None] - 1)), 0, 1)
    turned = image.convert("RGBA").transform(
        (width, height), Image.Transform.QUAD, source.ravel(), Image.Resampling.BILINEAR
    )
    turned = np.asarray(turned, float) / 255
    return turned[..., :3] * turned[..., 3:] + out * (1 - turned[..., 3:])


def _light(size, rng):
    """A slope of light, and in some pictures the edge of a shadow, soft or sharp."""
    x, y = np.meshgrid(*(np.linspace(-1, 1, s) for s in size))
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.3)
    light = 1 - strength * (1 + np.cos(angle) * x + np.sin(angle) * y) / 2.5
    light *= 1 - rng.uniform(0, 0.15) * (x**2 + y**2) / 2
    for _ in range(rng.integers(1, 3) if rng.random() < 0.45 else 0):
        angle, soft = rng.uniform(0, 2 * np.pi), 10 ** rng.uniform(-2.3, -0.7)
        across = np.cos(angle) * x + np.sin(angle) * y - rng.uniform(-0.5, 0.9)
        shade = 1 / (1 + np.exp(-np.clip(across / soft, -50, 50)))
        light *= 1 - rng.uniform(0.15, 0.5) * shade
    return light


def scan(strokes, rng):
    """A clip of a scanned page: specks, frame lines, a neighbour's rest; skew, 1 bit or grey."""
    side = int(rng.integers(60, 400))
    digit = rng.uniform(0.35, 0.75) * side
    box = fitted(strokes, digit)
    free = side - box
    place = free * rng.uniform(0.3, 0.7, 2)
    pen = max(1.2, digit * rng.uniform(0.03, 0.14))
    ink = ink_of(strokes, (side, side), (*place, *box), pen)
    if rng.random() < 0.4:  # what is left of a neighbour, cut off by the rim
        axis = int(rng.random() < 0.25)  # mostly beside it
        where = place + rng.normal(0, 0.05 * side, 2)
        seen = max(rng.uniform(0.1, 0.6) * box[axis], pen)
        before, after = place[axis], side - place[axis] - box[axis]
        seen = min(seen, max(before, after) - 0.04 * side - pen)
        where[axis] = side - seen if after > before else seen - box[axis]
        ink = np.maximum(ink, ink_of(strokes[::-1], (side, side), (*where, *box), pen))
    for _ in range(rng.integers(1, 4) if rng.random() < 0.4 else 0):  # lines of a frame
        ink = np.maximum(ink, _frame_line(side, rng, pen, place, box))
    for _ in range(rng.integers(1, 14) if rng.random() < 0.6 else 0):
        x, y, r = rng.uniform(0, side), rng.uniform(0, side), side * rng.uniform(0.003, 0.012)
        rows, columns = np.ogrid[:side, :side]
        ink = np.maximum(ink, (np.hypot(columns - x, rows - y) < max(r, 0.8)) * rng.uniform(0.4, 1))
    return _scanned(ink, rng)


def _frame_line(side, rng, pen, place, box):
    edge = rng.integers(4)
    near = [place[0], place[1], side - place[0] - box[0], side - place[1] - box[1]][edge]
    off = rng.uniform(0, 0.6) * max(near - pen, 0)
    skew = rng.uniform(-0.03, 0.03) * side
    start, stop = (0, side) if rng.random() < 0.7 else sorted(rng.uniform(0, side, 2))
    along = np.array([[start, off], [stop, off + skew]])
    if edge >= 2:
        along[:, 1] = side - along[:, 1]
    if edge in (0, 2):
        along = along[:, ::-1]
    image = Image.new("L", (side * 4, side * 4))
    _line(ImageDraw.Draw(image), along * 4, 4 * max(0.8, pen * rng.uniform(0.3, 1.2)), 255)
    return (
        np.asarray(image.resize((side, side), Image.Resampling.BOX), float)
        / 255
        * rng.uniform(0.4, 1)
    )


def _scanned(ink, rng):
    paper, dark = rng.uniform(215, 255), rng.uniform(0, 110)
    grey = _blurred(paper + (dark - paper) * np.clip(ink, 0, 1), rng.uniform(0, 1))
    grey = np.clip(grey + rng.normal(0, rng.uniform(0, 7), grey.shape), 0, 255)
    image = Image.fromarray(grey.astype(np.uint8))
    image = image.rotate(rng.uniform(-3, 3), Image.Resampling.BILINEAR, fillcolor=int(paper))
    if rng.random() < 0.25:
        return image.point(lambda v: 255 * (v > (paper + dark) / 2)).convert("1")
    return _jpeg(image, rng) if rng.random() < 0.4 else image


def cell(strokes, rng):
    """A cell of a table with its lines, some cut close, some with more of the table around."""
    side = int(rng.integers(80, 400))
    size = (int(side * rng.uniform(0.8, 1.4)), side)
    inset = rng.uniform(0, 0.14, 4) * side  # of the left, top, right and bottom line
    room = np.array(size) - inset[:2] - inset[2:]
    digit = rng.uniform(0.4, 0.85) * min(room)
    box = fitted(strokes, digit)
    pen = max(1.2, digit * rng.uniform(0.03, 0.12))
    place = inset[:2] + (room - box) * rng.uniform(0.2, 0.8, 2)
    if rng.random() < 0.2:  # it touches a line
        place[1] = size[1] - inset[3] - box[1] + pen * rng.uniform(-1, 1)
    ink = ink_of(strokes, size, (*place, *box), pen)
    line = max(0.8, side * rng.uniform(0.004, 0.02))
    image = Image.new("L", (size[0] * 4, size[1] * 4))
    draw = ImageDraw.Draw(image)
    beyond = rng.random() < 0.7  # the lines go on to the rim
    left, top, right, bottom = inset[0], inset[1], size[0] - inset[2], size[1] - inset[3]
    low, high = (np.zeros(2), np.array(size)) if beyond else ((left, top), (right, bottom))
    sides = [
        [(low[0], top), (high[0], top)],
        [(low[0], bottom), (high[0], bottom)],
        [(left, low[1]), (left, high[1])],
        [(right, low[1]), (right, high[1])],
    ]
    for number in rng.permutation(4)[: rng.integers(2, 5)]:
        _line(draw, np.array(sides[number]) * 4, line * 4, 255)
    lines = np.asarray(image.resize(size, Image.Resampling.BOX), float) / 255
    ink = np.maximum(ink, lines * rng.uniform(0.35, 1))
    return _scanned(ink, rng)


def _blurred(values, radius):
    image = Image.fromarray(np.asarray(values, np.float32))
    return np.asarray(_gauss(image, radius), float)


def _gauss(image, radius):
    if radius <= 0.05:
        return image
    reach = int(np.ceil(3 * radius))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(np.asarray(image, float), reach, mode="edge")
    padded = sum(k * padded[i : i + image.height] for i, k in enumerate(kernel))
    return sum(k * padded[:, i : i + image.width] for i, k in enumerate(kernel))


def _jpeg(image, rng):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(40, 92)))
    return Image.open(file).copy()


SCENES = {
    "MNIST-like": mnist_like,
    "USPS-like": usps_like,
    "phone photographs": photograph,
    "paper scans": scan,
    "table cells": cell,
}
