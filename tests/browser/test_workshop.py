"""A whole lesson in a real browser: a projector, a facilitator's second device, three phones."""

import os
import re
import time

import pytest
from playwright.sync_api import expect

from softmax_core.rooms import Rooms
from tests.browser.harness import free_port, serving, started

PHONE = {"viewport": {"width": 390, "height": 844}}
EIGHT = [(160, 60), (230, 90), (260, 160), (230, 230), (160, 260), (90, 230), (60, 160), (90, 90)]
CIRCLE = [[*EIGHT, EIGHT[0]]]
DRAWINGS = {
    "☐": [[(80, 80), (240, 80), (240, 240), (80, 240), (80, 80)]],
    "△": [[(160, 60), (260, 250), (60, 250), (160, 60)]],
    "○": CIRCLE,
}


def sketch(page, strokes, ink=".ink", shift=0):
    """Draws strokes on a board, `shift` pixels to the right."""
    canvas = page.locator(ink)
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    scale = box["width"] / 320
    for stroke in strokes:
        points = [(box["x"] + scale * (x + shift), box["y"] + scale * y) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def give(page, name, shift=0, strokes=None):
    """Draws, taps the class, and waits until it is confirmed."""
    sketch(page, strokes or DRAWINGS[name], shift=shift)
    page.get_by_role("button", name=name, exact=True).click()
    said(page, "Stored")


def said(page, words):
    expect(page.locator(".said")).to_contain_text(words)


def stage(page, name):
    page.get_by_role("radio", name=name).click()


@pytest.fixture
def room(open_page):
    """The projector's page of a new room, and its code."""
    open_page("/")  # the first visitor of a server
    page = open_page("/workshop")
    page.get_by_role("radio", name="shapes").click()
    expect(page.get_by_role("radio", name="shapes")).to_be_checked()
    page.get_by_role("button", name="Open the room").click()
    caption = page.locator(".join figcaption")
    caption.wait_for()
    return page, caption.inner_text().replace(" ", "")


def test_a_lesson_from_the_first_drawing_to_the_model_at_home(room, open_page, browser, tmp_path):
    projector, code = room
    link = f"/workshop?room={code}"
    early, sleepy = open_page(link, **PHONE), open_page(link, problems=False, **PHONE)
    for n, phone in enumerate((early, sleepy)):
        for name in DRAWINGS:
            for k in range(2):
                give(phone, name, shift=9 * n + 14 * k)
        if phone is early:
            expect(projector.locator(".lacks")).to_contain_text("1 more of ☐")
            expect(projector.locator(".lacks")).to_contain_text("another person")
    expect(projector.locator(".total")).to_have_text("12")
    expect(projector.locator(".lacks")).to_be_empty()

    # One phone is reloaded with a drawing that was not given: it is still there, and is given.
    sketch(early, DRAWINGS["○"], shift=-12)
    early.reload()
    expect(early.get_by_role("button", name="○", exact=True)).to_be_enabled()
    early.get_by_role("button", name="○", exact=True).click()
    said(early, "Stored")
    # One sleeps while it taps; when it wakes, the drawing goes by itself.
    sketch(sleepy, DRAWINGS["○"], shift=-20)
    sleepy.context.set_offline(True)
    sleepy.get_by_role("button", name="○", exact=True).click()
    said(sleepy, "Not confirmed yet")
    sleepy.context.set_offline(False)
    said(sleepy, "Stored")
    # One joins late.
    late = open_page(link, **PHONE)
    for name in DRAWINGS:
        give(late, name, shift=-6)
    expect(projector.locator(".total")).to_have_text("17")

    # A drawing is taken back by who gave it, and one is hidden from a second device.
    late.get_by_role("button", name="Take back your ○").click()
    said(late, "Taken back")
    expect(projector.locator(".total")).to_have_text("16")
    projector.get_by_role("button", name="Show the key").click()
    key = projector.get_by_test_id("stCode").inner_text()
    second = open_page(link)
    second.get_by_role("button", name="I lead this room").click()
    second.get_by_label("The room's key").fill(key)
    second.get_by_role("button", name="Lead", exact=True).click()
    second.get_by_role("button", name="☐", exact=True).first.click()
    second.get_by_role("button", name="Hide this drawing").click()
    expect(projector.locator(".total")).to_have_text("15")
    assert key.replace(" ", "") not in second.url + projector.url
    projector.keyboard.press("Escape")

    # The model learns before everybody's eyes, and goes to every phone.
    stage(projector, "2 Train")
    expect(late.locator(".ask")).to_contain_text("The model is learning")
    expect(second.get_by_role("button", name="Learn", exact=True)).to_be_visible()
    projector.get_by_role("button", name="Learn", exact=True).click()
    projector.get_by_role("button", name="Give this model to everybody").click()
    for phone in (early, sleepy, late):
        expect(phone.locator(".ask")).to_contain_text("try to fool")

    # It says what is drawn; a right and a wrong answer are counted, and training sees neither.
    sketch(late, DRAWINGS["△"], shift=4)
    expect(late.locator(".class")).to_have_text("△")
    late.get_by_role("button", name="△", exact=True).click()
    said(late, "Stored")
    give(late, "☐", strokes=DRAWINGS["△"], shift=-9)
    expect(projector.locator(".numbers.facts")).to_contain_text("1 of 2, 50 %")
    expect(projector.locator(".tile.fooled")).to_have_count(1)
    expect(projector.locator(".total")).to_have_text("15")

    # The model is taken home, and works from disk with the network off.
    late.get_by_text("Take the model home").click()
    with late.expect_download() as download:
        late.get_by_role("button", name="As a page that needs no network").click()
    file = tmp_path / "model.html"
    download.value.save_as(file)
    alone = browser.new_context()
    alone.set_offline(True)
    home = alone.new_page()
    home.goto(file.as_uri())
    for name in DRAWINGS:
        sketch(home, DRAWINGS[name], ink="#ink", shift=3)
        expect(home.locator("#class")).to_have_text(name)
        home.get_by_role("button", name="Clear").click()
    alone.close()


def test_what_was_hidden_is_shown_again(room, open_page):
    projector, code = room
    phone = open_page(f"/workshop?room={code}", **PHONE)
    give(phone, "△")
    projector.get_by_role("button", name="△", exact=True).click()
    projector.get_by_role("button", name="Hide this drawing").click()
    expect(projector.locator(".total")).to_have_text("0")
    projector.get_by_text("Hidden: 1").click()
    projector.get_by_role("button", name="△", exact=True).click()
    projector.get_by_role("button", name="Show it again").click()
    expect(projector.locator(".total")).to_have_text("1")
    expect(projector.locator("details.hidden")).to_be_hidden()


def test_the_code_is_shown_as_large_as_the_screen(room):
    projector, _ = room
    projector.get_by_role("button", name="Show it large").click()
    large = projector.get_by_role("dialog").locator("img")
    expect(large).to_be_visible()
    assert large.bounding_box()["height"] > 0.4 * projector.viewport_size["height"]


def test_a_drawing_can_be_made_with_keys(room, open_page):
    _, code = room
    phone = open_page(f"/workshop?room={code}")
    ink = phone.locator(".ink")
    ink.focus()
    for keys in ("Space", *["ArrowUp"] * 5, "Space", "ArrowLeft", "Space", "Space", "Control+z"):
        phone.keyboard.press(keys)
    phone.get_by_role("button", name="△", exact=True).click()
    said(phone, "Stored")
    expect(phone.get_by_role("button", name="Take back your △")).to_have_count(1)


# Tiles of a row of the wall that can't be seen, and those that are cut in two and can be.
CUT = """box => {
  const [hidden, seen] = [true, false].map(h => [...box.children].filter(
    t => (getComputedStyle(t).visibility === "hidden") === h));
  const end = box.getBoundingClientRect().bottom + 1;
  return [hidden.length, seen.filter(t => t.getBoundingClientRect().bottom > end).length];
}"""
SHADE = """c => [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data]
  .find((v, i, all) => i % 4 === 0 && all[i + 3] === 255)"""


def test_drawings_follow_the_theme(room, open_page):
    projector, code = room
    phone = open_page(f"/workshop?room={code}", color_scheme="light", **PHONE)
    give(phone, "△")
    sketch(phone, DRAWINGS["☐"])
    shown = [phone.locator(".ink"), phone.locator(".grid8"), phone.locator(".own canvas")]
    shown.append(projector.locator(".tile canvas"))
    for theme, dark in (("light", False), ("dark", True), ("light", False)):
        for page in (phone, projector):
            page.emulate_media(color_scheme=theme)
        for canvas in shown:
            end = time.monotonic() + 20
            while (canvas.evaluate(SHADE) > 128) != dark:
                assert time.monotonic() < end, (canvas, theme)
                canvas.page.wait_for_timeout(200)


@pytest.mark.parametrize("classes", ["shapes", "digits"])
def test_what_is_drawn_made_of_it_and_tapped_are_in_sight_together(open_page, classes):
    open_page("/")
    page = open_page("/workshop")
    page.get_by_role("radio", name=classes).click()
    expect(page.get_by_role("radio", name=classes)).to_be_checked()
    page.get_by_role("button", name="Open the room").click()
    caption = page.locator(".join figcaption")
    caption.wait_for()
    phone = open_page(f"/workshop?room={caption.inner_text().replace(' ', '')}", **PHONE)
    sketch(phone, CIRCLE)
    for part in (".ink", ".grid8", ".classes button:last-child"):
        expect(phone.locator(part)).to_be_in_viewport(ratio=0.99)


def test_who_reloads_leads_on_and_who_leaves_does_not(room):
    page, code = room
    page.reload()
    expect(page.get_by_role("radio", name="2 Train")).to_be_visible()
    assert re.fullmatch(f".*/workshop\\?room={code}", page.url)


@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_a_server_that_is_killed_stores_a_drawing_once(open_page, tmp_path, monkeypatch, moment):
    """Killed before it is asked, after it has stored and before it answers, after its answer."""
    database = f"sqlite:///{tmp_path}/rooms.db"
    monkeypatch.setenv("DATABASE_URL", database)
    rooms, port = Rooms(database), free_port()
    who, _ = rooms.create("killed", list(DRAWINGS))
    with started(port) as (address, server):
        phone = open_page(f"/workshop?room={who.code}", address, problems=False, **PHONE)
        sketch(phone, DRAWINGS["△"])
        if moment == "after":
            phone.get_by_role("button", name="△", exact=True).click()
            said(phone, "Stored")
        if moment == "during":
            answers = []

            def swallow(route):
                answers.append(route.fetch())
                route.abort()

            phone.route("**/room/*", swallow, times=1)
            with phone.expect_event("requestfailed"):
                phone.get_by_role("button", name="△", exact=True).click()
        server.kill()
    if moment == "before":
        phone.get_by_role("button", name="△", exact=True).click()
    if moment != "after":
        said(phone, "sent again by itself")
    assert len(rooms.all_drawings(who.code)) == (moment != "before")
    with serving(port):
        expect(phone.locator(".said")).to_contain_text("Stored", timeout=10_000)
        expect(phone.get_by_role("button", name="Take back your △")).to_have_count(1)
    assert [d.label for d in rooms.all_drawings(who.code)] == [1]
    rooms.close()


def test_what_is_outside_the_board_is_not_given(room, open_page):
    _, code = room
    page = open_page(f"/workshop?room={code}")  # with room beside the board
    given = []
    for out in (600, 320):
        sketch(page, [[(170, 60), (90, 170), (out, 170)], [(190, 110), (190, 270)]])
        page.get_by_role("button", name="☐", exact=True).click()
        said(page, "Stored")
        expect(page.get_by_role("button", name="Take back your ☐")).to_have_count(len(given) + 1)
        rooms = Rooms(os.environ["DATABASE_URL"])
        given.append(rooms.all_drawings(code)[-1].grid)
        rooms.close()
    assert given[0] == given[1]


def test_what_people_write_is_shown_as_text(open_page):
    open_page("/")
    page = open_page("/workshop")
    page.get_by_label("Its title").fill("<img src=x onerror=alert(1)> $x$")
    page.get_by_role("radio", name="own classes").click()
    page.get_by_label("Names, with commas between them").fill("<b>1</b>, ![](//h/x)")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Open the room").click()
    expect(page.locator(".room-title")).to_have_text("<img src=x onerror=alert(1)> $x$")
    expect(page.locator(".rows .name").first).to_contain_text("<b>1</b>")


def test_who_leaves_a_room_leaves_its_key(room):
    page, code = room
    kept = f"sessionStorage.getItem('workshop-key-{code}')"
    page.wait_for_function(kept)
    page.get_by_text("The room: close").click()
    page.get_by_role("button", name="Leave the room").click()
    page.get_by_role("button", name="Open the room").wait_for()
    page.wait_for_function(f"{kept} === null")
    page.goto(f"{page.url.split('?')[0]}?room={code}")
    expect(page.locator(".board")).to_be_visible()


def test_what_is_not_seen_of_the_wall_is_not_tabbed_to(room, open_page):
    projector, code = room
    rooms = Rooms(os.environ["DATABASE_URL"])
    for n in range(150):
        strokes = [[[x + n, y] for x, y in DRAWINGS["△"][0]]]
        rooms.contribute(code, label=1, strokes=strokes, secret=f"{n // 30:032x}")
    rooms.close()
    expect(projector.locator(".total")).to_have_text("150")
    for width in (1280, 700):
        projector.set_viewport_size({"width": width, "height": 800})
        projector.wait_for_timeout(500)
        hidden, cut = projector.locator(".rows .tiles").nth(1).evaluate(CUT)
        assert hidden > 0 and cut == 0
