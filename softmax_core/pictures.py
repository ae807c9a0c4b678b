"""From a picture of a digit to its centre line, so that it can go the way that strokes go.

    picture → grey → darkness against the paper → ink (Otsu) → the pieces that are the digit
            → enlarged → one pixel wide → segments

Whether ink is dark or light, and whether the paper is of one colour or has light and shadow on
it, a picture does not say. It is looked at in each of these ways, and the one whose ink is most
like the lines of a pen is taken.

Source: N. Otsu, A threshold selection method from gray-level histograms, IEEE Trans. SMC 9 (1979).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps
from PIL.ExifTags import Base

from softmax_core.errors import DrawingError
from softmax_core.foreign import (
    belonging,
    boxes_of,
    hanging_together,
    is_crumbs,
    is_lines_alone,
    ruling,
    without_lines,
)
from softmax_core.greys import grey_of, plain, reduced
from softmax_core.thinning import line_of, pen_width, sides

ORIENTATION = Base.Orientation
MOST_PIXELS = 25_000_000  # of a picture
KEPT_AT = 640  # the longer side of a picture that is kept
LOOKED_AT = 320  # the longer side of the picture that is looked at
FINE = 4  # so many times finer, for a digit that is small in a large picture
SURE = 2.5  # ink of that likeness is not looked for any finer
LITTLE = 0.2  # a digit smaller than this share of the longer side is looked at from nearer
SMALL = 64  # a picture of a shorter side is no photograph: its paper has one colour
ALONE = 3  # and has little ink beside the digit's: the power of its share
THINNED_AT = 80  # the longer side of the digit, for thinning
FAINTEST = 0.08  # ink differs from the paper by this much of the way from black to white
REACH = 1 / 8  # paper is looked for so far away, as a share of the longer side
DIMMEST = 64  # of 255: below it, paper is as bright as that
THICK = 0.1, 0.12  # lines of a pen are at most so thick for the digit's size, and the tolerance
BLACKBOARD = 1.5  # light ink is meant if dark ink leaves paper so many times as rough
RIM = 0.015  # a piece touches the rim that comes so near, as a share of the shorter side
RULED = 0.3  # of the trust in a straight piece, level or upright, is left
STRAIGHT = 1.3  # it is so many times as wide, at most, as its ink by its length
LEVEL = 0.08  # its slope, at most
SLIM = 6  # and so many times as long as wide
UNLIKELY = 0.5  # ink of less likeness is a shadow, or the desk
LEAST = 6  # pixels of the picture: what is smaller has no form
DOT = 0.33  # of its longer side, at most, a pen is wide: bold digits reach 0.3, specks begin here
EDGE = 3  # pixels, within which ink becomes paper
CLOSE = 2  # in a small picture
SHARP = 0.5  # by so much, at least, of the way from paper to its darkest
ALL_ROUND = 0.8  # of its outline, at least, has an edge
FIELDS = 8  # a side, into which a picture is divided
LIKE = 0.1  # other ink is like the digit from so much of its largest piece's size
EVERYWHERE = 0.95  # of the fields beside the digit have such ink: then all of it is grain
AT_RIM = 0.03  # of the trust in a piece that touches the rim is left, beside one that does not

Mask = NDArray[np.bool_]  # (h, w)
Darkness = NDArray[np.float32]  # (h, w), 0..1, how far a pixel differs from the paper beneath it
Boxes = NDArray[np.float64]  # (n, 2, 2), from (x, y), to (x, y)
NONE = (0, 2, 2)


class View(NamedTuple):
    """The part of a picture that is looked at: its place in the picture, and its scale there."""

    image: Image.Image
    origin: tuple[float, float]  # (x, y), in pixels of the picture
    scale: float  # pixels of the picture to a pixel of the view


class Ink(NamedTuple):
    """The ink of a picture, looked at in one way."""

    darkness: Darkness  # (h, w)
    threshold: float
    digit: Mask  # (h, w)
    left_out: Boxes  # of other ink
    likeness: float  # to the lines of a pen


class Traced(NamedTuple):
    """A digit's centre line as segments, and the boxes of ink that is not the digit's."""

    line: NDArray[np.float64]  # (s, 2, 2), from (x, y), to (x, y), in pixels of the picture
    left_out: Boxes


def centre_line(picture: Image.Image | NDArray[np.uint8]) -> NDArray[np.float64]:
    """The centre line of the digit, as segments (s, 2, 2) in pixels: from (x, y), to (x, y).

    A picture in which nothing stands out from the paper has none. Raises `DrawingError` for an
    array that is not a picture, and for a picture that is too large.
    """
    return traced(picture).line


def traced(picture: Image.Image | NDArray[np.uint8], everything: bool = False) -> Traced:
    """The centre line of the digit, or of everything that is ink, and what was left out."""
    view = looked_at(_as_image(picture))
    small = reduced(view.image, LOOKED_AT)
    grey = grey_of(small)
    ink = _likeliest(grey)
    digit = ink.darkness > ink.threshold if everything else ink.digit
    left_out = np.empty(NONE) if everything else ink.left_out
    scale = view.scale * max(view.image.size) / max(small.size)
    is_large = _extent(digit) * scale >= LEAST
    line = _line(ink, digit) if is_large and _is_drawn(ink, grey) else np.empty(NONE)
    return Traced(line * scale + view.origin, left_out * scale + view.origin)


def looked_at(image: Image.Image) -> View:
    """The whole of a picture, or the neighbourhood of the digit where that is small."""
    whole = plain(image)
    box = _neighbourhood(whole) if max(whole.size) > LOOKED_AT else None
    view = reduced(whole, KEPT_AT, box)
    left, top, right, bottom = box or (0, 0, *whole.size)
    return View(view, (left, top), max(right - left, bottom - top) / max(view.size))


def _neighbourhood(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box of a small digit and as much again on each side; None for one that is not small."""
    ink = _likeliest(grey_of(reduced(image, LOOKED_AT)))
    sure = ink.likeness > SURE and _extent(ink.digit) >= LITTLE * max(ink.digit.shape)
    if not sure and max(image.size) > 2 * LOOKED_AT:
        fine = _smooth(grey_of(reduced(image, FINE * LOOKED_AT)))
        ink = max(ink, _ink(_on_uneven_paper(fine)), key=lambda ink: ink.likeness)
    extent = _extent(ink.digit) if ink.likeness else 0
    if not extent or extent >= LITTLE * max(ink.digit.shape):
        return None
    scale = max(image.size) / max(ink.digit.shape)
    rows, columns = np.nonzero(ink.digit)
    low = np.array([columns.min(), rows.min()]) * scale
    high = np.array([columns.max() + 1, rows.max() + 1]) * scale
    margin = max(high - low)
    low, high = np.maximum(low - margin, 0), np.minimum(high + margin, image.size)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _as_image(picture: Image.Image | NDArray[np.uint8]) -> Image.Image:
    if not isinstance(picture, Image.Image):
        shape = picture.shape
        if picture.dtype != np.uint8 or not (
            len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))
        ):
            raise DrawingError(
                "a picture is an array of uint8 and of shape (h, w), (h, w, 3) or (h, w, 4), got "
                f"{picture.dtype} {shape}"
            )
        if 0 in shape:
            raise DrawingError("a picture has at least one pixel")
        picture = Image.fromarray(picture[..., 0] if shape[2:] == (1,) else picture)
    if 0 in picture.size:
        raise DrawingError("a picture has at least one pixel")
    if picture.width * picture.height > MOST_PIXELS:
        raise DrawingError(too_large(*picture.size))
    try:
        picture.load()
        turned = picture.getexif().get(ORIENTATION, 1) != 1  # by the camera
        return ImageOps.exif_transpose(picture) if turned else picture
    except Exception as error:  # cut short, damaged, or closed
        raise DrawingError("this picture can't be read: its file is damaged, or closed") from error


