"""Pictures: the same digit whatever its colours, and files that are not pictures."""

import io
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from softmax_core import grid_from_image, grid_from_strokes, load_model, prepare, read_picture
from softmax_core.errors import DrawingError, ParameterError
from softmax_core.explain import Verdict, answer
from softmax_core.picture_files import MOST_BYTES
from softmax_core.pictures import centre_line
from tests.drawings import picture, recorded
from tests.scenes import SCENES, fitted, ink_of


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


def test_a_program_may_say_how_many_pixels_it_takes():
    file = png(seven())
    width, height = seven().size
    assert read_picture(file, width * height).size == (width, height)
    with pytest.raises(DrawingError, match=f"got {width} × {height}"):
        read_picture(file, width * height - 1)


def test_a_file_as_large_as_phones_make_them_is_read():
    assert read_picture(png(seven()) + b"\0" * 12_000_000).size == seven().size


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
        (b"0" * (MOST_BYTES + 1), "at most 20 MB"),
    ],
)
def test_a_file_that_is_not_a_picture_is_refused(file, message):
    with pytest.raises(DrawingError, match=message):
        read_picture(file)


THREE = [np.array([[0, 15], [20, 0], [60, 20], [35, 45], [65, 70], [30, 100], [0, 88]], float)]


def three(**how):
    return picture(THREE, **{"pen": 12, "size": 190} | how)


def is_three(image):
    return load_model("pairs").predict(grid_from_image(image)[None])[0] == 3


def with_shadow():
    """The upper fifth is in the light."""
    grey = np.asarray(three(), float) * 0.65
    grey[:70] /= 0.7
    noise = np.random.default_rng(0).normal(0, 3, grey.shape)
    return Image.fromarray(np.clip(grey + noise, 0, 255).astype(np.uint8))


def with_speck():
    image = three()
    image.paste(0, (303, 300, 308, 305))
    return image


def with_clear_corners():
    image = three(mode="RGBA")
    for corner in ((0, 0, 9, 9), (311, 0, 320, 9), (0, 311, 9, 320), (311, 311, 320, 320)):
        image.paste((255, 255, 255, 0), corner)
    return image


def with_one_clear_pixel():
    image = three(mode="RGBA")
    image.putpixel((3, 200), (0, 0, 0, 0))
    return image


def bold():
    """Cropped to its ink, of which there is more than paper."""
    image = three(pen=60)
    return image.crop(Image.eval(image, lambda v: 255 - v).getbbox())


def of_16_bits(low, high):
    values = np.asarray(three(), np.uint16) // 255
    return Image.fromarray((low + values * (high - low)).astype(np.uint16))


def coloured(ink, paper):
    mask = Image.eval(three(), lambda v: 255 - v)
    image = Image.new("RGB", mask.size, paper)
    image.paste(ink, mask=mask)
    return image


def on_a_desk():
    image = Image.new("L", (420, 400), 70)
    image.paste(three(), (60, 50))
    return image


def in_a_frame():
    image = three()
    for line in ((0, 20, 320, 23), (0, 300, 320, 303), (20, 0, 23, 320), (300, 0, 303, 320)):
        image.paste(90, line)
    return image


def beside_a_neighbour():
    image = three()
    image.paste(three().crop((180, 0, 240, 320)), (0, 10))
    return image


AS_THEY_COME = {
    "shadow": with_shadow,
    "speck": with_speck,
    "clear corners": with_clear_corners,
    "one clear pixel": with_one_clear_pixel,
    "bold": bold,
    "bold, light on dark": lambda: Image.eval(bold(), lambda v: 255 - v),
    "12 bits": lambda: of_16_bits(0, 4095),
    "16 bits": lambda: of_16_bits(20_000, 40_000),
    "a few of 65,536 greys": lambda: of_16_bits(30_000, 30_100),
    "32 bits": lambda: three().convert("I"),
    "floating point": lambda: Image.fromarray(np.asarray(three(), np.float32) / 1000),
    "CMYK": lambda: three(mode="CMYK"),
    "YCbCr": lambda: three(mode="YCbCr"),
    "red on green, equally bright": lambda: coloured((200, 40, 40), (40, 122, 40)),
    "yellow on white": lambda: coloured((255, 255, 0), (255, 255, 255)),
    "desk": on_a_desk,
    "frame": in_a_frame,
    "neighbour": beside_a_neighbour,
    "28 pixels": lambda: three().resize((28, 28), Image.Resampling.BOX),
    "20 pixels, light on dark": lambda: three(dark=False).resize((20, 20), Image.Resampling.BOX),
}


