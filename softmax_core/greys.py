"""From a picture of any kind to one of grey: 16 bits, transparency, ink that differs in colour.

Everything is made small first: a picture of 12 megapixels is touched once.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CARD = 0.8  # what is opaque and fills so much of its own box is paper, not ink
COLOURED = 2.0  # colour is looked at where it differs so many times as much as brightness

Box = tuple[int, int, int, int]  # left, top, right, bottom


def plain(image: Image.Image) -> Image.Image:
    """The picture in the mode L, RGB or RGBA; greys of more than 8 bits by their own range."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image.convert("RGBA") if "transparency" in image.info else image
    if image.mode[0] in "IF":
        values = np.array(image, dtype=np.float32)
        np.nan_to_num(values, copy=False, posinf=0, neginf=0)
        values -= values.min()
        values *= 255 / (values.max() or 1.0)
        return Image.fromarray(values.astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


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
            if len(rows) < CARD * own or np.ptp(colours[opaque], axis=0).max() < 32:
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
