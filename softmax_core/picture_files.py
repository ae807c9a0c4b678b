"""Files of pictures: bounded before they are decoded, turned upright, and kept small."""

import io
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,  # noqa: F401  makes Pillow know AVIF
    Image,
    ImageOps,
)

from softmax_core.errors import DrawingError
from softmax_core.pictures import MOST_PIXELS, looked_at, too_large

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
ACCEPTED = "PNG, JPEG, WebP or AVIF, not animated"
MOST_BYTES = 20_000_000  # of a file: a fine JPEG of 24 megapixels has 5 to 12 million
MOST_SCANS = 20  # of a progressive JPEG, each of which costs as much as a whole picture
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AS_JPEG = (
    "save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible; or share it "
    "by mail)"
)
CONVERT = (
    f"this is a HEIC picture, which is read where the package pillow-heif is installed: {AS_JPEG}"
)


def read_picture(
    file: bytes | str | PathLike | BinaryIO,
    most: int = MOST_PIXELS,
    formats: tuple[str, ...] = FORMATS,
) -> Image.Image:
    """The picture in a file, given as its path, its bytes or opened; upright, and kept small.

    Of a picture in which the digit is small, it is the part with the digit. A JPEG with more than
    one picture, as phones make them, gives the first. Raises `DrawingError` for a file that can't
    be opened, has more than `most` pixels, is of none of the `formats`, animated or damaged; bytes,
    pixels and the scans of a JPEG are counted before anything is decoded. HEIC is read, beside all
    `FORMATS`, where the package pillow-heif is installed.
    """
    data = _bytes_of(file)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        if formats != FORMATS or not _reads_heic():
            raise DrawingError(CONVERT)
        formats = ("HEIF",)
    if data[:2] == b"\xff\xd8" and data.count(b"\xff\xda") > MOST_SCANS:
        raise DrawingError(
            f"a JPEG has at most {MOST_SCANS} scans, got {data.count(bytes((255, 218)))}: "
            "save it anew, not progressive"
        )
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            if image.width * image.height > most:
                raise DrawingError(too_large(*image.size, most=most))
            if image.format not in ("MPO", "HEIF") and getattr(image, "n_frames", 1) > 1:
                raise DrawingError("this picture is animated: give one that stands still")
            ImageOps.exif_transpose(image, in_place=True)  # no second copy of what stands upright
            return looked_at(image).image
    except DrawingError:
        raise
    except Image.DecompressionBombError as error:
        raise DrawingError(too_large(most=most)) from error
    except Exception as error:  # a damaged file fails in Pillow in many ways
        raise DrawingError(f"this file is not a picture that can be read: {ACCEPTED}") from error


def _reads_heic() -> bool:
    """Whether Pillow knows HEIC: it does with pillow-heif."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _bytes_of(file: bytes | str | PathLike | BinaryIO) -> bytes:
    if isinstance(file, str | PathLike):
        try:
            with Path(file).open("rb") as opened:
                return _bytes_of(opened)
        except (OSError, ValueError) as error:
            raise DrawingError(f"no file {str(file)[:80]!r} that can be opened") from error
    if not isinstance(file, bytes | bytearray | memoryview) and not hasattr(file, "read"):
        raise DrawingError(
            f"a picture's file is given as its path, its bytes or opened, got {type(file).__name__}"
        )
    data = file.read(MOST_BYTES + 1) if hasattr(file, "read") else bytes(file[: MOST_BYTES + 1])
    if not isinstance(data, bytes):
        raise DrawingError("a picture's file is opened for bytes: open(path, 'rb')")
    if len(data) > MOST_BYTES:
        raise DrawingError(f"a picture's file has at most {MOST_BYTES / 1e6:.0f} MB")
    return data