def too_large(*size: int, most: int = MOST_PIXELS) -> str:
    """What is said of a picture of that width and height, or of one whose size is not known."""
    got = f", got {size[0]:,} × {size[1]:,}" if size else ""
    return f"a picture has at most {most / 1e6:.0f} million pixels{got}"


def _likeliest(grey: NDArray[np.uint8]) -> Ink:
    """The ink in the way of looking whose ink is most like the lines of a pen."""
    return max((_ink(way) for way in _ways(grey)), key=lambda ink: ink.likeness)


def _ways(grey: NDArray[np.uint8]) -> Iterator[Darkness]:
    """The darkness against the paper, in each way of looking."""
    small = min(grey.shape) < SMALL
    if not small:
        grey = _smooth(grey)
    yield _on_one_paper(grey)
    yield _on_one_paper(255 - grey)
    if not small:
        yield _on_uneven_paper(grey)


def _smooth(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(0.7)))


def _on_one_paper(light: NDArray[np.uint8]) -> Darkness:
    """Paper of one colour: the lighter part of two that Otsu's threshold separates."""
    lighter = light[light > 255 * _otsu(light / np.float32(255))]
    paper = np.median(lighter if len(lighter) else light).astype(np.float32)
    return np.clip((paper - light) / 255, 0, 1)


