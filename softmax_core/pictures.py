"""From a picture of a digit to its centre line, so that it can go the way that strokes go.

    picture → darkness against the paper → ink (Otsu) → one pixel wide (Zhang and Suen) → segments

Sources: N. Otsu, A threshold selection method from gray-level histograms, IEEE Trans. SMC 9 (1979);
T. Y. Zhang and C. Y. Suen, A fast parallel algorithm for thinning digital patterns, CACM 27 (1984).
"""

import io
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from softmax_core.errors import DrawingError

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 5_000_000  # of a file
MOST_PIXELS = 25_000_000  # of a picture, checked before it is decoded
WORKING_SIDE = 320  # the longer side of the picture that is looked at
THINNING_SIDE = 80  # the longer side of its ink, for thinning
FAINTEST = 0.08  # ink differs from the paper by this much of the way from black to white


def read_picture(file: bytes | BinaryIO) -> Image.Image:
    """The picture in a PNG, JPEG or WebP file, decoded, turned upright.

    Raises `DrawingError` for a file that is too large, of another kind, animated or damaged;
    size and number of pixels are looked at before anything is decoded.
    """
    data = file if isinstance(file, bytes) else file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DrawingError(f"a picture's file has at most {MOST_BYTES / 1e6:.0f} MB")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            if getattr(image, "n_frames", 1) > 1:
                raise DrawingError("this picture is animated: give one that stands still")
            return ImageOps.exif_transpose(image)
    except DrawingError:
        raise
    except Image.DecompressionBombError as error:
        raise DrawingError(_too_large()) from error
    except Exception as error:  # a damaged file fails in Pillow in many ways
        raise DrawingError(
            "this file is not a picture that can be read: PNG, JPEG or WebP, not animated"
        ) from error


def centre_line(picture: Image.Image | NDArray[np.uint8]) -> NDArray[np.float64]:
    """The centre line of the ink, as segments (s, 2, 2) in pixels: from (x, y), to (x, y).

    A picture in which nothing stands out from the paper has none. Raises `DrawingError` for an
    array that is not a picture, and for a picture that is too large.
    """
    ink = _ink(_darkness(_as_image(picture)))
    return _links(_thinned(_cropped(ink))) if ink.any() else np.empty((0, 2, 2))


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
    _check_size(*picture.size)
    return picture


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise DrawingError(_too_large(f", got {width:,} × {height:,}"))


def _too_large(given: str = "") -> str:
    return f"a picture has at most {MOST_PIXELS / 1e6:.0f} million pixels{given}"


def _darkness(image: Image.Image) -> NDArray[np.float64]:
    """How far each pixel differs from the paper beneath it, 0..1.

    Where a picture has a transparent ground, what is opaque is ink. Otherwise the more frequent
    half of the brightness is the paper, and its light is followed across the picture, so that a
    shadow on a photograph is not ink.
    """
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if alpha is not None and np.asarray(alpha).min() < 128:
        return np.asarray(_reduced(alpha)) / 255
    grey = _reduced(image.convert("L"))
    values = np.asarray(grey)
    if np.median(values) < (int(values.min()) + int(values.max())) / 2:
        grey = ImageOps.invert(grey)
    small = grey.resize((64, 64), Image.Resampling.BOX)
    paper = small.filter(ImageFilter.MaxFilter(21)).filter(ImageFilter.GaussianBlur(4))
    paper = paper.resize(grey.size, Image.Resampling.BILINEAR)
    return np.clip(np.asarray(paper, float) - np.asarray(grey, float), 0, None) / 255


def _reduced(grey: Image.Image) -> Image.Image:
    grey = grey.copy()
    grey.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    return grey.filter(ImageFilter.MedianFilter(3)) if min(grey.size) >= 64 else grey


def _ink(darkness: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Otsu's threshold: the split that maximises the variance between the two sides."""
    histogram, edges = np.histogram(darkness, bins=256, range=(0, 1))
    weight = np.cumsum(histogram)
    total = np.cumsum(histogram * (edges[:-1] + edges[1:]) / 2)
    below, above = weight[:-1], weight[-1] - weight[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = (total[-1] - total[:-1]) / above - total[:-1] / below
    split = np.nan_to_num(below * above * gap**2).argmax()
    return darkness > max(edges[split + 1], FAINTEST)


def _cropped(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ink's bounding box, its longer side made THINNING_SIDE pixels."""
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = THINNING_SIDE / max(box.shape)
    height, width = (max(1, round(side * scale)) for side in box.shape)
    image = Image.fromarray(box.astype(np.uint8) * 255)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR)) >= 128


def _thinned(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ink one pixel wide, by Zhang and Suen: rims are peeled off, ends and joints are kept."""
    image = np.pad(ink, 1)
    while True:
        before = image
        for south_east in (True, False):
            ring = [np.roll(image, shift, axis=(0, 1)) for shift in _CLOCKWISE_FROM_NORTH]
            north, east, south, west = ring[::2]
            neighbours = np.sum(ring, axis=0)
            arcs = np.sum(~np.array(ring) & np.array(ring[1:] + ring[:1]), axis=0)
            if south_east:
                rim = ~(north & east & south) & ~(east & south & west)
            else:
                rim = ~(north & east & west) & ~(north & south & west)
            image = image & ~(rim & (arcs == 1) & (neighbours >= 2) & (neighbours <= 6))
        if (image == before).all():
            return image[1:-1, 1:-1]


_CLOCKWISE_FROM_NORTH = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))


def _links(line: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Segments between neighbouring pixels of the line; a pixel alone is a dot."""
    line = np.pad(line, 1)
    rows, columns = np.nonzero(line)
    pieces = [np.stack([columns, rows, columns, rows], axis=1)]
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        joined = line[rows + down, columns + right]
        if down and right:  # not across a corner that two straight links go round
            joined = joined & ~line[rows + down, columns] & ~line[rows, columns + right]
        r, c = rows[joined], columns[joined]
        pieces.append(np.stack([c, r, c + right, r + down], axis=1))
    return np.concatenate(pieces).reshape(-1, 2, 2).astype(float)