@pytest.mark.parametrize("make", AS_THEY_COME.values(), ids=AS_THEY_COME)
def test_a_three_is_a_three(make):
    assert is_three(make())


def test_of_a_jpeg_with_two_pictures_the_first_is_read():
    file = io.BytesIO()
    three(mode="RGB").save(file, "MPO", save_all=True, append_images=[seven(mode="RGB")])
    assert is_three(read_picture(file.getvalue()))


def test_a_file_is_given_as_its_path_its_bytes_or_opened(tmp_path):
    path = tmp_path / "three.png"
    three().save(path)
    with path.open("rb") as opened:
        for file in (path, str(path), path.read_bytes(), opened):
            assert is_three(read_picture(file))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nowhere.png", "no file 'nowhere.png'"),
        ("a\0b", "no file"),
        (None, "got NoneType"),
        (io.StringIO("text"), "opened for bytes"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "not a picture that can be read"),
        (b"\xff\xd8" + 40 * b"\xff\xda\0\0", "at most 20 scans, got 40"),
    ],
)
def test_a_file_that_is_not_accepted_is_refused_by_name(file, message):
    with pytest.raises(DrawingError, match=message):
        read_picture(file)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_cut_short_or_changed_is_read_or_refused(kind):
    file, rng = png(three(), kind), np.random.default_rng(0)
    for _ in range(40):
        damaged = bytearray(file[: rng.integers(1, len(file))] if rng.random() < 0.5 else file)
        damaged[rng.integers(len(damaged))] = rng.integers(256)
        try:
            assert grid_from_image(read_picture(bytes(damaged))).shape == (8, 8)
        except DrawingError as error:
            assert "picture" in str(error)