def _on_uneven_paper(grey: NDArray[np.uint8]) -> Darkness:
    """Paper under light and shadow: the picture without what is dark and narrow (its closing).

    The edge of a shadow, or of the sheet, stays. Ink takes a share of the light that paper has.
    Of dark and light ink, that one is meant which leaves the smoother paper.
    """
    reach = max(2, round(REACH * max(grey.shape)))
    paper, ground = 255 - _spread(255 - _spread(grey, reach), reach), 255 - grey
    ground = 255 - _spread(255 - _spread(ground, reach), reach)
    if _roughness(paper) <= BLACKBOARD * _roughness(ground):
        bright = np.maximum(paper, DIMMEST).astype(np.float32)
        return np.clip((paper.astype(np.float32) - grey) / bright, 0, 1)
    return np.clip((ground.astype(np.float32) - (255 - grey)) / 255, 0, 1)


def _roughness(paper: NDArray[np.uint8]) -> float:
    levels = paper.astype(np.int16)
    steps = (np.diff(levels, axis=axis) for axis in (0, 1))
    return float(sum(np.abs(step).mean() for step in steps if step.size))


def _spread(values: NDArray, reach: int) -> NDArray:
    """The largest value within `reach` rows and columns."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (reach, reach)
        values, seen = np.moveaxis(np.pad(values, pad, mode="edge"), axis, 0), 1
        while seen < 2 * reach + 1:
            step = min(seen, 2 * reach + 1 - seen)
            values, seen = np.maximum(values[:-step], values[step:]), seen + step
        values = np.moveaxis(values, 0, axis)
    return values


def _otsu(values: NDArray) -> float:
    """Otsu's threshold: the split that maximises the variance between the two sides."""
    weight = np.cumsum(np.bincount((values.ravel() * 255).astype(np.uint8), minlength=256))
    total = np.cumsum(np.diff(weight, prepend=0) * (np.arange(256) + 0.5) / 256)
    below, above = weight[:-1], weight[-1] - weight[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = (total[-1] - total[:-1]) / above - total[:-1] / below
    return float(np.nan_to_num(below * above * gap**2).argmax() + 1) / 256


def _ink(darkness: Darkness) -> Ink:
    threshold = max(_otsu(darkness), FAINTEST)
    whole = darkness > threshold
    large = min(whole.shape) >= SMALL
    faint = darkness > threshold / 2  # lines that are thin and tilted are not broken there
    ruled, boxes = ruling(faint) if large else (whole & False, np.empty(NONE))
    alone = len(boxes) and whole.any() and is_crumbs(whole & ~ruled)
    between = large and len(ruling(~whole)[1])  # it is the paper that lines leave
    if between or alone or (large and (is_lines_alone(whole) or is_lines_alone(~whole))):
        likeness = _likeness(whole, whole, darkness) if whole.mean() < 0.5 else 0.0
        return Ink(darkness, threshold, np.zeros_like(whole), np.empty(NONE), likeness)
    mask, lines = without_lines(whole & ~ruled)
    lines = np.concatenate([boxes, lines])
    runs, piece = hanging_together(mask)
    if not len(runs):
        return Ink(darkness, threshold, mask, lines, 0.0)
    of = np.repeat(piece, np.ptp(runs[..., 0], axis=1).astype(int))  # the piece of each pixel
    belongs = belonging(runs, piece, _trust(of, mask, darkness))
    digit = np.zeros_like(mask)
    digit[mask] = belongs[of]
    boxes = boxes_of(runs, piece)
    size = np.ptp(boxes, axis=1).max(axis=1)
    others = np.zeros_like(mask)
    others[mask] = (~belongs & (size >= LIKE * size[belongs].max()))[of]
    likeness = 0.0 if _is_grain(digit, others) else _likeness(digit, whole, darkness)
    return Ink(darkness, threshold, digit, np.concatenate([lines, boxes[~belongs]]), likeness)


def _trust(of: NDArray, mask: Mask, darkness: Darkness) -> NDArray[np.float64]:
    """How much each piece looks like the digit's: as dark as the darkest, not along the rim.

    A digit may touch the rim. Beside a piece that does not, one that does is a neighbour's rest,
    a frame or the edge of the sheet.
    """
    area, outline = np.bincount(of), np.bincount(of, sides(mask)[mask])
    dark = np.bincount(of, darkness[mask]) / area
    trust = np.minimum(dark / dark[area >= 0.1 * area.max()].max(), 1) ** 2
    frame = np.ones(mask.shape)
    frame[1:-1, 1:-1] = 0
    rim = np.bincount(of, frame[mask])
    trust *= np.clip(1 - 2 * rim / outline, 0.02, 1)
    if min(mask.shape) >= SMALL:
        trust *= np.where(_is_ruled(of, mask), RULED, 1)
        band = 1 + round(RIM * min(mask.shape))
        frame[:band] = frame[-band:] = frame[:, :band] = frame[:, -band:] = 1
        touches = np.bincount(of, frame[mask]) > 0
        main = np.argmax(outline * trust * np.where(touches, 0.2, 1))
        if not touches[main]:
            trust *= np.where(touches, AT_RIM, 1)
    return trust


def _is_ruled(of: NDArray, mask: Mask) -> NDArray[np.bool_]:
    """Which pieces are straight, level or upright: rather a line of a frame than the bar of a 5."""
    area = np.bincount(of)
    moments = []
    for values in np.nonzero(mask):
        middle = np.bincount(of, values) / area
        moments.append(values - middle[of])
    rows, columns = moments
    yy, xx, xy = (np.bincount(of, m) / area for m in (rows**2, columns**2, rows * columns))
    apart = np.hypot((yy - xx) / 2, xy)
    along, across = (yy + xx) / 2 + apart, np.maximum((yy + xx) / 2 - apart, 1 / 12)
    length = np.sqrt(12 * along)
    straight = length * np.sqrt(12 * across) <= STRAIGHT * area
    level = np.abs(xy) <= LEVEL * np.abs(yy - xx)
    return straight & level & (along >= SLIM**2 * across)


def _likeness(digit: Mask, whole: Mask, darkness: Darkness) -> float:
    """To the lines of a pen: thin, clear of the rim, dark on clean paper, most of the ink."""
    extent, rim = _extent(digit), _rim(digit) / (2 * sum(digit.shape))
    thick, tolerance = THICK
    thin = np.exp(-((max((pen_width(digit) - 1) / extent - thick, 0) / tolerance) ** 2))
    dark = darkness[digit].mean()
    dirt = darkness[~whole].mean() if not whole.all() else 0.0
    share = digit.sum() / whole.sum()
    if min(digit.shape) < SMALL:
        share **= ALONE
    return float(thin * (1 - rim) ** 3 * dark / (dirt + 0.1 * dark + 0.02) * (share + 0.2))


def _is_grain(digit: Mask, others: Mask) -> bool:
    """Whether ink like the digit's is in nearly every part of a picture beside it, as in noise."""
    if min(digit.shape) < SMALL:
        return False
    beside = ~_in_fields(digit)
    return bool(beside.any() and _in_fields(others)[beside].mean() >= EVERYWHERE)


def _in_fields(mask: Mask) -> Mask:
    """Which of FIELDS × FIELDS parts of a picture have ink."""
    for axis in (0, 1):
        starts = np.arange(FIELDS) * mask.shape[axis] // FIELDS
        mask = np.logical_or.reduceat(mask, starts, axis=axis)
    return mask


def _is_drawn(ink: Ink, grey: NDArray[np.uint8]) -> bool:
    """Whether ink is a pen's: a little like its lines, and with an edge wherever it ends.

    Light that fades has none, nor has a stain, and the shadow that a corner of the paper lies in
    has one on one side. A picture of few pixels is sharp, and its ink like anything.
    """
    small = min(grey.shape) < SMALL
    if ink.likeness <= (0 if small else UNLIKELY) or not ink.digit.any():
        return False
    grey, reach = (grey, CLOSE) if small else (_smooth(grey), EDGE)
    light, dark = _spread(grey, reach), 255 - _spread(255 - grey, reach)
    outline = (sides(ink.digit) > 0) & ink.digit
    outline[[0, -1]] = outline[:, [0, -1]] = False
    least = max(ink.threshold, SHARP * float(np.quantile(ink.darkness[ink.digit], 0.9)))
    edge = light.astype(np.float32) - dark >= least * np.maximum(light, DIMMEST)
    return bool(edge[outline].mean() >= ALL_ROUND) if outline.any() else False


def _extent(mask: Mask) -> int:
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return 0
    return int(max(np.ptp(rows), np.ptp(columns))) + 1


def _rim(mask: Mask) -> int:
    return int(mask[0].sum() + mask[-1].sum() + mask[:, 0].sum() + mask[:, -1].sum())


def _line(ink: Ink, digit: Mask) -> NDArray[np.float64]:
    """The centre line of the digit, which is enlarged or reduced with its greys first.

    A dot has none: a speck on empty paper is no digit.
    """
    rows, columns = np.nonzero(digit.any(axis=1))[0], np.nonzero(digit.any(axis=0))[0]
    top, bottom, left, right = rows[0], rows[-1] + 3, columns[0], columns[-1] + 3
    near = np.pad(ink.darkness * _spread(digit, 1), 1)  # the greys beside it smooth its outline
    grey = near[top:bottom, left:right]
    scale = THINNED_AT / (max(grey.shape) - 2)
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    large = Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC)
    enlarged = np.asarray(large) > ink.threshold
    if not enlarged.any() or pen_width(enlarged) > DOT * _extent(enlarged):
        return np.empty(NONE)
    return (line_of(enlarged) + 0.5) / scale + (left - 1, top - 1)
