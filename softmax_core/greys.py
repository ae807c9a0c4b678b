"""From a picture of any kind to one of grey: 16 bits, transparency, ink that differs in colour.

Everything is made small first: a picture of 12 megapixels is touched once.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CARD = 0.75  # what is opaque and fills so much of its own box is paper, not ink
ONE_COLOUR = 32  # of 255: what is opaque and differs by less is ink, whatever its form
HOT = 1e-4  # of the pixels of a camera, at most, are hot or dead
FAR_OUT = 2.0  # times as far from all others as those are from one another
COLOURED = 2.0  # colour is looked at where it differs so many times as much as brightness

Box = tuple[int, int, int, int]  # left, top, right, bottom


def plain(image: Image.Image) -> Image.Image:
    """The picture in the mode L, RGB or RGBA; greys of more than 8 bits by their own range."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image.convert("RGBA") if "transparency" in image.info else image
    if image.mode[0] in "IF":
        values = np.array(image, dtype=np.float32)
        values[~np.isfinite(values)] = 0
        values /= max(values.max(), -values.min()) or 1  # first: a difference may be infinite
        low, high = _span(values)
        np.clip(values, low, high, out=values)
        values -= low
        values *= 255 / (values.max() or 1)
        return Image.fromarray(values.astype(np.uint8))
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _span(values: NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    """The least and the largest value, without a few that are far from all others: hot pixels.

    Ink may be thin, but it is of more pixels than those, and not so far from its paper as they.
    """
    few = round(HOT * values.size)
    order = np.partition(values, (few, values.size - 1 - few), axis=None)
    least, low, high, most = order.min(), order[few], order[-1 - few], order.max()
    near = FAR_OUT * (high - low)
    return low if low - least > near else least, high if most - high > near else most


def reduced(image: Image.Image, side: int, box: Box | None = None) -> Image.Image:
    """The plain picture, or the part of it in the box, its longer side at most so many pixels."""
    left, top, right, bottom = box or (0, 0, *image.size)
    width, height = right - left, bottom - top
    scale = min(1.0, side / max(width, height))
    if scale == 1:
        return image if box is None else image.crop(box)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return image.resize(size, Image.Resampling.BOX, box, reducing_gap=1.0)


def grey_of(image: Image.Image) -> NDArray[np.uint8]:
    """The plain picture in grey (h, w)."""
    if image.mode == "RGBA":
        opaque = np.asarray(image.getchannel("A")) >= 128
        colours = np.asarray(image.convert("RGB"))
        if not opaque.any():
            return np.zeros(opaque.shape, np.uint8)
        if not opaque.all():
            rows, columns = np.nonzero(opaque)
            own = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
            if len(rows) < CARD * own or np.ptp(colours[opaque], axis=0).max() < ONE_COLOUR:
                return 255 - np.asarray(image.getchannel("A"))  # what is opaque is ink
            colours = np.where(opaque[..., None], colours, np.median(colours[opaque], axis=0))
        image = Image.fromarray(colours.astype(np.uint8))
    grey = np.asarray(image.convert("L"))
    if image.mode == "L":
        return grey
    red, green, blue = np.moveaxis(np.asarray(image, np.int16), 2, 0)
    tints = (red - green) // 2 + 128, (2 * blue - red - green) // 4 + 128
    tint = max(tints, key=_range)
    return tint.astype(np.uint8) if _range(tint) > max(COLOURED * _range(grey), 20) else grey


def _range(values: NDArray) -> float:
    low, high = np.quantile(values, (0.005, 0.995))
    return float(high - low)
