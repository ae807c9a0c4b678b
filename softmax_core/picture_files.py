"""Files of pictures: bounded before they are decoded, turned upright, and kept small."""

import io
from os import PathLike, fsdecode
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,  # noqa: F401  makes Pillow know AVIF
    Image,
    ImageOps,
)

from softmax_core.errors import DrawingError, ParameterError
from softmax_core.inputs import as_count, as_list, shortened
from softmax_core.pictures import MOST_PIXELS, looked_at, too_large

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
ACCEPTED = "PNG, JPEG, WebP or AVIF, not animated"
MOST_BYTES = 20_000_000  # of a file: a fine JPEG of 24 megapixels has 5 to 12 million
MOST_SCANS = 20  # of a progressive JPEG, each of which costs as much as a whole picture
MOST_COUNTED = 1000  # of them, to say how many there are
LONE = frozenset((0x00, 0x01, *range(0xD0, 0xD9)))  # of a JPEG, the markers that no length follows
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
    `FORMATS`, where the package pillow-heif is installed. Raises `ParameterError` for other
    arguments that are none.
    """
    most = as_count(most, "the most pixels of a picture", 1, 10**12)
    formats = _as_formats(formats)
    data = _bytes_of(file)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        if formats != FORMATS or not _reads_heic():
            raise DrawingError(CONVERT)
        formats = ("HEIF",)
    scans = _scans_of(data) if data[:2] == b"\xff\xd8" else 0
    if scans > MOST_SCANS:
        raise DrawingError(
            f"a JPEG has at most {MOST_SCANS} scans, got {scans}: save it anew, not progressive"
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


def _as_formats(formats: object) -> tuple[str, ...]:
    what = f"formats are some of {', '.join(FORMATS)}"
    names = tuple(as_list(formats, what, len(FORMATS) + 1, ParameterError))
    if isinstance(formats, str) or not names or not set(names) <= set(FORMATS):
        raise ParameterError(f"{what}, got {shortened(formats)}")
    return names


def _scans_of(data: bytes) -> int:
    """The scans of the first picture in a JPEG: neither those of a preview within its segments,
    nor what follows its end, as the film of a phone's moving picture."""
    at, scans = 2, 0
    while 0 <= at < len(data) - 1:
        marker = data[at + 1]
        if data[at] != 0xFF or marker in LONE:  # the pixels of a scan go on to the next marker
            at = data.find(b"\xff", at + 1)
        elif marker == 0xFF:  # any number of them may stand before a marker
            at += 1
        elif marker == 0xD9:  # the end
            break
        else:
            scans += marker == 0xDA
            if scans > MOST_COUNTED:
                break
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return scans


def _reads_heic() -> bool:
    """Whether Pillow knows HEIC: it does with pillow-heif."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _read(file: BinaryIO) -> object:
    """What an opened file gives; one in memory that was just written to, from its beginning."""
    try:
        if isinstance(file, io.BytesIO) and file.tell() == file.getbuffer().nbytes:
            file.seek(0)
        return file.read(MOST_BYTES + 1)
    except Exception as error:  # closed, opened for writing, gone, or a file in name only
        raise DrawingError(f"a picture's file, {shortened(file)}, can't be read") from error


def _bytes_of(file: bytes | str | PathLike | BinaryIO) -> bytes:
    if isinstance(file, str | PathLike):
        try:
            with Path(fsdecode(file)).open("rb") as opened:
                return _bytes_of(opened)
        except (OSError, ValueError) as error:
            raise DrawingError(f"no file {str(file)[:80]!r} that can be opened") from error
    if isinstance(file, bytes | bytearray | memoryview):
        data: object = bytes(memoryview(file).cast("B")[: MOST_BYTES + 1])
    elif isinstance(file, io.TextIOBase):
        data = ""
    elif hasattr(file, "read") and not isinstance(file, type):
        data = _read(file)
    else:
        raise DrawingError(
            "a picture's file is given as its path, its bytes or opened, got "
            + (f"the class {file.__name__}" if isinstance(file, type) else type(file).__name__)
        )
    if not isinstance(data, bytes):
        raise DrawingError("a picture's file is opened for bytes: open(path, 'rb')")
    if len(data) > MOST_BYTES:
        raise DrawingError(f"a picture's file has at most {MOST_BYTES / 1e6:.0f} MB")
    return data
