"""Pictures: the same digit whatever its colours, and files that are not pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from softmax_core import grid_from_image, prepare, read_picture
from softmax_core.errors import DrawingError
from softmax_core.picture_files import MOST_BYTES
from softmax_core.pictures import centre_line
from tests.drawings import picture, recorded


def seven(**how):
    return picture([np.array([[0, 0], [60, 0], [20, 100]], float)], **how)


def png(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_the_centre_line_of_a_bar_is_its_middle():
    image = np.full((100, 100), 255, np.uint8)
    image[20:80, 45:56] = 0
    x, y = np.moveaxis(centre_line(image), -1, 0)
    assert np.ptp(x) <= 3  # one pixel wide, but for its ends
    assert abs(x.mean() - 50.5) < 1
    assert 45 < np.ptp(y) <= 60  # less half a pen at each end


def test_every_way_to_give_a_picture_gives_the_same_grid():
    image = seven()
    grid = grid_from_image(image)
    assert grid.any()
    transparent = Image.new("RGBA", image.size, (0, 0, 0, 0))
    transparent.paste((200, 30, 30, 255), mask=Image.eval(image, lambda v: 255 - v))
    for other in (
        seven(dark=False),
        image.convert("RGB"),
        image.convert("P"),
        image.convert("1"),
        image.convert("LA"),
        transparent,
        np.asarray(image),
        np.asarray(image)[:, :, None],
        np.asarray(image.convert("RGB")),
        np.asarray(transparent),
        read_picture(png(image)),
        read_picture(io.BytesIO(png(image))),
        read_picture(png(image, "WEBP", lossless=True)),
    ):
        np.testing.assert_array_equal(grid_from_image(other), grid)


def test_a_photograph_with_a_shadow_and_noise_reads_like_the_drawing():
    rng = np.random.default_rng(0)
    strokes, _ = recorded(20)
    cells = []
    for s in strokes:
        clean = picture(s, pen=12, size=180)
        shadow = np.linspace(0.55, 1, 320)[:, None] * np.linspace(0.8, 1, 320)
        photo = np.asarray(clean, float) * 0.7 + 50
        photo = np.clip(photo * shadow + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
        cells.append((grid_from_image(photo) ^ grid_from_image(clean)).sum())
    assert np.median(cells) <= 3


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_colour_is_empty(level):
    assert not grid_from_image(np.full((50, 60), level, np.uint8)).any()
    noise = np.random.default_rng(0).integers(-3, 4, (50, 60)) + np.clip(level, 3, 252)
    assert not grid_from_image(noise.astype(np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_the_smallest_pictures_are_read(shape):
    image = np.zeros(shape, np.uint8)
    image[:1, :1] = 255
    assert prepare(image).bitmap.shape == (32, 32)


def test_a_picture_that_was_turned_by_the_camera_is_turned_back():
    upright = seven()
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the scene is on the right
    sideways = upright.transpose(Image.Transpose.ROTATE_90)
    read = read_picture(png(sideways, "PNG", exif=exif))
    np.testing.assert_array_equal(grid_from_image(read), grid_from_image(upright))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((8, 8)), "uint8"),
        (np.zeros(64, np.uint8), "shape"),
        (np.zeros((8, 8, 2), np.uint8), "shape"),
        (np.zeros((0, 8), np.uint8), "at least one pixel"),
        (np.zeros((6000, 6000), np.uint8), "25 million pixels, got 6,000 × 6,000"),
    ],
)
def test_an_array_that_is_not_a_picture_is_refused(array, message):
    with pytest.raises(DrawingError, match=message):
        grid_from_image(array)


def test_a_large_picture_is_refused_before_it_is_decoded():
    file = png(Image.new("1", (20_000, 20_000)))
    assert len(file) < MOST_BYTES
    with pytest.raises(DrawingError, match="million pixels"):
        read_picture(file)


def frames(kind):
    return png(seven(), kind, save_all=True, append_images=[seven(dark=False)])


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (png(seven())[:200], "not a picture"),
        (frames("GIF"), "PNG, JPEG, WebP or AVIF"),
        (frames("WEBP"), "animated"),
        (frames("PNG"), "animated"),
        (b"0" * (MOST_BYTES + 1), "at most 5 MB"),
    ],
)
def test_a_file_that_is_not_a_picture_is_refused(file, message):
    with pytest.raises(DrawingError, match=message):
        read_picture(file)
