"""Recorded strokes drawn on the real canvas, and the class that the page shows."""

import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from pages.ui.session import CANVAS, DEFAULT_MODEL
from softmax_core import grid_from_strokes, load_model, to_hex
from softmax_core.explain import answer, extent_of
from tests.browser.harness import (
    ROOT,
    answer_of,
    canvas_origin,
    clear,
    draw,
    recorded_digits,
    serving,
)
from tests.browser.screenshot import rest
from tests.drawings import picture

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("[a-z]*.py"))


def line(*corners, step=8):
    """A stroke through the corners, straight between them, in whole pixels."""
    points = [corners[0]]
    for start, end in pairwise(np.array(corners)):
        parts = int(np.hypot(*(end - start)) // step) + 1
        points += np.linspace(start, end, parts + 1).round().astype(int)[1:].tolist()
    return points


SEVEN = [line([100, 80], [220, 80], [160, 200], [140, 250])]


GRID = """code => [...document.querySelectorAll(".grid [role=switch]")]
  .map(cell => +(cell.getAttribute("aria-checked") === "true")).join("") === code"""


def until_grid_is(page, grid):
    code = "".join(str(int(on)) for on in grid.ravel())
    page.wait_for_function(GRID, arg=code)


def test_digits_drawn_with_the_mouse_get_the_answers_of_the_core(page):
    model = load_model(DEFAULT_MODEL)
    for strokes, _ in recorded_digits(1):
        expected = answer(model, grid_from_strokes(strokes), extent_of(strokes, CANVAS))
        draw(page, strokes)
        assert answer_of(page, len(strokes)) == (expected.label, expected.verdict)
        clear(page)


def test_the_page_shows_the_grid_of_the_core_for_several_strokes(page):
    strokes = [line([90, 60], [90, 160], [200, 160]), line([170, 60], [170, 270])]
    draw(page, strokes)
    answer_of(page, 2)
    until_grid_is(page, grid_from_strokes(strokes))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_touch_on_a_phone(open_page, scheme):
    page = open_page(
        "/",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme=scheme,
    )
    left, top = canvas_origin(page)
    size = page.locator("canvas.upper-canvas").bounding_box()
    assert left >= 0
    assert left + size["width"] <= 390
    assert size["width"] <= 320
    touch = page.context.new_cdp_session(page)

    def send(kind, points):
        points = [{"x": left + x, "y": top + y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.evaluate("document.querySelector('.stMain').scrollTop")
    for first, *others in SEVEN:
        send("touchStart", [first])
        for point in others:
            send("touchMove", [point])
        send("touchEnd", [])
    assert answer_of(page, 1)[0] == "7"
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == before
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "the page is no wider than the phone"


ACROSS = [line([170, 60], [90, 170], [560, 170]), line([190, 110], [190, 270])]  # a 4
LOOPED = [line([160, 60], [160, 200], [-90, 200], [-90, 260], [160, 260])]  # comes back


def test_ink_outside_the_canvas_is_not_read(page):
    draw(page, ACROSS)
    assert answer_of(page, 2) == ("4", "clear")
    page.get_by_role("button", name="Undo").click()
    answer_of(page, 1)
    clear(page)
    draw(page, LOOPED)
    answer_of(page, 2)
    page.get_by_role("link", name="Train").click()
    page.get_by_role("heading", level=1, name="Train").wait_for()
    page.get_by_role("link", name="Draw").click()
    answer_of(page, 2)
    page.get_by_role("button", name="Undo").click()
    answer_of(page, 0)


INK = """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  .filter((value, i) => i % 4 === 3 && value).length"""


def test_a_touch_that_the_system_cancels_ends_its_stroke(open_page):
    page = open_page("/", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    left, top = canvas_origin(page)
    touch = page.context.new_cdp_session(page)

    def send(kind, *points):
        points = [{"x": left + x, "y": top + y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for strokes, last in enumerate(("touchCancel", "touchEnd", "touchCancel"), 1):
        first, *others = line([60 * strokes, 60], [60 * strokes, 260])
        send("touchStart", first)
        for point in others:
            send("touchMove", point)
        send(last)
        answer_of(page, strokes)
        layers = (page.locator(f".dc-canvas.{name}-canvas") for name in ("lower", "upper"))
        drawn, being_drawn = (layer.evaluate(INK) for layer in layers)
        assert drawn > 2000 * strokes
        assert being_drawn == 0


def test_blank_dot_and_scribble_get_no_class(page):
    assert answer_of(page, 0) == ("", "blank")
    draw(page, [[[150, 150], [151, 151]]])
    assert answer_of(page, 1) == ("", "faint")
    clear(page)
    draw(page, [[[x, y] for y in range(40, 290, 24) for x in (40, 280)]])
    assert answer_of(page, 1) == ("", "scribble")


def test_undo_takes_the_last_stroke_back(page):
    draw(page, [*SEVEN, line([60, 280], [250, 60])])
    answer_of(page, 2)
    page.get_by_role("button", name="Undo").click()
    assert answer_of(page, 1)[0] == "7"
    page.wait_for_timeout(200)
    draw(page, [line([130, 160], [210, 160])])
    answer_of(page, 2)


def test_the_drawing_survives_a_visit_to_another_page(page):
    draw(page, SEVEN)
    answer_of(page, 1)
    page.get_by_role("link", name="Train").click()
    page.get_by_role("heading", level=1, name="Train").wait_for()
    page.get_by_role("link", name="Draw").click()
    assert answer_of(page, 1)[0] == "7"
    page.wait_for_timeout(300)
    draw(page, [line([130, 160], [210, 160])])
    answer_of(page, 2)


def test_a_cell_is_switched_by_mouse_and_by_keyboard(page):
    draw(page, SEVEN)
    answer_of(page, 1)
    grid = grid_from_strokes(SEVEN)
    cells = page.get_by_role("switch")
    assert cells.count() == 64
    expect(cells.nth(int(grid.argmax()))).to_be_checked()  # the answer comes first
    shown = [cell.get_attribute("aria-checked") == "true" for cell in cells.all()]
    assert shown == grid.ravel().tolist()
    page.get_by_role("switch", name="row 8, column 1").click()
    grid[7, 0] = ~grid[7, 0]
    until_grid_is(page, grid)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    grid[6, 1] = ~grid[6, 1]
    until_grid_is(page, grid)
    page.keyboard.press("Control+z")
    grid[6, 1] = ~grid[6, 1]
    until_grid_is(page, grid)
    page.keyboard.press("Control+z")
    until_grid_is(page, grid_from_strokes(SEVEN))


def test_a_link_restores_grid_and_model(open_page):
    grid = grid_from_strokes(SEVEN)
    page = open_page(f"/?grid={to_hex(grid)}&model=pixels")
    assert answer_of(page, 0)[0] == "7"
    expect(page.get_by_label("Model")).to_have_value("pixels")
    until_grid_is(page, grid)
    page.wait_for_function("location.search === ''")  # a reload brings back what is kept
    page.wait_for_timeout(300)
    page.reload()
    page.locator('#answer[data-class="7"]').wait_for()
    expect(page.get_by_label("Model")).to_have_value("pixels")


def test_a_wrong_link_is_explained_and_the_page_goes_on(open_page):
    page = open_page("/?grid=notacode&model=nosuch")
    page.get_by_text("16 hex characters").wait_for()
    draw(page, SEVEN)
    assert answer_of(page, 1)[0] == "7"


def upload(page, path):
    page.get_by_label("Picture", exact=True).set_input_files(path)


def test_a_picture_in_place_of_a_drawing(page, tmp_path):
    picture([np.array(s, float) for s in SEVEN]).save(tmp_path / "seven.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "seven.png").read_bytes()[:200])
    draw(page, [line([160, 60], [160, 260])])
    assert answer_of(page, 1)[0] == "1"
    upload(page, tmp_path / "broken.png")
    said = page.get_by_text(re.compile("The picture can’t be used: .* What was there before stays"))
    expect(said).to_be_visible()
    assert answer_of(page, 1)[0] == "1"
    page.get_by_role("button", name="Close").click()
    expect(said).to_be_hidden()
    upload(page, tmp_path / "broken.png")
    expect(said).to_be_visible()
    upload(page, tmp_path / "seven.png")
    page.locator('#answer[data-class="7"]').wait_for()
    expect(page.locator(".photo image")).to_be_visible()
    expect(said).to_be_hidden()
    page.keyboard.press("Control+z")
    assert answer_of(page, 1)[0] == "1"


@pytest.mark.parametrize("ink", [(255, 255, 255), (0, 0, 0), (255, 230, 0)])
def test_ink_on_nothing_is_seen_whatever_its_colour(page, tmp_path, ink):
    alpha = picture([np.array(s, float) for s in SEVEN], dark=False)
    layers = [Image.new("L", alpha.size, value) for value in ink]
    Image.merge("RGBA", (*layers, alpha)).save(tmp_path / "seven.png")
    upload(page, tmp_path / "seven.png")
    page.locator('#answer[data-class="7"]').wait_for()


@pytest.mark.parametrize("form", ["square", "circle"])
def test_a_card_with_nothing_around_is_read(page, tmp_path, form):
    card = picture([np.array(s, float) for s in SEVEN], mode="RGBA")
    whole = Image.new("RGBA", (400, 400))
    cut = Image.new("L", card.size, 255 if form == "square" else 0)
    if form == "circle":
        ImageDraw.Draw(cut).ellipse((0, 0, *card.size), fill=255)
    whole.paste(card, (40, 40), cut)
    whole.save(tmp_path / "seven.png")
    upload(page, tmp_path / "seven.png")
    page.locator('#answer[data-class="7"]').wait_for()


def test_what_to_do_with_a_heic_picture_is_said(page, tmp_path):
    heic, other = tmp_path / "photo.heic", tmp_path / "photo.png"
    heic.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300))
    other.write_bytes(b"no picture")
    upload(page, heic)
    page.get_by_text("can't show a HEIC picture: save it as JPEG").wait_for()
    upload(page, other)
    page.get_by_text("can't show it; PNG, JPEG and WebP it can").wait_for()


def test_a_photograph_of_many_megabytes_is_made_smaller_and_cropped_to_one_digit(page, tmp_path):
    seven = np.array(picture([np.array(s, float) for s in SEVEN], side=1000, size=800, pen=70))
    one = np.array(picture([np.array([[0.0, 0.0], [1.0, 100.0]])], side=1000, size=800, pen=70))
    both = np.kron(np.hstack([one, seven]), np.ones((2, 2)))
    grain = np.random.default_rng(0).integers(0, 60, (*both.shape, 3))
    photograph = np.clip(both[:, :, None] - grain, 0, 255)
    Image.fromarray(photograph.astype(np.uint8)).save(tmp_path / "photo.png")
    assert (tmp_path / "photo.png").stat().st_size > 5_000_000
    upload(page, tmp_path / "photo.png")
    box = page.locator(".photo").bounding_box()
    middle, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    page.mouse.move(middle + 5, top + 2)
    page.mouse.down()
    page.mouse.move(middle + 150, top + 150, steps=5)
    page.mouse.up()
    svg, whole = page.locator(".photo svg"), ("viewBox", "0 0 640 320")
    expect(svg).not_to_have_attribute(*whole)
    page.locator('#answer[data-class="7"]').wait_for()
    page.keyboard.press("Control+z")
    expect(svg).to_have_attribute(*whole)
    page.get_by_role("button", name="Undo").focus()
    for _ in range(10):  # the picture comes before its tools
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.photo')"):
            break
    expect(page.get_by_text("With keys: arrows move a frame")).to_be_visible()
    for key, times in (("ArrowRight", 7), ("ArrowUp", 7), ("Shift+ArrowDown", 12)):
        for _ in range(times):
            page.keyboard.press(key)
    expect(page.locator(".photo [role=status]")).to_have_text(
        "The frame: 50 to 100 % from the left, 0 to 100 % from the top"
    )
    page.keyboard.press("Enter")
    expect(svg).to_have_attribute("viewBox", "0 0 320 320")
    page.locator('#answer[data-class="7"]').wait_for()


def test_a_link_is_shared_with_its_drawing_and_its_code(page, open_page):
    draw(page, SEVEN)
    answer_of(page, 1)
    page.get_by_role("button", name="Share").click()
    link = page.get_by_label("The link").input_value
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_alt_text("The link as a QR code")).to_be_visible()
    assert "strokes=" in link()
    other = open_page(link().removeprefix(page.url.rstrip("/")))
    assert answer_of(other, 1)[0] == "7"
    until_grid_is(other, grid_from_strokes(SEVEN))
    other.wait_for_function("location.search === ''")


def test_grid_class_and_bars_are_in_sight(open_page):
    for size, touch in (((1280, 800), False), ((1920, 1080), False), ((390, 844), True)):
        width, height = size
        page = open_page("/", viewport={"width": width, "height": height}, has_touch=touch)
        draw(page, SEVEN)
        answer_of(page, 1)
        for part in (".grid", "#answer", ".bars"):
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] <= height, f"{part} at {size}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width


ONES = [line([110, 60], [110, 260]), line([200, 60], [200, 260])]
CROSS = [line([60, 60], [260, 260]), line([260, 60], [60, 260])]
STAY = """() => [".bars", ".chain .model", ".more"]
  .map(part => Math.round(document.querySelector(part).getBoundingClientRect().top))"""


@pytest.mark.parametrize("width", [390, 1024, 1280, 1920])
def test_no_message_moves_the_bars(open_page, tmp_path, width):
    """Whatever is said of a drawing, or of a file, all that stands below keeps its place."""
    (tmp_path / "broken.png").write_bytes(b"no picture")
    view = "?view=projector" if width == 1920 else ""
    page = open_page(f"/{view}", viewport={"width": width, "height": 844})
    rest(page)
    places, verdicts = [page.evaluate(STAY)], []
    scribble = [[x, y] for y in range(40, 290, 24) for x in (40, 280)]
    dot = [[150, 150], [151, 151]]
    for strokes in (SEVEN, [dot], [scribble], ONES, CROSS, [*SEVEN, [[20, 20], [24, 24]]]):
        draw(page, strokes)
        verdicts.append(answer_of(page, len(strokes))[1])
        upload(page, tmp_path / "broken.png")
        page.get_by_text("The picture can’t be used").wait_for()
        places.append(page.evaluate(STAY))
        clear(page)
    assert {"clear", "faint", "scribble", "two"} <= set(verdicts), verdicts
    assert all(place == places[0] for place in places), places


def test_without_the_way_round_the_answer_still_comes(open_page):
    page = open_page("/")
    page.evaluate("HTMLElement.prototype.click = () => {}")  # the listener's press does nothing
    draw(page, SEVEN)
    assert answer_of(page, 1)[0] == "7"


@pytest.mark.parametrize("name", ["draw", "train", "gradient"])
def test_a_page_opens_by_its_link_on_a_fresh_server(open_page, name):
    with serving() as address:
        page = open_page("/" if name == "draw" else f"/{name}", address)
        for other in PAGES:
            page.get_by_role("link", name=other.capitalize(), exact=True).wait_for()
        assert page.locator("[data-testid=stException]").count() == 0
        page.close()