def photo(side, place, size=(2400, 1800)):
    """A digit of `side` pixels in a photograph under a slope of light."""
    box = fitted(THREE, side)
    middle = (side - box) / 2 + side
    ink = ink_of(THREE, (3 * side, 3 * side), (*middle, *box), max(2, side // 12))
    light = np.linspace(0.7, 0.95, size[0])[None] * np.linspace(0.9, 1, size[1])[:, None] * 250
    x, y = place
    light[y : y + 3 * side, x : x + 3 * side] *= 1 - 0.75 * ink
    noise = np.random.default_rng(0).normal(0, 3, light.shape)
    return Image.fromarray((light + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("place", [(200, 300), (1900, 1500)])
@pytest.mark.parametrize("side", [30, 80])
def test_a_small_digit_in_a_large_photograph_is_found(side, place):
    image = photo(side, place)
    assert is_three(image)
    read = read_picture(png(image, "JPEG", quality=85))
    assert max(read.size) <= 640  # what a visitor's session keeps is small
    assert is_three(read)


def test_what_is_left_out_of_a_large_photograph_is_named_where_it_is():
    image = photo(520, (100, 100))
    image.paste(0, (1700, 1500, 1740, 1540))
    boxes = prepare(image).left_out
    assert any(np.allclose(box, [(1700, 1500), (1740, 1540)], atol=16) for box in boxes)


@pytest.mark.parametrize(
    "name",
    [
        "MNIST-like",
        "USPS-like",
        pytest.param("phone photographs", marks=pytest.mark.slow),
        "paper scans",
    ],
)
def test_scenes_are_mostly_read_like_their_strokes(name):
    rng, model = np.random.default_rng(1), load_model("pairs")
    strokes, _ = recorded(30)
    pictures = [grid_from_image(SCENES[name](s, rng)) for s in strokes]
    same = model.predict(pictures) == model.predict([grid_from_strokes(s) for s in strokes])
    assert same.mean() >= 0.75


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (3, 500), (1, 2000), (100, 100), (700, 700)])
def test_pictures_without_a_digit_are_empty_or_a_grid(shape):
    rng = np.random.default_rng(0)
    for values in (
        np.zeros(shape),
        np.full(shape, 255),
        np.indices(shape).sum(axis=0) % 256,
        rng.integers(0, 256, shape),
        np.where(np.indices(shape)[0] == shape[0] // 2, 0, 255),
    ):
        assert prepare(values.astype(np.uint8)).bitmap.shape == (32, 32)


def zero(turned):
    """16 × 16, bold, from rim to rim: of the paper four corners and a hole are left."""
    ring = [
        np.array([(20 * np.cos(a) + 8 * np.sin(a), 30 * np.sin(a)) for a in np.arange(0, 7, 0.1)])
    ]
    ink = ink_of(ring, (16, 16), (1.6, 1.6, 12.8, 12.8), 3.2, 8)
    return Image.fromarray((255 * (ink if turned else 1 - ink)).astype(np.uint8))


@pytest.mark.parametrize("turned", [False, True])
def test_the_hole_of_a_digit_that_fills_its_picture_is_no_ink(turned):
    assert load_model("pairs").predict(grid_from_image(zero(turned))[None])[0] == 0


def test_a_short_line_beside_a_digit_is_left_out():
    image = three()
    image.paste(0, (20, 60, 25, 260))
    prepared = prepare(image)
    assert len(prepared.left_out) == 1
    np.testing.assert_array_equal(prepared.grid, grid_from_image(three()))


def test_what_comes_near_the_rim_is_a_rest():
    image = three()
    image.paste(three().crop((180, 0, 240, 320)), (3, 10))
    assert is_three(image)


def heic():
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(three(mode="RGB")).save(file)
    return file.getvalue()


def test_heic_is_read_where_its_package_is_installed():
    assert is_three(read_picture(heic()))


def test_without_its_package_heic_is_refused_with_what_to_do(monkeypatch):
    file = heic()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(DrawingError, match=r"HEIC picture.*pillow-heif.*save it as JPEG"):
        read_picture(file)


def test_heic_is_refused_where_other_formats_are_asked_for():
    with pytest.raises(DrawingError, match="HEIC picture"):
        read_picture(heic(), formats=("JPEG",))


def empty_paper():
    """Pictures of paper with light, shadow and lines on it, and nothing drawn, by their names."""
    y, x = np.mgrid[:320, :320]
    ruled, columns, squared, cell = np.full((4, 320, 320), 250.0)
    ruled[15::40] = ruled[16::40] = columns[:, 15::40] = columns[:, 16::40] = 80
    squared[10::25] = squared[:, 10::25] = 120
    cell[50:53] = cell[270:273] = cell[:, 50:53] = cell[:, 270:273] = 0
    one = np.full((320, 320), 250.0)
    one[200:203] = 80
    yield from {
        "a slope of light": 0.8 * x,
        "the edge of a shadow": np.where(x > 160, 120, 230),
        "a slanting shadow": np.where(x + 0.3 * y > 190, 120, 230),
        "darker corners": 230 * (1 - 1.2 * (((x / 320 - 0.5) ** 2) + (y / 320 - 0.5) ** 2)),
        "an empty sheet on a desk": np.where((x > 60) & (x < 290) & (y > 20) & (y < 300), 235, 90),
        "ruled": ruled,
        "columns": columns,
        "squared": squared,
        "the lines of a cell": cell,
        "one level line": one,
    }.items()


@pytest.mark.parametrize("noise", [0, 4])
@pytest.mark.parametrize("paper", [pytest.param(p, id=name) for name, p in empty_paper()])
def test_light_shadow_and_lines_alone_are_no_ink(paper, noise):
    grain = np.random.default_rng(0).normal(0, noise, paper.shape) if noise else 0
    picture = np.clip(paper + grain, 0, 255).astype(np.uint8)
    assert not grid_from_image(picture).any()


@pytest.mark.parametrize("paper", ["a slanting shadow", "ruled", "squared", "the lines of a cell"])
def test_a_digit_on_such_paper_is_still_found(paper):
    strokes = [np.array([[0, 0], [60, 0], [20, 100]], float)]
    ink = ink_of(strokes, (320, 320), (100, 80, 96, 160), 12)
    clean, marked = (
        grid_from_image((light * (1 - 0.9 * ink)).astype(np.uint8))
        for light in (np.full((320, 320), 250), dict(empty_paper())[paper])
    )
    assert clean.any()
    assert (clean != marked).sum() <= 3


def grain(side, blur, rng):
    """A picture (side, side) of random light, as coarse as it is blurred; mean 0, variance 1."""
    even = Image.fromarray((rng.random((side, side)) * 255).astype(np.uint8))
    light = np.asarray(even.filter(ImageFilter.GaussianBlur(blur)), float)
    return (light - light.mean()) / light.std()


@pytest.mark.parametrize("blur", [0, 1, 2, 4])
@pytest.mark.parametrize("side", [320, 700])
def test_noise_alone_is_no_clear_digit(side, blur):
    model = load_model("shapes")
    for seed in range(3):
        light = 128 + 40 * grain(side, blur, np.random.default_rng([seed, blur]))
        said = answer(model, prepare(np.clip(light, 0, 255).astype(np.uint8)))
        assert said.verdict in (Verdict.BLANK, Verdict.FAINT, Verdict.SCRIBBLE)


@pytest.mark.parametrize("blur", [0, 2])
def test_a_digit_in_noise_is_still_found(blur):
    """The grain is as dark as a digit here and there, but much smaller."""
    strokes = [np.array([[0, 0], [60, 0], [20, 100]], float)]
    ink = ink_of(strokes, (320, 320), (100, 80, 96, 160), 12)
    specks = np.clip(0.1 * grain(320, blur, np.random.default_rng(0)), 0, 1)
    clean, noisy = (
        grid_from_image((250 * (1 - np.maximum(0.9 * ink, dirt))).astype(np.uint8))
        for dirt in (0 * specks, specks)
    )
    assert clean.any()
    assert (clean != noisy).sum() <= 4


def test_an_upright_line_alone_is_a_one():
    image = np.full((300, 100), 255, np.uint8)
    image[:, 48:53] = 0
    assert grid_from_image(image).any(axis=1).all()


def table_lines(rng):
    """Three or four lines of a table, of which some end before the rim, and nothing else."""
    side = int(rng.integers(100, 500))
    image = Image.new("L", (side, side), int(rng.integers(220, 255)))
    draw = ImageDraw.Draw(image)
    count, upright = rng.integers(3, 5), rng.integers(1, 3)
    places = (np.arange(count) % 2 + rng.uniform(0.25, 0.75, count)) * 0.45 * side
    for number, at in enumerate(rng.permutation(places)):
        start, stop = (0, side) if number < 2 else rng.uniform((0, 0.92), (0.08, 1)) * side
        ends = [(start, at), (stop, at + rng.normal(0, 0.01) * side)]
        if (number % 2 == 0) == (upright == 1):
            ends = [end[::-1] for end in ends]
        draw.line(ends, fill=int(rng.integers(20, 130)), width=max(1, side // 150))
    noise = rng.normal(0, rng.uniform(0, 5), (side, side))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


def stains(rng):
    """Up to three dark or light stains, out of focus."""
    side = int(rng.integers(200, 600))
    y, x = np.mgrid[:side, :side]
    light = np.full((side, side), rng.uniform(100, 200))
    for _ in range(rng.integers(1, 4)):
        (across, down), turn = rng.uniform(0.2, 0.8, 2) * side, rng.uniform(0, np.pi)
        along = (x - across) * np.cos(turn) + (y - down) * np.sin(turn)
        beside = (y - down) * np.cos(turn) - (x - across) * np.sin(turn)
        size, flat = rng.uniform(0.05, 0.2) * side, rng.uniform(1, 3)
        away = np.hypot(along, beside * flat) / size
        soft = rng.uniform(0.15, 0.5)
        light *= 1 + rng.choice([-0.6, 0.5]) / (1 + np.exp(np.clip((away - 1) / soft, -50, 50)))
    return np.clip(light + rng.normal(0, 3, light.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("paper", "clear", "blank"), [(table_lines, 0, 38), (stains, 2, 33)])
def test_paper_without_a_digit_is_hardly_ever_a_clear_one(paper, clear, blank):
    rng, model = np.random.default_rng(5), load_model("shapes")
    said = [answer(model, prepare(paper(rng))).verdict for _ in range(40)]
    assert said.count(Verdict.CLEAR) <= clear
    assert said.count(Verdict.BLANK) >= blank


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_a_one_between_lines_of_a_table_is_no_line_of_it(lines):
    image = np.full((300, 240), 250, np.uint8)
    for row in (20, 270)[:lines]:
        image[row : row + 3] = 60
    image[60:235, 115:122] = 20
    assert load_model("pairs").predict(grid_from_image(image)[None])[0] == 1
    assert grid_from_image(image).any(axis=1).all()


def speck(rng, radius):
    """A JPEG of empty paper with one dot on it, round or longish."""
    side = int(rng.choice([400, 800, 1600]))
    y, x = np.mgrid[:side, : side * 3 // 4]
    away, turn = rng.uniform(0.2, 0.7, 2) * side, rng.uniform(0, np.pi)
    wide, high = radius * rng.uniform(0.6, 1.2, 2)
    along = (x - away[0]) * np.cos(turn) + (y - away[1]) * np.sin(turn)
    across = (y - away[1]) * np.cos(turn) - (x - away[0]) * np.sin(turn)
    light = np.where((along / wide) ** 2 + (across / high) ** 2 < 1, 50, 235)
    light = (light + rng.normal(0, 3, light.shape)).clip(0, 255)
    return png(Image.fromarray(light.astype(np.uint8)), "JPEG", quality=90)


@pytest.mark.parametrize("radius", [2, 3, 5, 8])
def test_a_speck_on_empty_paper_is_no_digit(radius):
    rng = np.random.default_rng(radius)
    for _ in range(10):
        assert not grid_from_image(read_picture(speck(rng, radius))).any()


def test_a_dot_is_no_digit_however_large():
    image = Image.new("L", (320, 320), 255)
    ImageDraw.Draw(image).ellipse((120, 110, 200, 190), fill=0)
    assert not grid_from_image(image).any()


@pytest.mark.parametrize(
    "size", [(10_000, 1), (1, 300), (5, 1), (3, 3), (7, 7), (20, 20), (40, 90)]
)
@pytest.mark.parametrize("axis", [0, 1])
def test_light_that_fades_in_a_small_picture_is_no_ink(size, axis):
    along = np.indices(size[::-1])[axis] / max(1, size[1 - axis] - 1)
    assert not grid_from_image((255 * along).astype(np.uint8)).any()


def with_exif(orientation, kind="JPEG"):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = three(mode="RGB").transpose(Image.Transpose.ROTATE_90)
    return png(turned, kind, exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_pillow_opened_is_turned_once(kind):
    opened = Image.open(io.BytesIO(with_exif(6, kind)))
    assert is_three(opened)
    assert is_three(read_picture(with_exif(6, kind)))


def test_what_follows_a_jpeg_is_not_of_it():
    """A film, as of a phone's moving picture, and a preview in its segments."""
    film = np.random.default_rng(0).bytes(3_000_000)
    assert film.count(b"\xff\xda") > 20
    assert is_three(read_picture(png(three(), "JPEG") + film))
    exif = Image.Exif()
    exif[0x9286] = b"ASCII\0\0\0" + 40 * b"\xff\xda\0\0"
    assert is_three(read_picture(png(three(), "JPEG", exif=exif)))


def test_the_scans_of_a_progressive_jpeg_are_counted():
    file = png(three(), "JPEG", progressive=True)
    first = file.index(b"\xff\xda")
    with pytest.raises(DrawingError, match="at most 20 scans"):
        read_picture(file[:first] + 30 * b"\xff\xda\0\2\0" + file[first:])


def test_a_picture_cut_to_a_circle_is_read_as_before():
    for dark in (True, False):
        image = three(mode="RGBA", size=150, dark=dark)
        mask = Image.new("L", image.size)
        ImageDraw.Draw(mask).ellipse((0, 0, 319, 319), fill=255)
        image.putalpha(mask)
        assert is_three(image)


@pytest.mark.parametrize("odd", [0, 65_535])
@pytest.mark.parametrize("count", [1, 5])
def test_hot_and_dead_pixels_of_a_camera_take_no_greys(odd, count):
    rng = np.random.default_rng(0)
    values = 1000 + 2 * np.asarray(three(), float) + rng.normal(0, 5, (320, 320))
    values[tuple(rng.integers(0, 320, (2, count)))] = odd
    image = Image.fromarray(values.astype(np.uint16))
    assert is_three(image)
    assert is_three(read_picture(png(image)))


def test_thin_ink_is_not_taken_for_hot_pixels():
    image = Image.new("L", (1200, 1200), 255)
    image.paste(three(size=110, pen=4).crop((90, 90, 230, 230)), (300, 400))
    values = np.asarray(image, np.uint16) * 100
    np.testing.assert_array_equal(grid_from_image(Image.fromarray(values)), grid_from_image(image))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("largest", [1e-38, 1, 3e38])
def test_floating_point_of_any_range(largest):
    values = (np.asarray(three(), np.float32) / 127.5 - 1) * np.float32(largest)
    assert is_three(Image.fromarray(values))


def test_a_picture_of_premultiplied_greys():
    assert is_three(three(mode="LA").convert("La"))


def test_a_picture_that_cant_be_loaded_is_refused():
    closed = three()
    closed.close()
    for image in (closed, Image.open(io.BytesIO(png(three(size=300))[:300]))):
        with pytest.raises(DrawingError, match="can't be read"):
            prepare(image)


class Named:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


class Broken:
    def read(self, count=-1):
        raise OSError("gone")


def test_a_file_that_cant_be_read_is_refused(tmp_path):
    path = tmp_path / "three.png"
    three().save(path)
    closed = io.BytesIO(path.read_bytes())
    closed.close()
    with path.open(encoding="utf-8") as text, (tmp_path / "new").open("wb") as new:
        for file in (text, new, closed, Broken(), io.BytesIO):
            with pytest.raises(DrawingError, match="a picture's file"):
                read_picture(file)
    assert is_three(read_picture(Named(str(path).encode())))
    written = io.BytesIO()
    three().save(written, "PNG")
    assert is_three(read_picture(written))


@pytest.mark.parametrize(
    "wrong", [{"most": None}, {"most": 0}, {"formats": 5}, {"formats": "PNG"}, {"formats": ["GIF"]}]
)
def test_what_a_program_asks_for_is_checked(wrong):
    with pytest.raises(ParameterError):
        read_picture(png(three()), **wrong)


def test_masked_pixels_are_not_read():
    masked = np.ma.masked_array(np.asarray(three()), mask=np.eye(320, dtype=bool))
    for take in (prepare, grid_from_image):
        with pytest.raises(DrawingError, match="masked"):
            take(masked)


def tilted_paper(strokes, degrees, squared, colour):
    """Ruled or squared paper, photographed at an angle, with a digit on it or none."""
    size, rng = (800, 600), np.random.default_rng(0)
    image = Image.new("L", (1600, 1200), 243)
    draw = ImageDraw.Draw(image)
    for at in range(31, 1600, 72):
        draw.line([(0, at), (1600, at)], fill=colour, width=2)
        if squared:
            draw.line([(at, 0), (at, 1200)], fill=colour, width=2)
    light = np.asarray(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=243), float)
    light = light[300:900, 400:1200]
    if strokes is not None:
        box = fitted(strokes, 160)
        light = light * (1 - 0.85 * ink_of(strokes, size, (320, 220, *box), 9, 2))
    light = (light + rng.normal(0, 4, light.shape)).clip(0, 255)
    return read_picture(png(Image.fromarray(light.astype(np.uint8)), "JPEG", quality=88))


@pytest.mark.parametrize("colour", [95, 150])
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("degrees", [-8, -3, 0, 3, 6, 8])
def test_tilted_paper_is_read_like_straight_paper(degrees, squared, colour):
    assert not grid_from_image(tilted_paper(None, degrees, squared, colour)).any()
    assert is_three(tilted_paper(THREE, degrees, squared, colour))
